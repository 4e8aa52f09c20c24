package registry

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
)

// dense is a shard whose blocks are all bitmaps: 1.25 MB.
func dense(area uint64) (vs []uint64) {
	for v := area * shardSize; v < (area+1)*shardSize; v += 13 {
		vs = append(vs, v)
	}
	return vs
}

func throttled(t *testing.T, p *redistest.Proxy, timeout time.Duration) *Registry {
	t.Helper()
	o, err := dnc.RedisOptions(p.URL())
	require.NoError(t, err)
	o.ReadTimeout = timeout
	rdb := redis.NewUniversalClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	return open(t, rdb)
}

// A dense shard takes a second over a line of 10 Mbit/s, and a reply may take 300 ms: it is read in
// parts.
func TestSnapshotOverASlowLine(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(append(dense(1415), 14165550000)...))
	p := redistest.StartProxy(t, s)
	p.Set(redistest.Spoil{Rate: 10_000_000})
	o, err := dnc.RedisOptions(p.URL())
	require.NoError(t, err)
	snapshot, err := throttled(t, p, o.ReadTimeout).Snapshot(ctx)
	require.NoError(t, err)
	defer snapshot.Close()
	for v, want := range map[uint64]dnc.Verdict{14150000000: dnc.Block, 14150000001: dnc.Allow, 14165550000: dnc.Block} {
		d, err := snapshot.Check(ctx, digits.Number(v))
		require.NoError(t, err)
		assert.Equal(t, want, d.Verdict)
	}
}

// A line that is too slow for the smallest reply: the error says which option to raise.
func TestSnapshotOverALineThatIsTooSlow(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(dense(1415)...))
	p := redistest.StartProxy(t, s)
	p.Set(redistest.Spoil{Rate: 200_000})
	_, err := throttled(t, p, 500*time.Millisecond).Snapshot(ctx)
	require.ErrorIs(t, err, dnc.ErrStoreTimeout)
	assert.Contains(t, err.Error(), "ReadTimeout")
}
