package dncotel_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
	dncotel "github.com/dnc-go/dnc/otel"
	"github.com/dnc-go/dnc/registry"
)

func TestList(t *testing.T) {
	t.Parallel()
	out := export(t)
	s := redistest.Start(t)
	list, err := registry.New(s.Client(t), "national")
	require.NoError(t, err)
	obtained := time.Now().Add(-time.Hour).Truncate(time.Second)
	clock := dncotel.WithClock(func() time.Time { return obtained.Add(90 * time.Minute) })
	require.NoError(t, dncotel.ObserveList("national", func(ctx context.Context) (dncotel.ListState, error) {
		info, err := list.Info(ctx)
		return dncotel.ListState{Numbers: int64(info.Numbers), Date: info.Obtained}, err
	}, append(slices.Clone(out.opts), clock)...))
	optOuts := dnc.NewMemory("optouts", number(t))
	require.NoError(t, dncotel.ObserveList("optouts", func(context.Context) (dncotel.ListState, error) {
		return dncotel.ListState{Numbers: int64(optOuts.Len())}, nil
	}, out.opts...))

	text := out.text()
	lines(t, text, `dnc_list_available\{list="national",.*\} 0`,
		`dnc_list_available\{list="optouts",.*\} 1`, `dnc_list_size\{list="optouts",.*\} 1`)
	assert.NotRegexp(t, `dnc_list_(size|age_seconds)\{list="national"`, text, "nothing was imported")
	assert.NotRegexp(t, `dnc_list_age_seconds\{list="optouts"`, text, "it has no date")

	_, err = list.Replace(t.Context(), func(yield func(dnc.Number, error) bool) {
		yield(number(t), nil)
	}, registry.Import{Coverage: []string{"1202"}, Obtained: obtained})
	require.NoError(t, err)
	lines(t, out.text(), `dnc_list_available\{list="national",.*\} 1`, `dnc_list_size\{list="national",.*\} 1`,
		`dnc_list_age_seconds\{list="national",.*source="store"\} 5400`)
	assert.NotContains(t, out.all(t), national)
}

// A list that hangs, or says a number in its error, neither holds up the others nor is in an output.
func TestListThatCannotBeRead(t *testing.T) {
	t.Parallel()
	out := export(t)
	var limited bool
	require.NoError(t, dncotel.ObserveList("hangs", func(ctx context.Context) (dncotel.ListState, error) {
		_, limited = ctx.Deadline()
		return dncotel.ListState{Numbers: 7}, errors.New("cannot read +" + canary)
	}, out.opts...))
	text := out.text()
	assert.True(t, limited)
	lines(t, text, `dnc_list_available\{list="hangs",.*\} 0`)
	assert.NotContains(t, text, "dnc_list_size{")
	assert.NotContains(t, out.all(t), national)
}

func TestListOptions(t *testing.T) {
	t.Parallel()
	read := func(context.Context) (dncotel.ListState, error) { return dncotel.ListState{}, nil }
	require.ErrorIs(t, dncotel.ObserveList("national", nil), dncotel.ErrInvalidOption)
	require.ErrorIs(t, dncotel.ObserveList("national", read, nil), dncotel.ErrInvalidOption)
	for _, name := range []string{"", canary, "a b"} {
		require.ErrorIs(t, dncotel.ObserveList(name, read), dncotel.ErrInvalidOption)
	}
}
