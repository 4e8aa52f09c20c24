// Package dirlock keeps a directory to one owner at a time.
package dirlock

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Name is the lock's file in the directory. It stays after Unlock: to remove it would let two
// owners lock two files of the same name.
const Name = "lock"

// ErrLocked is a directory that has an owner already, in this process or in another.
var ErrLocked = errors.New("another owner has this directory open")

// Lock is a directory that is locked. The system releases it when the process ends, however it
// ends.
type Lock struct{ file *os.File }

// Acquire locks a directory that exists, or fails at once. The error is ErrLocked if somebody else
// has it. On systems without a lock that ends with its process, as js/wasm, it is
// errors.ErrUnsupported.
func Acquire(dir string) (*Lock, error) {
	path := filepath.Join(dir, Name)
	f, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &Lock{f}, nil
}

// Unlock releases the directory, at once also if a process is being started just then: until it runs
// it shares all open files.
func (l *Lock) Unlock() error { return errors.Join(unlock(l.file), l.file.Close()) }
