package dnc

import (
	"fmt"
	"io"
	"log/slog"
	"unsafe"

	"github.com/dnc-go/dnc/internal/numberkey"
)

// Number is a telephone number in E.164: a country code and a national number, 7 to 15 digits
// together. It is a comparable value of 8 bytes, good as a map key. The zero Number is not a
// number: every Checker blocks it as invalid_number.
//
// A Number prints itself masked, as in +1******0123: with every verb of fmt, in slog and in JSON.
// Use E164 where you need the full number.
type Number struct {
	// The digits as an integer, XORed with a random key of the process. Package fmt prints unexported
	// fields of other people's structs without asking any method: what it finds there must not be the
	// number either.
	v uint64
}

func (n Number) number() Number { return n }

const (
	minDigits = 7  // the shortest international number in use
	maxDigits = 15 // ITU-T E.164 (11/2010), 6.1
)

func numberOf(digits uint64) Number { return Number{digits ^ numberkey.Key} }

// digits is the number as an integer; 0 for the zero Number.
func (n Number) digits() uint64 {
	if n.v == 0 {
		return 0
	}
	return n.v ^ numberkey.Key
}

// IsZero reports whether n is the zero Number.
func (n Number) IsZero() bool { return n.v == 0 }

// E164 is the full number, such as "+14155550123", and "" for the zero Number. No other method
// returns the full number. It is personal data: keep it out of logs, errors and traces.
func (n Number) E164() string {
	if n.v == 0 {
		return ""
	}
	var buf [maxDigits + 1]byte
	return string(n.appendE164(buf[:0]))
}

func (n Number) appendE164(b []byte) []byte {
	if n.v == 0 {
		return b
	}
	var buf [maxDigits + 1]byte
	i := len(buf)
	for d := n.digits(); d > 0; d /= 10 {
		i--
		buf[i] = byte('0' + d%10)
	}
	i--
	buf[i] = '+'
	return append(b, buf[i:]...)
}

// String is the masked number. It shows the first digit and the last four, or the last two of a
// number with fewer than ten digits. The zero Number is "invalid".
func (n Number) String() string {
	if n.v == 0 {
		return "invalid"
	}
	var buf [maxDigits + 1]byte
	b := n.appendE164(buf[:0])
	shown := 4
	if len(b) < 11 {
		shown = 2
	}
	for i := 2; i < len(b)-shown; i++ {
		b[i] = '*'
	}
	return string(b)
}

// Format masks the number in every verb, with every flag.
func (n Number) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		_, _ = io.WriteString(f, `"`+n.String()+`"`)
		return
	}
	width, _ := f.Width()
	if f.Flag('-') {
		width = -width
	}
	_, _ = fmt.Fprintf(f, "%*s", width, n.String())
}

// LogValue masks the number in slog.
func (n Number) LogValue() slog.Value { return slog.StringValue(n.String()) }

// MarshalText returns the masked number. So a Number is masked in JSON, and in slog's JSON handler,
// at any depth. To store full numbers use E164.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads a full number as ParseNumber does; a masked one is refused.
func (n *Number) UnmarshalText(text []byte) error {
	if len(text) > maxSpell {
		return errTooLong
	}
	v, err := ParseNumber(unsafe.String(unsafe.SliceData(text), len(text))) // ParseNumber keeps nothing of its argument
	if err != nil {
		return err
	}
	*n = v
	return nil
}
