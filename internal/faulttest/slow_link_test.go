package faulttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/registry"
)

// A Snapshot over a link of 10 Mbit/s: a dense area code takes a second, longer than the read
// timeout of RedisOptions. It loads, or says which timeout to change.
func TestSnapshotOverASlowLink(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := redistest.StartProxy(t, s)
	national, err := registry.New(connect(t, s.URL()), "national")
	require.NoError(t, err)
	dense := func(yield func(dnc.Number, error) bool) { // every second number of an area code: blocks that do not compress
		for i := 0; i < 10_000_000; i += 2 {
			n, err := dnc.ParseNumber("+1415" + padded(2_000_000+i/2*8/5))
			if !yield(n, err) {
				return
			}
		}
	}
	_, err = national.Replace(ctx, dense, registry.Import{Coverage: []string{"1415"}, Obtained: time.Now()})
	require.NoError(t, err)

	p.Set(redistest.Spoil{Rate: 10_000_000})
	slow, err := registry.New(connect(t, p.URL(), recommended), "national")
	require.NoError(t, err)
	begin := time.Now()
	snapshot, err := slow.Snapshot(ctx)
	t.Logf("loaded after %v", time.Since(begin).Round(time.Millisecond))
	if err != nil {
		hint(t, err, "ReadTimeout")
		return
	}
	defer snapshot.Close()
	listed, err := dnc.ParseNumber("+1415" + padded(2_000_000))
	require.NoError(t, err)
	d, err := snapshot.Check(ctx, listed)
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict)
}

func padded(i int) string {
	s := itoa(i)
	for len(s) < 7 {
		s = "0" + s
	}
	return s
}

// A batch over a slow link answers late or Unknown, and never wrong.
func TestBatchOverASlowLink(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	load(t, s)
	p := redistest.StartProxy(t, s)
	c := newChecker(t, connect(t, p.URL(), recommended))
	for _, spoil := range []redistest.Spoil{{Rate: 50_000}, {Rate: 1_000_000}, {Delay: 400 * time.Millisecond}, {Slices: 1, Delay: time.Millisecond}} {
		p.Set(spoil)
		ns := theList(t)
		ds, _ := c.CheckBatch(ctx, ns)
		for i, d := range ds {
			assert.False(t, d.Callable())
			assert.Equal(t, ns[i], d.Number)
		}
	}
	p.Set(redistest.Spoil{})
	require.NoError(t, redistest.Eventually(func() error { return right(t, c) }))
}
