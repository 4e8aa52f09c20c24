package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/registry"
)

// input is a file as it was found.
type input struct {
	path     string
	size     int64
	modified time.Time
}

// findFiles looks at the files without reading them. They are read twice, so a pipe is refused.
func findFiles(paths []string) (files []input, total int64, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, 0, err
		}
		if !info.Mode().IsRegular() {
			return nil, 0, fmt.Errorf("%w: %s is not a file: name the files of a directory one by one, and save the output of a pipe to a file", errUsage, path)
		}
		files = append(files, input{path, info.Size(), info.ModTime()})
		total += info.Size()
	}
	return files, total, nil
}

// oldest is when the first of the files was last changed.
func oldest(files []input) time.Time {
	t := files[0].modified
	for _, f := range files[1:] {
		if f.modified.Before(t) {
			t = f.modified
		}
	}
	return t
}

// counted counts the bytes that are read of a file, also of a zip, which is read at places.
type counted struct {
	file *os.File
	n    *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.file.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func (c counted) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.file.ReadAt(p, at)
	c.n.Add(int64(n))
	return n, err
}

func (c counted) Seek(to int64, whence int) (int64, error) { return c.file.Seek(to, whence) }

// checksum is the SHA-256 of one file, or that of the lines that sha256sum prints for several.
func checksum(ctx context.Context, files []input, p *progress) (string, error) {
	p.set(phaseHash, 0, 0)
	all := sha256.New()
	var last string
	for _, f := range files {
		h := sha256.New()
		file, err := os.Open(f.path)
		if err != nil {
			return "", err
		}
		stop := context.AfterFunc(ctx, func() { _ = file.Close() }) // a read heeds no context
		_, err = io.Copy(h, counted{file, &p.bytes})
		stop()
		_ = file.Close()
		if cause := context.Cause(ctx); cause != nil {
			return "", cause
		}
		if err != nil {
			return "", err
		}
		last = fmt.Sprintf("%x", h.Sum(nil))
		_, _ = fmt.Fprintf(all, "%s  %s\n", last, filepath.Base(f.path))
	}
	p.bytes.Store(0)
	p.set(registry.PhaseRead, 0, 0)
	if len(files) == 1 {
		return last, nil
	}
	return fmt.Sprintf("%x", all.Sum(nil)), nil
}

// reading is the numbers of the files, and their source.
type reading struct {
	files  []input
	format listfile.Format
	p      *progress
	rows   int64   // numbers and rejected rows so far
	starts []int64 // how many there were before each file
}

// all are the numbers of all files. A file that has changed since it was looked at ends them with
// an error.
func (r *reading) all(yield func(dnc.Number, error) bool) {
	for _, f := range r.files {
		r.starts = append(r.starts, r.rows)
		if !r.one(f, yield) {
			return
		}
	}
	for _, f := range r.files {
		info, err := os.Stat(f.path)
		if err == nil && (info.Size() != f.size || !info.ModTime().Equal(f.modified)) {
			err = fmt.Errorf("%s was changed while it was read: perhaps its download still runs. Import it after the download", f.path)
		}
		if err != nil {
			yield(dnc.Number{}, err)
			return
		}
	}
}

func (r *reading) one(f input, yield func(dnc.Number, error) bool) (ok bool) {
	file, err := os.Open(f.path)
	if err != nil {
		yield(dnc.Number{}, err)
		return false
	}
	defer func() { _ = file.Close() }()
	ok = true
	listfile.Read(f.path, counted{file, &r.p.bytes}, r.format)(func(n dnc.Number, err error) bool {
		r.rows++
		ok = yield(n, err) && (err == nil || !errors.Is(err, listfile.ErrFile))
		return ok
	})
	return ok
}

// place is the file of the row-th row, and which of its rows it is.
func (r *reading) place(row int64) (path string, of int64) {
	for i := len(r.starts) - 1; i >= 0; i-- {
		if row > r.starts[i] {
			return r.files[i].path, row - r.starts[i]
		}
	}
	return "", row
}
