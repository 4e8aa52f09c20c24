package listfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/dnc-go/dnc"
)

const maxTag = 4096

// parseXML reads <list>, <ac> and <ph>. It is a tokenizer rather than an XML parser: the
// regulator's own sample closes <list/> and then again.
func parseXML(f *file, in io.Reader, yield yield) bool {
	x := &xmlReader{f: f, in: bufio.NewReaderSize(in, maxTag), start: f.offset}
	for {
		tag, err := x.next()
		switch {
		case errors.Is(err, io.EOF) && x.closed:
			return true
		case errors.Is(err, io.EOF):
			return f.end(yield, "it is cut off: it ends before </list>; download it again")
		case err != nil:
			return f.end(yield, "line %d, byte %d: %w", f.line, f.offset, f.unreadable(err))
		}
		n, found, err := x.tag(tag)
		switch {
		case errors.Is(err, ErrFile):
			yield(dnc.Number{}, err)
			return false
		case err != nil || found:
			if !yield(n, err) {
				return false
			}
		}
	}
}

type xmlReader struct {
	f      *file
	in     *bufio.Reader
	start  int64
	read   int64
	opened bool
	closed bool
	list   []byte // the area code that <list> has
	ac     []byte // the area code of <ac>
	inAC   bool
}

var (
	errText    = errors.New("there is text outside of a tag: it is not a list of this format")
	errLongTag = errors.New("a tag is longer than any of this format")
	errNoList  = badRow("the number is outside of a list")
)

// next is the inside of the next tag.
func (x *xmlReader) next() ([]byte, error) {
	for {
		c, err := x.in.ReadByte()
		if err != nil {
			return nil, err
		}
		x.read++
		switch c {
		case '\n':
			x.f.line++
		case ' ', '\t', '\r', 0:
			if c == 0 {
				return nil, errText
			}
		case '<':
			x.f.offset = x.start + x.read - 1
			tag, err := x.in.ReadSlice('>')
			x.read += int64(len(tag))
			switch {
			case errors.Is(err, bufio.ErrBufferFull):
				return nil, errLongTag
			case err != nil:
				return nil, err
			}
			return tag[:len(tag)-1], nil
		default:
			return nil, errText
		}
	}
}

// tag takes a tag, and returns the number of a <ph>.
func (x *xmlReader) tag(tag []byte) (n dnc.Number, found bool, err error) {
	f := x.f
	lines := int64(bytes.Count(tag, []byte{'\n'}))
	defer func() { f.line += lines }()
	name, rest := tagName(tag)
	switch name {
	case "?xml", "!--":
		return n, false, nil
	case "ph", "/ph":
		if name == "/ph" {
			return n, false, nil
		}
		val, other := attribute(rest, "val")
		if other {
			return n, false, f.unusable("line %d, byte %d: its numbers have more than their value: it is a change list; download the full list",
				f.line, f.offset)
		}
		area := x.list
		if x.inAC {
			area = x.ac
		}
		if len(val) > 0 && len(val) < 7 { // leading zeros may be missing
			padded := append(bytes.Repeat([]byte{'0'}, 7-len(val)), val...)
			val = padded
		}
		if !x.opened || x.closed {
			return n, false, f.row(errNoList)
		}
		n, err = f.number(area, val)
		return n, true, err
	case "ac":
		val, _ := attribute(rest, "val")
		x.ac, x.inAC = append(x.ac[:0], val...), true
		x.says(val)
	case "/ac":
		x.inAC = false
	case "list":
		kind, _ := attribute(rest, "type")
		val, _ := attribute(rest, "val")
		switch {
		case x.opened:
			return n, false, f.unusable("line %d, byte %d: a second list begins: give one list a file",
				f.line, f.offset)
		case string(kind) != "full":
			return n, false, f.unusable("it is not a full list: download that; a change list says nothing about the numbers that were on it before")
		}
		x.opened, x.list = true, append(x.list[:0], val...)
		x.says(val)
	case "/list":
		x.closed = true
	default:
		return n, false, f.unusable("line %d, byte %d: it has tags that are not known here", f.line, f.offset)
	}
	return n, false, nil
}

func (x *xmlReader) says(val []byte) {
	if x.f.section != nil {
		x.f.section(val)
	}
}

func tagName(tag []byte) (name string, rest []byte) {
	if bytes.HasPrefix(tag, []byte("!--")) {
		return "!--", nil
	}
	tag = bytes.TrimSuffix(bytes.TrimSpace(tag), []byte{'/'})
	end := bytes.IndexAny(tag, " \t\r\n")
	if end < 0 {
		end = len(tag)
	}
	return string(bytes.ToLower(tag[:end])), tag[end:]
}

// attribute is the value of an attribute, in single or double quotes, and whether there are others.
func attribute(rest []byte, name string) (value []byte, others bool) {
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return value, others || len(rest) > 0
		}
		key := bytes.TrimSpace(rest[:eq])
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '\'' && rest[0] != '"' {
			return value, true
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return value, true
		}
		if string(key) == name && value == nil {
			value = rest[1 : 1+end]
		} else {
			others = true
		}
		rest = rest[end+2:]
	}
}
