package genesys

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
)

// row is a row of an export under its header.
type row struct {
	header *header
	cells  []string
	line   int
}

type header struct {
	names           []string // as they are written: " phone" is another column than "phone"
	at              map[string]int
	twice           string // a name that is there twice
	number, expires int    // of a DNC list
	id, callable    int    // of a contact list
	flagsOf         map[string]phoneFlags
}

// phoneFlags are the platform's columns, or -1, that say whether the number in a phone column may
// be dialled.
type phoneFlags [3]int

// flags finds the platform's columns for a phone column.
func (h *header) flags(column string) phoneFlags {
	if f, ok := h.flagsOf[column]; ok {
		return f
	}
	at := func(name string) int {
		if i, ok := h.at[name]; ok && i >= h.callable { // the platform's columns stand after the list's own
			return i
		}
		return -1
	}
	return phoneFlags{at("ContactableByVoice"), at("Callable-" + column), at("ContactableByVoice-" + column)}
}

// maxRow bounds one row: 50 columns of 512 bytes and the platform's own are under 100 KiB.
const maxRow = 1 << 20

// rows reads an export: UTF-8 with a byte order mark, where the first header cell of contact lists
// stands in doubled quotes. check looks at the header: without rows, any text is a header and an
// empty list.
func rows(file io.Reader, check func(*header) error) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		bounded := &rowReader{r: file, left: maxRow}
		buffered := bufio.NewReaderSize(bounded, 64<<10)
		first, err := buffered.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			yield(row{}, fileError(1, err))
			return
		}
		if bytes.HasPrefix(first, []byte("\x1f\x8b")) || bytes.HasPrefix(first, []byte("PK\x03\x04")) {
			yield(row{}, fileError(1, errors.New("it is a packed file (gzip or zip), and no table")))
			return
		}
		first = bytes.TrimPrefix(first, []byte("\ufeff"))
		if len(bytes.TrimSpace(first)) == 0 || bytes.HasPrefix(bytes.TrimSpace(first), []byte("<")) {
			yield(row{}, fileError(1, errors.New("there is no header: this is not an export")))
			return
		}
		if bytes.HasPrefix(first, []byte(`""`)) {
			first = bytes.Replace(first, []byte(`""`), []byte(`"`), 2) // of the first cell alone
		}
		reader := &records{in: bufio.NewReaderSize(io.MultiReader(bytes.NewReader(first), buffered), 64<<10)}
		names, _, err := reader.next()
		if err != nil {
			yield(row{}, fileError(1, err))
			return
		}
		head := newHeader(names)
		err = check(head)
		if slices.ContainsFunc(names, func(name string) bool { return strings.ContainsRune(name, '\r') }) {
			err = errors.New("the header has a carriage return without a line feed: rows may have been taken for a part of it")
		}
		if err != nil {
			yield(row{}, fileError(1, err))
			return
		}
		for last := 1; ; {
			bounded.left = maxRow
			cells, line, err := reader.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				if p, ok := errors.AsType[*csv.ParseError](err); ok {
					last, err = p.StartLine, p.Err
				}
				yield(row{}, fileError(last, err))
				return
			}
			last = line
			if !yield(row{head, cells, line}, nil) {
				return
			}
		}
	}
}

func fileError(line int, err error) error {
	if !errors.Is(err, errRow) && !errors.Is(err, csv.ErrFieldCount) && !errors.Is(err, csv.ErrQuote) &&
		!errors.Is(err, csv.ErrBareQuote) {
		if cut := safeNetError(err); cut.Error() != "it could not be read" {
			err = cut
		}
	}
	return fmt.Errorf("%w: line %d of the export: %w", ErrUnexpectedReply, line, err)
}

var errRow = errors.New("it is longer than 1 MiB")

// rowReader fails when one row has more than maxRow bytes; the reader of rows sets left anew before
// each.
type rowReader struct {
	r    io.Reader
	left int
	err  error // how it ended: a body that was read to its end may answer otherwise when it is read again
}

func (r *rowReader) Read(p []byte) (int, error) {
	switch {
	case r.err != nil:
		return 0, r.err
	case r.left <= 0:
		return 0, errRow
	}
	n, err := r.r.Read(p)
	r.left, r.err = r.left-n, err
	return n, err
}

func newHeader(names []string) *header {
	h := &header{names: names, at: make(map[string]int, len(names)), number: -1, expires: -1, id: -1, callable: -1}
	for i, name := range names {
		h.at[name] = i
		if slices.Contains(names[:i], name) {
			h.twice = cmp.Or(h.twice, name, "without a name")
		}
		switch name {
		case "inin-outbound-id":
			h.id = i
		case "ContactCallable":
			h.callable = i
		}
	}
	if h.callable >= 0 {
		flags := make(map[string]phoneFlags, h.callable)
		for _, name := range names[:h.callable] {
			flags[name] = h.flags(name)
		}
		h.flagsOf = flags
	}
	return h
}

// ofDNCList finds the columns of a DNC list's export. Their names are nowhere documented, so what
// counts is what they are about; a header in which that is not clear is refused, as a guess could
// read the wrong numbers.
func (h *header) ofDNCList() error {
	if len(h.names) < 3 {
		return errors.New("there are fewer than three columns: this is not an export")
	}
	if slices.ContainsFunc(h.names, personal.MatchString) {
		return errors.New("the first row has a number: there is no header")
	}
	var err error
	if h.number, err = h.about("numbers", "phone", "number"); err != nil {
		return err
	}
	h.expires, err = h.about("expiries", "expir")
	return err
}

// about is the one column whose name has one of the words.
func (h *header) about(what string, words ...string) (int, error) {
	found := -1
	for i, name := range h.names {
		name = strings.ToLower(name)
		if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) }) {
			continue
		}
		if found >= 0 {
			return 0, fmt.Errorf("there are two columns of %s: which one counts cannot be known", what)
		}
		found = i
	}
	if found < 0 {
		return 0, fmt.Errorf("there is no column of %s, or no header", what)
	}
	return found, nil
}

func (h *header) ofContactList() error {
	switch {
	case h.id < 0 || h.callable < 0:
		return errors.New("there is no column inin-outbound-id or ContactCallable")
	case h.twice != "":
		return fmt.Errorf("the header has a column twice, %q: it is not known which of the two is dialled; rename the list's own",
			clean(h.twice, 64))
	}
	return nil
}

func (r row) dncEntry() (DNCEntry, error) {
	e := DNCEntry{Number: strings.TrimSpace(r.cells[r.header.number])}
	digits := 0
	for _, c := range []byte(e.Number) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case !strings.ContainsRune("+ ().-/", rune(c)):
			digits = -100
		}
	}
	if (digits < 3 || digits > 20) && !isEmail(e.Number) {
		return DNCEntry{}, fileError(r.line, errors.New("there is something else in the place of the number"))
	}
	text := strings.TrimSpace(r.cells[r.header.expires])
	if text == "" {
		return e, nil
	}
	for _, layout := range []string{expiryLayout, time.RFC3339Nano} {
		if t, err := time.Parse(layout, text); err == nil {
			e.Expires = t.UTC()
			return e, nil
		}
	}
	return DNCEntry{}, fileError(r.line, errors.New("there is something else in the place of the expiry"))
}

func (r row) contact() ExportedContact {
	h := r.header
	return ExportedContact{
		ID: r.cells[h.id], Callable: strings.EqualFold(r.cells[h.callable], "true"), header: h, cells: r.cells,
	}
}
