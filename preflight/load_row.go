package preflight

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/internal/sheet"
)

// A Row is a contact for [Load], and where it was found. It prints its line only.
type Row struct {
	Line    int // the line in its file; for 0 Load counts the rows from 1
	Contact genesys.Contact
	Err     error // why the row cannot be read; Load rejects it and goes on

	optedOut  string              // the column that says so
	countries []sheet.CountryCell // of its numbers
}

// String is the line.
func (r Row) String() string { return fmt.Sprintf("row %d", r.Line) }

// Format writes String for every verb.
func (r Row) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue is the line.
func (r Row) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Rejected is a row that was not loaded, and why. It prints no number. It prints its id only if
// that cannot be a number.
type Rejected struct {
	Line      int
	ContactID string

	// Column is the phone column of the number that is not allowed, and Decision is the checker's
	// decision about it. Both are empty if the row was rejected for another reason.
	Column   string
	Decision dnc.Decision

	// Err says why the row cannot be used: it cannot be read, has no id or no number, has the id of
	// another row, has text that is not a number in Column, or the platform refuses it. It is nil if
	// a number is not allowed.
	Err error

	// Existing is true for a contact that was on the list already.
	Existing bool
}

// String is the line and the reason.
func (r Rejected) String() string {
	why := r.Decision.Reason().String()
	if r.Err != nil {
		why = r.Err.Error()
	}
	text := fmt.Sprintf("row %d (%s)",
		r.Line, strings.TrimPrefix(genesys.Mark{ContactID: r.ContactID}.String(), "mark of "))
	if r.Column != "" {
		text += fmt.Sprintf(", column %q", r.Column)
	}
	if r.Existing {
		text += ", on the list already"
	}
	return text + ": " + why
}

// Format writes String for every verb.
func (r Rejected) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue is String.
func (r Rejected) LogValue() slog.Value { return slog.StringValue(r.String()) }

var errNoNumber = errors.New("preflight: the row has no phone number in a phone column of the list")

// rowCell is a number of a row.
type rowCell struct {
	row    *loading
	column string // "": the row has no number that can be asked about
}

// loading is a row on its way.
type loading struct {
	line      int
	contact   genesys.Contact
	countries []sheet.CountryCell
	optedOut  bool
	data      map[string]string // as it is to be written
	numbers   []string          // the phone columns that are not empty
	left      int               // numbers that are not decided yet
	there     bool
	err       error
	worst     *rejection // nil: every number is allowed
	undecided bool       // a number has no full answer
	dropped   []string   // columns whose numbers are not allowed
}

type rejection struct {
	column string
	dnc.Decision
	invalid error
}

// number reads a number of the row, with what other cells say of its country.
func (row *loading) number(column string, parse sheet.Parser) (dnc.Number, error) {
	cell := row.data[column]
	n, err := parse(cell)
	for _, country := range row.countries {
		if err == nil || country.Named {
			n, err = parse.ReadIn(cell, country)
		}
	}
	return n, err
}

// decided notes the answer about one number.
func (row *loading) decided(column string, d dnc.Decision, wrong error) {
	if d.Callable() && !d.Undecided() {
		row.data[column] = d.Number.E164()
		return
	}
	if !d.Number.IsZero() && doubtful(d) {
		row.undecided = true
	}
	row.dropped = append(row.dropped, column)
	if row.optedOut {
		return // that counts before all its numbers
	}
	if row.worst == nil || rank(d) > rank(row.worst.Decision) {
		row.worst = &rejection{column, d, wrong}
	}
}

// rank says which of a contact's numbers is named: a block lasts, doubt may end.
func rank(d dnc.Decision) int {
	switch {
	case d.Number.IsZero():
		return 1
	case doubtful(d):
		return 2
	case later(d):
		return 3
	}
	return 4
}

func (row *loading) rejected() Rejected {
	r := Rejected{Line: row.line, ContactID: row.contact.ID, Existing: row.there, Err: row.err}
	if row.err == nil && row.worst != nil {
		r.Column, r.Decision, r.Err = row.worst.column, row.worst.Decision, row.worst.invalid
	}
	return r
}

// idKey tells contacts apart in little memory.
type idKey [16]byte

type whose byte

const (
	onList whose = iota + 1
	inRows
)

// keyOf is the key of a contact's id. The platform spells its own with and without dashes.
func keyOf(id string) idKey {
	plain := strings.ToLower(strings.ReplaceAll(id, "-", ""))
	if len(plain) == 32 && strings.Trim(plain, "0123456789abcdef") == "" {
		id = plain
	}
	sum := sha256.Sum256([]byte(id))
	return idKey(sum[:16])
}

// deriveID is an id in the form of the platform's own that the same contact has each time.
func deriveID(listID string, data map[string]string) string {
	var b []byte
	add := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	add(strings.ToLower(listID))
	for _, column := range slices.Sorted(maps.Keys(data)) {
		add(column)
		add(data[column])
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// maskDigits keeps a number out of an error that a file without a header would put there.
func maskDigits(s string) string {
	digits := 0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	if digits < 7 {
		return s
	}
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return '*'
		}
		return c
	}, s)
}
