package registry

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
)

// A Snapshot whose list has a new version that cannot be loaded does not answer from the old one.
func TestSnapshotOfAVersionThatIsDamaged(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()), WithPolling(time.Hour, 2*time.Hour))
	put(t, r, plain(listed))
	snapshot, err := r.Snapshot(ctx)
	require.NoError(t, err)
	defer snapshot.Close()
	put(t, open(t, universal(t, s.URL())), plain(listed, clean))
	s.Do(t, "hdel", "dnc:list:national:2:1415", "_")
	got, _ := verdict(t, snapshot, clean)
	require.Equal(t, dnc.Allow, got, "it has not asked yet")
	require.Error(t, snapshot.refresh(ctx))
	snapshot.failed.Store(r.store.fail(dnc.CodeListIncomplete, "as follow keeps it"))
	unknownAll(t, snapshot, dnc.CodeListIncomplete, listed, clean)
}

// A time limit's own cause stays the store's timeout for one number and for many.
func TestTimeLimitOfABatch(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	o, err := dnc.RedisOptions(s.URL())
	require.NoError(t, err)
	rdb := redis.NewUniversalClient(o)
	defer func() { _ = rdb.Close() }()
	r := open(t, rdb)
	put(t, r, plain(listed))
	got, _ := verdict(t, r, clean)
	require.Equal(t, dnc.Allow, got)
	s.Freeze()
	defer s.Thaw()
	limited := dnc.TimeLimit(r, 50*time.Millisecond)
	d, err := limited.Check(ctx, digits.Number(clean))
	require.ErrorIs(t, err, dnc.ErrStoreTimeout)
	assert.Equal(t, dnc.CodeStoreTimeout, d.Reason().Code)
	ds, err := limited.CheckBatch(ctx, []dnc.Number{digits.Number(clean), digits.Number(listed)})
	require.ErrorIs(t, err, dnc.ErrStoreTimeout)
	assert.Equal(t, dnc.CodeStoreTimeout, ds[1].Reason().Code)
}

// One round trip for each question once the version is known.
func TestOneRoundTrip(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	var pipelines atomic.Int64
	r := hooked(t, s.URL(), func(_ []redis.Cmder, send func() error) error {
		pipelines.Add(1)
		return send()
	})
	got, _ := r.Check(ctx, digits.Number(clean))
	require.Equal(t, dnc.Allow, got.Verdict)
	before := pipelines.Load()
	for i := range 100 {
		_, err := r.Check(ctx, at(i))
		require.NoError(t, err)
	}
	assert.EqualValues(t, 100, pipelines.Load()-before)
}

func TestContentsOfAShard(t *testing.T) {
	t.Parallel()
	bitmap := string(make([]byte, 1250))
	for name, c := range map[string]struct {
		fields  map[string]string
		problem string
	}{
		"right":                  {map[string]string{"_": "2", "0": "\x00\x00", "999": "\x00\x05"}, ""},
		"nothing but the marker": {map[string]string{"_": "0"}, ""},
		"no marker":              {map[string]string{"0": "\x00\x00"}, "marker"},
		"another count":          {map[string]string{"_": "1", "0": "\x00\x00\x00\x01"}, "another count"},
		"count with a zero":      {map[string]string{"_": "01", "0": "\x00\x00"}, "another count"},
		"field too large":        {map[string]string{"_": "1", "1000": "\x00\x00"}, "not a block"},
		"field with a zero":      {map[string]string{"_": "1", "00": "\x00\x00"}, "not a block"},
		"field that is none":     {map[string]string{"_": "1", "x": "\x00\x00"}, "not a block"},
		"lines not ascending":    {map[string]string{"_": "2", "0": "\x00\x01\x00\x00"}, "not a block"},
		"a line twice":           {map[string]string{"_": "2", "0": "\x00\x01\x00\x01"}, "not a block"},
		"line too large":         {map[string]string{"_": "1", "0": "\xff\xff"}, "not a block"},
		"bitmap of nothing":      {map[string]string{"_": "0", "0": bitmap}, "not a block"},
		"odd length":             {map[string]string{"_": "1", "0": "\x00\x00\x00"}, "not a block"},
		"nothing in a block":     {map[string]string{"_": "0", "0": ""}, "not a block"},
	} {
		got, problem := new(shardContents), ""
		for field, value := range c.fields {
			if p := got.add(field, value); p != "" {
				problem = p
			}
		}
		if problem == "" {
			problem = got.check()
		}
		if c.problem == "" {
			require.Empty(t, problem, name)
			assert.Equal(t, len(c.fields)-1, got.fields, name)
		}
		assert.Contains(t, problem, c.problem, name)
	}
}

// A version whose shards are all right, and whose head says another count, has lost a shard from
// its head.
func TestCountOfTheHead(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed))
	s.Do(t, "hset", "dnc:list:national", "count", "2")
	_, err := open(t, universal(t, s.URL())).Snapshot(ctx)
	require.ErrorIs(t, err, dnc.ErrListIncomplete)
}

// The lag is that of the clock that says more: the monotonic one stops while a machine is
// suspended, and the wall clock can be set back.
func TestLagOfTwoClocks(t *testing.T) {
	t.Parallel()
	var l loadedTable
	start := now()
	later := func(monotonic, wall time.Duration) clock {
		return clock{time: start.time.Add(wall), monotonic: start.monotonic + int64(monotonic), wall: start.wall + int64(wall)}
	}
	l.confirm(start)
	assert.Equal(t, time.Duration(0), l.lag(start))
	assert.Equal(t, time.Hour, l.lag(later(time.Hour, time.Hour)))
	assert.Equal(t, time.Minute, l.lag(later(0, time.Minute)), "suspended for a minute")
	assert.Equal(t, time.Second, l.lag(later(time.Second, -time.Minute)), "or the time was set back")
}

// A server that becomes a replica is noticed while its head is known.
func TestServerBecomesAReplica(t *testing.T) {
	t.Parallel()
	s, other := redistest.Start(t), redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed))
	got, _ := verdict(t, r, clean)
	require.Equal(t, dnc.Allow, got)
	s.Do(t, "replicaof", "127.0.0.1", other.Port) // nothing is copied yet, or it would be list_missing
	d, err := r.Check(ctx, digits.Number(clean))
	require.Error(t, err)
	assert.NotEqual(t, dnc.Allow, d.Verdict)
	assert.Contains(t, []string{dnc.CodeStoreMisconfigured, dnc.CodeListMissing, dnc.CodeStoreUnavailable}, d.Reason().Code)
}

// The version changes, twice, while a batch is under way: its blocks are gone then, and it is asked
// anew.
func TestVersionsChangeDuringABatch(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 0)
	for name, urls := range map[string]string{"single": redistest.Start(t).URL(), "cluster": c.URLs()} {
		t.Run(name, func(t *testing.T) {
			writer := open(t, universal(t, urls))
			var vs []uint64
			var ns []dnc.Number
			for i := range uint64(1000) { // blocks of two pipelines and more
				vs = append(vs, 12010000000+i*3*blockSize)
				ns = append(ns, digits.Number(vs[i]), digits.Number(vs[i]+1))
			}
			put(t, writer, plain(vs...))
			var once sync.Once
			r := hooked(t, urls, func(cmds []redis.Cmder, send func() error) error {
				if cmds[0].Name() == "hmget" && len(cmds[0].Args()) > 10 {
					once.Do(func() {
						for range 2 {
							put(t, writer, plain(append(vs, vs[0]+1)...))
						}
					})
				}
				return send()
			})
			_, err := r.Info(ctx)
			require.NoError(t, err)
			ds, err := r.CheckBatch(ctx, ns)
			require.NoError(t, err)
			for i, d := range ds {
				want := []dnc.Verdict{dnc.Block, dnc.Allow}[i%2]
				if i == 1 {
					want = dnc.Block // as in the newer ones
				}
				require.Equal(t, want, d.Verdict, "%d", i)
			}
		})
	}
}
