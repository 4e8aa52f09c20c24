package registry

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
)

func TestAnArchiveAnswersForItsDay(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, patient(t, s.URL()))
	put(t, r, seq(at(1), at(2), digits.Number(12025550101)))
	var file bytes.Buffer
	info, err := r.WriteArchive(ctx, &file)
	require.NoError(t, err)
	put(t, r, seq(at(3)))
	a, err := OpenArchive(bytes.NewReader(file.Bytes()))
	require.NoError(t, err)
	require.Equal(t, info, a.Info())

	that := a.At(time.Now())
	for i, want := range map[int]dnc.Verdict{1: dnc.Block, 2: dnc.Block, 3: dnc.Allow} {
		d, err := that.Check(ctx, at(i))
		require.NoError(t, err)
		require.Equal(t, want, d.Verdict)
		require.Equal(t, info.Version, d.Reason().Version)
	}
	d, err := that.Check(ctx, digits.Number(442079460018))
	require.ErrorIs(t, err, dnc.ErrNotCovered)
	require.Equal(t, dnc.Unknown, d.Verdict)
	for _, day := range []time.Duration{-48 * time.Hour, 32 * 24 * time.Hour} {
		_, err := a.At(time.Now().Add(day)).Check(ctx, at(3))
		require.ErrorIs(t, err, dnc.ErrListStale, "%v from now", day)
	}

	for i := range file.Len() {
		damaged := bytes.Clone(file.Bytes())
		damaged[i] ^= 1
		_, err := OpenArchive(bytes.NewReader(damaged))
		require.ErrorIs(t, err, ErrInvalidArchive, "byte %d", i)
		_, err = OpenArchive(bytes.NewReader(file.Bytes()[:i]))
		require.ErrorIs(t, err, ErrInvalidArchive, "cut at %d", i)
	}
}
