package listfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dnc-go/dnc"

	"github.com/dnc-go/dnc/internal/sheet"
)

// Files reads several files of one format, one after the other.
func Files(format Format, paths ...string) iter.Seq2[dnc.Number, error] {
	return func(yield func(dnc.Number, error) bool) {
		if len(paths) == 0 {
			yield(dnc.Number{}, fmt.Errorf("%w: no file was given", ErrFile))
		}
		for _, path := range paths {
			in, err := os.Open(path) //nolint:gosec // the caller's path
			if err != nil {
				f := &file{name: path}
				f.end(yield, "%w", f.cause(err))
				return
			}
			ok := read(path, in, format, yield)
			_ = in.Close()
			if !ok {
				return
			}
		}
	}
}

// Read reads a file of a format, and unpacks gzip and zip. name is used in errors, and FTC and
// Canada find the area code in it. It may be "". For a zip, r must also be an io.ReaderAt and an
// io.Seeker, as *os.File is.
//
// A zip may hold one file, or several files with different area codes in their names.
func Read(name string, r io.Reader, f Format) iter.Seq2[dnc.Number, error] {
	return func(yield func(dnc.Number, error) bool) { read(name, r, f, yield) }
}

// file is a list under way: a file, or a member of a zip.
type file struct {
	name, member string
	area         int // the area code that the name says; 0: none
	line         int64
	offset       int64            // of what is being read
	section      func(val []byte) // is told what XML says it is for; nil: nobody asks
}

func (f *file) row(err error) error {
	return &RowError{File: f.name, Member: f.member, Line: f.line, Offset: f.offset, Err: err}
}

func (f *file) unusable(format string, args ...any) error {
	return fmt.Errorf("%w: %s"+format, append([]any{ErrFile, place(f.name, f.member)}, args...)...)
}

func (f *file) end(yield yield, format string, args ...any) bool {
	yield(dnc.Number{}, f.unusable(format, args...))
	return false
}

// read returns whether reading may go on with the next file.
func read(name string, r io.Reader, format Format, yield yield) bool {
	f := &file{name: name, area: areaIn(filepath.Base(name))}
	if format.parse == nil {
		return f.end(yield, "the Format was not made by this package")
	}
	if r == nil {
		return f.end(yield, "the reader is nil")
	}
	head, whole, err := f.look(&moving{r: r})
	if err != nil {
		return f.end(yield, "it cannot be read: %w", err)
	}
	switch {
	case sheet.IsZip(head) && sheet.Office(head) != "":
		return f.end(yield, "%s", sheet.Office(head))
	case sheet.IsZip(head):
		return readZip(f, r, format, yield)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		b := new(budget)
		unpacked, err := gzip.NewReader(&counter{r: whole, n: &b.packed})
		if err != nil {
			return f.end(yield, "it begins like a gzip file, and is not one: %w", f.cause(err))
		}
		return f.list(&bounded{r: unpacked, budget: b}, format, yield)
	}
	return f.list(whole, format, yield)
}

// areaIn is the one area code in a name, three digits by themselves; 0 if there is none or several.
func areaIn(base string) int {
	found := 0
	for _, word := range strings.FieldsFunc(base, func(c rune) bool { return c < '0' || c > '9' }) {
		if len(word) != 3 || word[0] < '2' {
			continue
		}
		if found != 0 {
			return 0
		}
		found, _ = strconv.Atoi(word) // three digits
	}
	return found
}

// sniffed is how much of a file is looked at before it is read.
const sniffed = 4096

// list reads a list that is unpacked.
func (f *file) list(in io.Reader, format Format, yield yield) bool {
	head, in, err := f.look(in)
	if err != nil {
		return f.end(yield, "it cannot be read: %w", err)
	}
	if says := sheet.NotText(head); says != "" {
		return f.end(yield, "%s", says)
	}
	if order := sheet.UTF16In(head); order != sheet.NotUTF16 {
		if head, in, err = f.look(&sheet.UTF16Reader{In: bufio.NewReader(in), Order: order}); err != nil {
			return f.end(yield, "it cannot be read: %w", err)
		}
	}
	if bytes.HasPrefix(head, []byte(byteOrderMark)) {
		head = head[len(byteOrderMark):]
		_, _ = io.CopyN(io.Discard, in, int64(len(byteOrderMark))) // it lies in memory
		f.offset = int64(len(byteOrderMark))
	}
	switch says := sheet.Markup(head); {
	case len(bytes.TrimSpace(head)) == 0 && len(head) < sniffed-len(byteOrderMark):
		return f.end(yield, "it is empty: download it again")
	case says != "":
		return f.end(yield, "%s", says)
	case !format.areas && sheet.NotTable(head) != "":
		return f.end(yield, "%s", sheet.NotTable(head))
	case sheet.IsBinary(head):
		return f.end(yield, "it is not text: is it packed in a way that is not known here, or another file?")
	}
	f.line = 1
	return format.parse(f, in, yield)
}

const byteOrderMark = "\xef\xbb\xbf"

// look is how a list begins, and all of it.
func (f *file) look(in io.Reader) (head []byte, all io.Reader, err error) {
	head = make([]byte, sniffed)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) ||
		n < sniffed && isTruncated(in, err) {
		return nil, nil, f.unreadable(err)
	}
	head = head[:n]
	return head, io.MultiReader(bytes.NewReader(head), in), nil // an error comes again when the rest is read
}
