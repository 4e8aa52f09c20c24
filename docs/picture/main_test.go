package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPictureOfTheReadme(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../flow.svg")
	require.NoError(t, err)
	assert.Equal(t, string(flow()), string(file), "write it anew: go run ./docs/picture > docs/flow.svg")
}
