package registry

import (
	"errors"
	"math/rand/v2"
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

// chaos loses and repeats one pipeline in twenty, and takes the lease away now and then.
type chaos struct {
	t      *testing.T
	s      *redistest.Server
	mu     sync.Mutex
	random *rand.Rand
}

func (c *chaos) pipeline(cmds []redis.Cmder, send func() error) error {
	c.mu.Lock()
	x := c.random.IntN(100)
	c.mu.Unlock()
	lose := func() error {
		for _, cmd := range cmds {
			cmd.SetErr(errTest)
		}
		return errTest
	}
	switch {
	case x < 1: // it never arrives
		return lose()
	case x < 3: // its reply does not
		_ = send()
		return lose()
	case x < 5: // it arrives twice
		_ = send()
	case x < 6 && cmds[0].Name() == "sadd":
		c.s.Do(c.t, "del", "dnc:list:national:lease")
	}
	return send()
}

// Three importers that also roll back and delete, with faults in every pipeline: a number that is
// on each of their lists is never allowed, one that is on none is never blocked, and what is in
// force is never incomplete for long.
func TestChaos(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	client := func(i uint64) *Registry {
		rdb := universal(t, s.URL())
		rdb.AddHook(onPipeline((&chaos{t: t, s: s, random: rand.New(rand.NewPCG(seed, i))}).pipeline))
		r, err := New(rdb, "national", WithPolling(5*time.Millisecond, time.Second))
		require.NoError(t, err)
		r.leaseFor = 60 * time.Millisecond
		return r
	}
	const always, never = 14155550000, 14155550001
	var importers, checkers sync.WaitGroup
	var over atomic.Bool
	for i := range uint64(3) {
		importers.Go(func() {
			r := client(i)
			random := rand.New(rand.NewPCG(seed, 100+i))
			for range 150 {
				switch random.IntN(10) {
				case 0:
					_ = r.Delete(ctx)
				case 1, 2:
					_, _ = r.Rollback(ctx)
				default:
					vs := []uint64{12125550000 + random.Uint64N(1000), always}
					for range random.IntN(600) {
						vs = append(vs, 12120000000+random.Uint64N(10_000_000))
					}
					imp := national()
					imp.MaxShrink = 1
					report, err := r.Replace(ctx, plain(vs...), imp)
					assert.Equal(t, report.Version != "", err == nil || errors.Is(err, ErrTooFewReplicas), "%v", err)
				}
			}
		})
	}
	for i := range uint64(2) {
		checkers.Go(func() {
			r := client(10 + i)
			snapshot, _ := r.Snapshot(ctx)
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for !over.Load() {
				<-tick.C
				if snapshot == nil {
					snapshot, _ = r.Snapshot(ctx)
				}
				for _, c := range []dnc.Checker{r, snapshot} {
					if c == dnc.Checker((*Snapshot)(nil)) {
						continue
					}
					d, err := c.Check(ctx, digits.Number(always))
					assert.NotEqual(t, dnc.Allow, d.Verdict, "%T", c)
					assert.Equal(t, d.Verdict == dnc.Unknown, err != nil)
					ds, _ := c.CheckBatch(ctx, []dnc.Number{digits.Number(never), digits.Number(always)})
					assert.NotEqual(t, dnc.Block, ds[0].Verdict, "%T", c)
					assert.NotEqual(t, dnc.Allow, ds[1].Verdict, "%T", c)
				}
			}
			if snapshot != nil {
				snapshot.Close()
			}
		})
	}
	importers.Wait()
	over.Store(true)
	checkers.Wait()

	r, err := New(universal(t, s.URL()), "national")
	require.NoError(t, err)
	again(t, r, oldList())
	require.Equal(t, "old", newOracle().which(t, r))
	again(t, r, oldList())
	again(t, r, oldList())
	require.Len(t, versionsOf(keysOf(t, s)), 2, "nothing else is left")
}
