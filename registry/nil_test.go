package registry

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

// A constructor that fails gives nil. Whoever uses it all the same gets an answer that
// says so, and no panic.
func TestNilValues(t *testing.T) {
	t.Parallel()
	var archive *Archive
	var screening *Screening
	var list *Registry
	var snapshot *Snapshot
	require.Zero(t, archive.Info())
	require.Zero(t, screening.Report())
	snapshot.Close()
	for name, c := range map[string]dnc.Checker{
		"OpenArchive": archive.At(time.Now()), "NewScreening": screening, "registry.New": list, "Registry.Snapshot": snapshot,
	} {
		d, err := c.Check(ctx, at(1))
		require.ErrorIs(t, err, dnc.ErrCheckerFailed, name)
		require.ErrorContains(t, err, name)
		require.Equal(t, dnc.Unknown, d.Verdict)
		ds, err := c.CheckBatch(ctx, []dnc.Number{at(1), {}})
		require.ErrorIs(t, err, dnc.ErrCheckerFailed, name)
		require.Equal(t, dnc.Unknown, ds[0].Verdict)
		require.Equal(t, dnc.Block, ds[1].Verdict)
	}
}
