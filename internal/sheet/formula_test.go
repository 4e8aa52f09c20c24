package sheet

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFormulas(t *testing.T) {
	for in, want := range map[string]string{
		"=\"0123\"":                      "\"=0123\"",
		"a,=\"0123\",b\n=\"01\"\r\n":     "a,\"=0123\",b\n\"=01\"\r\n",
		"\"=\"\"0123\"\"\",=0123,=":      "\"=\"\"0123\"\"\",=0123,=",
		"a=\"0123\",\"x\"=\"y\"":         "a=\"0123\",\"x\"=\"y\"",
		"\"a\n=\"\"x\"\",=\"\"\",=\"1\"": "\"a\n=\"\"x\"\",=\"\"\",\"=1\"",
		"==\"x\"":                        "==\"x\"",
	} {
		for how, reader := range map[string]func(io.Reader) io.Reader{
			"at once": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "with the end": iotest.DataErrReader,
		} {
			got, err := io.ReadAll(NewFormulas(reader(strings.NewReader(in)), ','))
			require.NoError(t, err)
			assert.Equal(t, want, string(got), how)
		}
		got, err := io.ReadAll(iotest.OneByteReader(NewFormulas(strings.NewReader(in), '¦')))
		require.NoError(t, err)
		assert.Equal(t, in, string(got))
	}
	_, err := io.ReadAll(NewFormulas(iotest.ErrReader(io.ErrClosedPipe), ','))
	require.ErrorIs(t, err, io.ErrClosedPipe)
	for cell, want := range map[string]string{"=0123": "0123", "=\"0123\"": "0123", "=+1 415": "+1 415", "'0123": "0123", " \"0123\" ": "0123", "= \"x\"": "x"} {
		assert.Equal(t, want, Bare(cell), cell)
	}
}
