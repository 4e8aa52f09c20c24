package dirlock

import (
	"errors"
	"fmt"
	"os"
)

// errReplaced is an open file whose name means no file, or another one.
var errReplaced = errors.New("it was removed or replaced while it was open")

// InPlace reports an error if an open file is not the one at a path any more. What is written to such
// a file is lost when it is closed, although each write and fsync succeeds.
func InPlace(f *os.File, path string) error {
	named, err := os.Stat(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	opened, openErr := f.Stat()
	switch {
	case openErr != nil:
		return openErr
	case err != nil || !os.SameFile(named, opened):
		return fmt.Errorf("%s: %w", path, errReplaced)
	}
	return nil
}
