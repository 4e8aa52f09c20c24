package listfile

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

// plainRow reads a row of the flat form letter by letter: the word at a time that rows() reads must
// say the same.
func plainRow(row string, area int) (number string, bad error) {
	row = strings.TrimSpace(row)
	code, line, comma := strings.Cut(row, ",")
	if code = unquoted(code); comma {
		line = unquoted(line)
	} else if len(code) == 10 {
		code, line = code[:3], code[3:]
	}
	if len(code) != 3 || len(line) != 7 || strings.Trim(code+line, "0123456789") != "" || code < "200" {
		return "", ErrShape
	}
	if area != 0 && code != strings.TrimSpace(string([]byte{byte('0' + area/100), byte('0' + area/10%10), byte('0' + area%10)})) {
		return "", ErrOtherAreaCode
	}
	return "+1" + code + line, nil
}

func unquoted(cell string) string {
	cell = strings.TrimSpace(cell)
	for _, q := range []string{`"`, `'`} {
		if len(cell) >= 2 && strings.HasPrefix(cell, q) && strings.HasSuffix(cell, q) {
			return strings.TrimSpace(cell[1 : len(cell)-1])
		}
	}
	return cell
}

// Every row of a flat file is a number or an error, whatever it has in it, and the same as when it
// is read alone.
func FuzzFlat(f *testing.F) {
	for _, seed := range []string{
		"415,5551234\n415,5550000\n", "4155551234\r\n415,555123x\n415:5551234\n", "\"415\",\"5551234\"\n\n  \n415,5551234",
		"415,555/234\n415,555:234\n415,\xb05551234\n", "212,5551234\n115,5551234\n", "415,5551234\n\x00\xff\n",
	} {
		f.Add([]byte(seed), uint16(0), uint8(0))
		f.Add([]byte(seed), uint16(415), uint8(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, area uint16, how uint8) {
		if len(data) > 5_000 {
			return
		}
		deliver := []func(io.Reader) io.Reader{deliveries["at once"], iotest.HalfReader, iotest.OneByteReader, iotest.DataErrReader}[how%4]
		fl := &file{name: "x", area: int(area % 1000), line: 1}
		got := collect(t, func(yield func(dnc.Number, error) bool) { parseFlat(fl, deliver(bytes.NewReader(data)), yield) })
		if got.err != nil {
			return // a line as long as the buffer
		}
		var numbers, bad int
		for i, row := range bytes.Split(data, []byte{'\n'}) {
			trimmed := bytes.TrimSpace(row)
			require.LessOrEqual(t, len(trimmed), maxRow)
			require.NotRegexp(t, "[\x00-\x08\x0a-\x1f]", string(trimmed), "it would be several rows")
			if len(trimmed) == 0 {
				continue
			}
			number, err := plainRow(string(row), fl.area)
			if err != nil {
				require.Less(t, bad, len(got.rows))
				require.ErrorIs(t, got.rows[bad], err)
				require.EqualValues(t, i+1, got.rows[bad].Line)
				bad++
				continue
			}
			require.Less(t, numbers, len(got.numbers))
			want, err := dnc.ParseNumber(number)
			require.NoError(t, err)
			require.Equal(t, digits.Of(want), got.numbers[numbers])
			numbers++
		}
		assert.Len(t, got.numbers, numbers)
		assert.Len(t, got.rows, bad)
	})
}

// No file makes a reader panic, hang, or show a number in an error, and none ends without an error
// that says so.
func FuzzRead(f *testing.F) {
	for _, seed := range [][]byte{
		[]byte("415,5551234\n"), []byte("<list type='full' val='415'><ac val='416'><ph val='5551234'/></ac></list>"),
		[]byte("\xef\xbb\xbf\"\"inin-outbound-id\"\",phone\nx,+14155551234\n"), []byte("phone,\"a\nb\"\n+14155551234,\"x\n"),
		[]byte("sep=;\nnote;phone\n\"a;4155551234\nb\";4155551235\n"), []byte("n\x00o\x00,\x00p\x00h\x00o\x00n\x00e\x00\n\x00"),
		[]byte("a\tb\tc\t1\t4155551234\nphone_code,phone_number\r1,4155551234\r"), []byte("<!DOCTYPE html><html>"), gz(f, "415,5551234\n"), zipped(f, "415.txt", "415,5551234\n", "212.txt", "x"),
	} {
		for format := range uint8(8) {
			f.Add(seed, format)
		}
	}
	formats := []Format{
		FTC(), Canada(), GenesysExport(), CSV("phone", dnc.Parser{Country: "1"}.Parse), Lines(nil), NorthAmerica(), VICIdial(),
		CSV("#1", nil, Column("#2"), Where("#3", "x")),
	}
	f.Fuzz(func(t *testing.T, data []byte, format uint8) {
		seen := 0
		for n, err := range Read("list", bytes.NewReader(data), formats[int(format)%len(formats)]) {
			seen++
			if err == nil {
				require.False(t, n.IsZero())
				continue
			}
			require.True(t, n.IsZero())
			_, row := errors.AsType[*RowError](err)
			require.True(t, row || errors.Is(err, ErrFile), "%T", err)
			if row {
				require.NotRegexp(t, longDigits, err.Error())
			}
		}
		if seen == 0 { // a file with a header and nothing else, or of empty lines behind a long blank start
			require.NotEmpty(t, data)
		}
	})
}
