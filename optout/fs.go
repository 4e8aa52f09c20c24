package optout

import (
	"io"
	"os"
	"runtime"

	"github.com/dnc-go/dnc/internal/dirlock"
)

// fileSystem is what the outbox needs of the system; tests have one that loses what was not synced.
type fileSystem interface {
	ReadDir(dir string) ([]string, error)
	ReadFile(path string) ([]byte, error)
	Create(path string) (file, error) // a new file, for appending
	Append(path string) (file, error)
	Mark(path string) (markFile, error) // a file that is written over
	Rename(from, to string) error
	Remove(path string) error
	SyncDir(dir string) error
}

type file interface {
	io.WriteCloser
	Sync() error
}

type markFile interface {
	io.WriterAt
	io.Closer
}

type osFiles struct{}

func (osFiles) ReadDir(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

func (osFiles) ReadFile(path string) ([]byte, error) { return os.ReadFile(path) } //nolint:gosec // a file of the caller's directory

func (osFiles) Create(path string) (file, error) {
	return osFileOf(os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)) //nolint:gosec // as above
}

func (osFiles) Append(path string) (file, error) {
	return osFileOf(os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0o600)) //nolint:gosec // as above
}

func (osFiles) Mark(path string) (markFile, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600) //nolint:gosec // as above
	if err != nil {
		return nil, err
	}
	return f, nil
}

type osFile struct{ *os.File }

func osFileOf(f *os.File, err error) (file, error) {
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Sync fails also if the file was removed or replaced: then nothing of it is there after a restart.
func (f osFile) Sync() error {
	if err := f.File.Sync(); err != nil {
		return err
	}
	return dirlock.InPlace(f.File, f.Name())
}

func (osFiles) Rename(from, to string) error { return os.Rename(from, to) }

func (osFiles) Remove(path string) error { return os.Remove(path) }

// SyncDir makes a new name in a directory safe. Windows has no such call, and needs none: NTFS
// writes names to its journal.
func (osFiles) SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir) //nolint:gosec // as above
	if err != nil {
		return err
	}
	err = d.Sync()
	if closed := d.Close(); err == nil {
		err = closed
	}
	return err
}
