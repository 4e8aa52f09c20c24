package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// output is where the rows go: standard output, or a file beside the one they are for until they
// are complete.
type output struct {
	*bufio.Writer
	file  *os.File // nil: standard output
	name  string
	force bool // replace a file of that name
}

// openOutput prepares -out. It refuses what cannot be replaced as a whole: a directory, a device,
// the input itself, and a list. A file that is there is replaced only with force.
func openOutput(name string, in any, lists []string, stdout io.Writer, force bool) (*output, error) {
	if name == "-" {
		return &output{Writer: bufio.NewWriterSize(stdout, 64<<10)}, nil
	}
	mode := fs.FileMode(0o600) // it holds telephone numbers
	switch info, err := os.Stat(name); {
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: -out is not a regular file; use - for standard output", errUsage)
	case err == nil && sameFile(in, info):
		return nil, fmt.Errorf("%w: -in and -out are the same file", errUsage)
	case err == nil && isList(lists, info):
		return nil, fmt.Errorf("%w: -out is a file of -list, and its numbers would be lost", errUsage)
	case err == nil && !force:
		return nil, fmt.Errorf("%w: the file of -out exists already: use another name, or -force to replace it",
			errUsage)
	case err == nil:
		mode = info.Mode().Perm()
		if name, err = filepath.EvalSymlinks(name); err != nil { // the file is replaced, not the link to it
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*.part")
	if err != nil {
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			err = p.Err // of a name that nobody has given
		}
		return nil, fmt.Errorf("no file can be made in %q, the directory of -out: %w", filepath.Dir(name), err)
	}
	o := &output{Writer: bufio.NewWriterSize(file, 64<<10), file: file, name: name, force: force}
	if err := file.Chmod(mode); err != nil {
		o.discard()
		return nil, err
	}
	return o, nil
}

// sameFile finds a file also behind links and behind standard input.
func sameFile(in any, out fs.FileInfo) bool {
	f, ok := in.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && os.SameFile(info, out)
}

func isList(lists []string, out fs.FileInfo) bool {
	return slices.ContainsFunc(lists, func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && os.SameFile(info, out)
	})
}

// commit makes the file appear under its name, complete and on the disk.
func (o *output) commit() error {
	if err := o.Flush(); err != nil {
		return err
	}
	if o.file == nil {
		return nil
	}
	err := o.file.Sync()
	if closed := o.file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = o.rename()
	}
	if err != nil {
		_ = os.Remove(o.file.Name())
	}
	o.file = nil
	return err
}

// rename gives the file its name. Without force it looks once more that nobody has taken the name.
func (o *output) rename() error {
	if _, err := os.Lstat(o.name); !o.force && err == nil {
		return errors.New("another program has created the file of -out in the meantime, and it is not replaced: run again with another name")
	}
	return os.Rename(o.file.Name(), o.name)
}

// discard leaves nothing behind; after commit it does nothing. What standard output has got already
// stays there.
func (o *output) discard() {
	if o.file != nil {
		_ = o.file.Close()
		_ = os.Remove(o.file.Name())
		o.file = nil
	}
}
