package listfile

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Lists shrink to a tenth when they are packed. What grows to more than a hundred times its size is
// not a list.
const (
	maxGrowth = 100
	freeBytes = 64 << 20 // that are not counted
)

var errBomb = errors.New("it grows out of all proportion when it is unpacked, which no list does")

// budget is how much a file has grown.
type budget struct {
	packed, unpacked int64 // bytes
}

// bounded is what is unpacked.
type bounded struct {
	r      io.Reader
	budget *budget
	err    error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.r.Read(p)
	b.budget.unpacked += int64(n)
	if b.budget.unpacked > freeBytes+maxGrowth*b.budget.packed {
		n, err = 0, errBomb
	}
	b.err = err
	return n, err
}

const maxIdle = 100 // reads that bring nothing

// moving gives a reader up that brings nothing, again and again, and no error either.
type moving struct {
	r    io.Reader
	idle int
	err  error // is kept: a reader may say it once, to somebody who looks ahead
}

func (m *moving) Read(p []byte) (n int, err error) {
	if m.err != nil {
		return 0, m.err
	}
	n, m.err = m.r.Read(p)
	if m.idle++; n > 0 || len(p) == 0 {
		m.idle = 0
	} else if m.err == nil && m.idle > maxIdle {
		m.err = io.ErrNoProgress
	}
	return n, m.err
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n *int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	return n, err
}

// isTruncated reports whether a short read was the end of packed data that is cut off, rather than
// of the file. io.ReadFull makes io.ErrUnexpectedEOF of both.
func isTruncated(in io.Reader, err error) bool {
	b, ok := in.(*bounded)
	return ok && err != nil && b.err != nil && !errors.Is(b.err, io.EOF)
}

// unreadable is an error of reading, with a hint.
func (f *file) unreadable(err error) error {
	err = f.cause(err)
	switch {
	case errors.Is(err, errBomb):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("it is damaged or cut off: download it again: %w", err)
	}
	return err
}

// cause is an error of reading without the file's name, which what wraps it says.
func (f *file) cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok && p.Path == f.name {
		return p.Err
	}
	return err
}
