package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPictures(t *testing.T) {
	t.Parallel()
	for path, draw := range pictures {
		file, err := os.ReadFile("../../" + path)
		require.NoError(t, err)
		assert.Equal(t, string(draw()), string(file), "%s is another picture; draw it again: go run ./docs/picture", path)
	}
}
