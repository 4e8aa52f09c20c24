package genesys

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type recordAt struct {
	cells []string
	line  int
}

// plainly is what encoding/csv reads.
func plainly(in io.Reader) (all []recordAt, err error) {
	r := csv.NewReader(in)
	for {
		cells, err := r.Read()
		if err != nil {
			return all, err
		}
		line, _ := r.FieldPos(0)
		all = append(all, recordAt{cells, line})
	}
}

func quickly(in io.Reader) (all []recordAt, err error) {
	r := &records{in: bufio.NewReaderSize(in, 64)}
	for {
		cells, line, err := r.next()
		if err != nil {
			return all, err
		}
		all = append(all, recordAt{cells, line})
	}
}

func compareRecords(t *testing.T, text string) {
	t.Helper()
	want, wantErr := plainly(strings.NewReader(text))
	got, err := quickly(strings.NewReader(text))
	assert.Equal(t, want, got, "%q", text)
	if bad, ok := errors.AsType[*csv.ParseError](wantErr); ok {
		require.Error(t, err)
		assert.Equal(t, bad.Error(), err.Error(), "%q", text)
		return
	}
	assert.Equal(t, wantErr, err, "%q", text)
}

// FuzzRecords looks that both ways to read CSV give the same.
func FuzzRecords(f *testing.F) {
	for _, text := range []string{
		"", "\n", "a", "a,b\n1,2\n", "a,b\r\n1,2\r\n", "a,b\n\n\r\n1,2\n", "a,b\n1\n2,3\n", "a\r\n\r\r\n", "a,b\r\r\n1,2\r",
		"\"a\",\"b\"\n\"1\",2\n", "a,b\n\"x\"\"y\",2\n3,4\n", "a,b\n\"x\ny\",2\n3,4\n5\n", "a,b\n1,x\"y\n", "a,b\n\"1\"x,2\n", "a,b\n\"1,2\n",
		"a,b\n\"1\",\n,\n", "a,b\n" + strings.Repeat("x", 200) + ",2\n3,4\n", "\xff,\"\x00\"\n\xef\xbb\xbf,1", ",\n,\n", "\"\"\n\"\"\n", "a,b\n1,2", "a\n\"", "a,b\n1,\"",
	} {
		f.Add(text)
	}
	f.Fuzz(compareRecords)
}

// An error of the reader is that of the record it is in, and what was in front of it was read.
func TestRecordsOfABrokenReader(t *testing.T) {
	broken := errors.New("broken")
	for _, text := range []string{"a,b\n1,2\n3,", "a,b\n1,2\n", "a,b\n\"1\n"} {
		r := &records{in: bufio.NewReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)))}
		var err error
		n := 0
		for ; err == nil; n++ {
			_, _, err = r.next()
		}
		require.ErrorIs(t, err, broken, text)
		assert.Positive(t, n-1)
	}
}
