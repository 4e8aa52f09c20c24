package dnc_test

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

type row struct {
	line  int
	phone string
}

func rows(n int, end error) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		for i := range n {
			phone := "+1415555" + strconv.Itoa(10_000 + i%10_000)[1:]
			if i%10 == 9 {
				phone = "bad"
			}
			if !yield(row{i, phone}, nil) {
				return
			}
		}
		if end != nil {
			yield(row{}, end)
		}
	}
}

func phoneOf(r row) (dnc.Number, error) { return dnc.ParseNumber(r.phone) }

func TestStream(t *testing.T) {
	list := dnc.NewMemory("blacklist", must(t, "+14155550001"))
	for _, size := range []int{0, 1, 99, 100, 101, 300, 25_000} {
		i := 0
		for c, err := range dnc.Stream(ctx, list, rows(size, nil), phoneOf) {
			require.NoError(t, err)
			require.Equal(t, i, c.Input.line)
			if c.Input.phone == "bad" {
				require.Equal(t, dnc.CodeInvalidNumber, c.Decision.Reason().Code)
			} else {
				require.Equal(t, c.Input.phone != "+14155550001", c.Decision.Callable())
			}
			i++
		}
		assert.Equal(t, size, i)
	}
}

func TestStreamEndsWithTheErrorOfItsInput(t *testing.T) {
	broken := errors.New("broken file")
	i := 0
	var last error
	for c, err := range dnc.Stream(ctx, memory(t, []dnc.Number{must(t, "+14155550001")}), rows(150, broken), phoneOf) {
		require.NoError(t, last, "something followed the error")
		if last = err; err == nil {
			require.Equal(t, i, c.Input.line)
			i++
		}
	}
	require.ErrorIs(t, last, broken)
	assert.Equal(t, 150, i, "what was read before the error is answered")
}

func TestStreamAnUnknownIsADecision(t *testing.T) {
	for c, err := range dnc.Stream(ctx, unknownFor(dnc.CodeListMissing), rows(5, nil), phoneOf) {
		require.NoError(t, err)
		assert.Equal(t, dnc.CodeListMissing, c.Decision.Reason().Code)
	}
	for c, err := range dnc.Stream(ctx, nil, rows(5, nil), phoneOf) {
		require.NoError(t, err)
		assert.Equal(t, dnc.CodeCheckerFailed, c.Decision.Reason().Code)
	}
}

func TestStreamStopsWithItsContext(t *testing.T) {
	cause := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(context.Background())
	endless := func(yield func(row, error) bool) {
		for i := 0; ; i++ {
			if i == 1000 {
				cancel(cause)
			}
			if !yield(row{i, "+14155550002"}, nil) {
				return
			}
		}
	}
	i := 0
	var last error
	for c, err := range dnc.Stream(ctx, memory(t, []dnc.Number{must(t, "+14155550001")}), endless, phoneOf) {
		require.NoError(t, last)
		if last = err; err == nil {
			require.Equal(t, i, c.Input.line)
			i++
		}
	}
	require.ErrorIs(t, last, cause)
	assert.GreaterOrEqual(t, i, 1000)
}

func TestStreamCanBeBrokenOff(t *testing.T) {
	stopped := false
	in := func(yield func(row, error) bool) {
		defer func() { stopped = true }()
		rows(1_000_000, nil)(yield)
	}
	for c, err := range dnc.Stream(ctx, memory(t, []dnc.Number{must(t, "+14155550001")}), in, phoneOf) {
		require.NoError(t, err)
		if c.Input.line == 5000 {
			break
		}
	}
	assert.True(t, stopped)
}

func TestStreamSaysWhyInputsAreInvalid(t *testing.T) {
	list := dnc.NewMemory("blacklist", must(t, "+14155550123"))
	in := func(yield func(string, error) bool) {
		_ = yield("(415) 555-0123", nil) && yield("+14155550100", nil)
	}
	var invalid []error
	for c, err := range dnc.Stream(ctx, list, in, dnc.ParseNumber) {
		require.NoError(t, err)
		invalid = append(invalid, c.Invalid)
		assert.Equal(t, c.Invalid != nil, c.Decision.Reason().Code == dnc.CodeInvalidNumber)
	}
	require.Len(t, invalid, 2)
	require.ErrorIs(t, invalid[0], dnc.ErrInvalidNumber)
	require.ErrorContains(t, invalid[0], "Country")
	require.NoError(t, invalid[1])
}
