package gzipbomb

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOf(t *testing.T) {
	bomb := Of(20 << 20)
	assert.Less(t, len(bomb), 40<<10)
	r, err := gzip.NewReader(bytes.NewReader(bomb))
	require.NoError(t, err)
	n, err := io.Copy(io.Discard, r)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.GreaterOrEqual(t, n, int64(20<<20))
}
