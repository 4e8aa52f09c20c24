package listfile

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/dnc-go/dnc/internal/sheet"
)

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
	if says := sheet.Document(z); says != "" {
		return f.end(yield, "%s", says)
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
		if m.Flags&1 != 0 {
			return member.end(yield, "it is encrypted: unpack it with its password first")
		}
		in, err := m.Open()
		if errors.Is(err, zip.ErrAlgorithm) {
			return member.end(yield, "it is packed in a way that is not read here (method %d): unpack it first", m.Method)
		}
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
