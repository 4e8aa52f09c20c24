package listfile

import (
	"archive/zip"
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
)

// Files reads several files of a format, one after the other.
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

// Read reads a file of a format. name is for errors and, in the formats that say so, for the area code in it; it may be "". A gzip or zip
// is unpacked. A zip must be read from something that is also an io.ReaderAt and io.Seeker, as *os.File is: its directory is at the end.
//
// A zip may have one member, or several of which each names an area code of its own.
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
		return f.end(yield, "the Format is none of this package")
	}
	if r == nil {
		return f.end(yield, "the reader is nil")
	}
	in := &moving{r: r}
	head := make([]byte, sniffed)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return f.end(yield, "it cannot be read: %w", f.unreadable(err))
	}
	head = head[:n]
	whole := io.MultiReader(bytes.NewReader(head), in)
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return readZip(f, r, format, yield)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		b := new(budget)
		unpacked, err := gzip.NewReader(&counter{r: whole, n: &b.packed})
		if err != nil {
			return f.end(yield, "it begins as a gzip file does, and is none: %w", f.cause(err))
		}
		return f.list(&bounded{r: unpacked, budget: b}, format, yield)
	}
	return f.list(whole, format, yield)
}

func readZip(f *file, r io.Reader, format Format, yield yield) bool {
	at, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	})
	if !ok {
		return f.end(yield, "a zip cannot be read from a stream: open the file, or unpack it first")
	}
	size, err := at.Seek(0, io.SeekEnd)
	if err != nil {
		return f.end(yield, "it cannot be read: %w", f.unreadable(err))
	}
	z, err := zip.NewReader(at, size)
	if err != nil {
		return f.end(yield, "the zip is damaged or cut off: download it again: %w", f.cause(err))
	}
	members, problem := lists(z)
	if problem != "" {
		return f.end(yield, "%s", problem)
	}
	left := &budget{packed: size} // one for all members: they may share their packed bytes
	for _, m := range members {
		member := &file{name: f.name, member: m.Name, area: areaIn(filepath.Base(m.Name))}
		switch {
		case member.area == 0:
			member.area = f.area
		case f.area != 0 && f.area != member.area && len(members) == 1:
			return member.end(yield, "the file is named for area code %d, and has one of %d in it", f.area, member.area)
		}
		in, err := m.Open()
		if err != nil {
			return member.end(yield, "it cannot be unpacked: %w", f.cause(err))
		}
		ok := member.list(&bounded{r: in, budget: left}, format, yield)
		_ = in.Close()
		if !ok {
			return false
		}
	}
	return true
}

const maxMembers = 10_000

// lists are the members of a zip that are lists, or why they are not clear.
func lists(z *zip.Reader) ([]*zip.File, string) {
	var out []*zip.File
	areas := map[int]bool{}
	unclear := false
	for _, m := range z.File {
		base := filepath.Base(m.Name)
		if m.FileInfo().IsDir() || strings.HasPrefix(base, "._") || base == ".DS_Store" { // what macOS puts beside
			continue
		}
		area := areaIn(base)
		unclear = unclear || area == 0 || areas[area]
		areas[area] = true
		out = append(out, m)
	}
	switch {
	case len(out) == 0:
		return nil, "the zip has no file in it"
	case len(out) > maxMembers:
		return nil, fmt.Sprintf("the zip has more than %d files in it", maxMembers)
	case len(out) > 1 && unclear:
		return nil, "the zip has several files in it, and they are not one for each area code: which of them is the list? Unpack it, and give that one"
	}
	return out, ""
}

// areaIn is the one area code in a name, three digits by themselves; 0 if there is none or not one.
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
	head := make([]byte, sniffed)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) || n < sniffed && isTruncated(in, err) {
		return f.end(yield, "it cannot be read: %w", f.unreadable(err))
	}
	head = head[:n]
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		head = head[3:]
		f.offset = 3
	}
	switch {
	case len(bytes.TrimSpace(head)) == 0 && n < sniffed:
		return f.end(yield, "it is empty: download it again")
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return f.end(yield, "it is UTF-16: save it as UTF-8")
	case isHTML(head):
		return f.end(yield, "it is a web page, not a list: the session may have ended before the download; log in and download it again")
	case isBinary(head):
		return f.end(yield, "it is not text: is it packed in a way that is not known here, or another file?")
	}
	f.line = 1
	return format.parse(f, io.MultiReader(bytes.NewReader(head), in), yield)
}

func isHTML(head []byte) bool {
	text := strings.ToLower(string(head))
	return strings.Contains(text, "<!doctype html") || strings.Contains(text, "<html") || strings.Contains(text, "<body")
}

// isBinary reports whether there are bytes that no text has.
func isBinary(head []byte) bool {
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return true
		}
	}
	return false
}
