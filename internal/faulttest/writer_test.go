package faulttest

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// Replace with the reply to its n-th request lost, for every n there is: nil exactly if the new
// list is in force.
func TestReplaceLosesAReply(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := redistest.StartProxy(t, s)
	for name, change := range map[string]func(*redis.UniversalOptions){
		"with a retry":    func(*redis.UniversalOptions) {},
		"without a retry": func(o *redis.UniversalOptions) { o.MaxRetries = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			direct := newWriter(t, connect(t, s.URL()))
			list := newChecker(t, connect(t, s.URL()), dnc.RequireMarker())
			for n, lost := 0, true; lost; n++ {
				require.Less(t, n, 100)
				_, err := direct.Replace(ctx, sequence(theList(t)...))
				require.NoError(t, err)
				added := number(t, 1)
				before := p.Lost()
				p.LoseReply("", n)
				w := newWriter(t, connect(t, p.URL(), change))
				count, err := w.Replace(ctx, sequence(append(theList(t), added)...))
				lost = p.Lost() > before
				d, unknown := list.Check(ctx, added)
				require.NoError(t, unknown, "request %d", n)
				inForce := d.Verdict == dnc.Block
				assert.Equal(t, err == nil, inForce, "reply %d: the new list is in force: %v; Replace: %v", n, inForce, err)
				if err == nil {
					assert.Equal(t, len(theList(t))+1, count, "reply %d", n)
				}
				s.Do(t, "srem", "dnc:blacklist", added.E164())
				require.NoError(t, right(t, list), "reply %d", n)
			}
		})
	}
}

// The reply of the swap is lost and the server cannot be asked afterwards: the error says that it
// is in doubt, and never that the old list is in force.
func TestReplaceInDoubt(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := redistest.StartProxy(t, s)
	w := newWriter(t, connect(t, p.URL()))
	_, err := w.Replace(ctx, sequence(theList(t)...))
	require.NoError(t, err)
	p.LoseReply("rename", 0)
	require.NoError(t, w.SetGeoRule(ctx, "+1900", dnc.GeoRule{}), "the connection exists")
	p.Refuse()
	added := number(t, 1)
	_, err = w.Replace(ctx, sequence(append(theList(t), added)...))
	require.Equal(t, 1, p.Lost())
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
	assert.NotContains(t, err.Error(), "the old list is in force")
	hint(t, err, "in force")
	d, err := newChecker(t, connect(t, s.URL())).Check(ctx, added)
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict, "the server ran the swap")
}

// Add and Remove count what they changed although the first reply is lost and the client repeats
// the command.
func TestAddAndRemoveLoseAReply(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	load(t, s)
	p := redistest.StartProxy(t, s)
	var many []dnc.Number
	for i := range 2500 {
		many = append(many, number(t, 5000+i))
	}
	for n := range 3 {
		t.Run(fmt.Sprintf("reply %d", n), func(t *testing.T) {
			w := newWriter(t, connect(t, p.URL()))
			p.LoseReply("dnc:blacklist", n)
			added, err := w.Add(ctx, many...)
			if err == nil {
				assert.Equal(t, len(many), added)
			} else {
				require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
			}
			p.LoseReply("dnc:blacklist", n)
			_, err = w.Add(ctx, many...)
			require.NoError(t, err)
			p.LoseReply("dnc:blacklist", n)
			removed, err := w.Remove(ctx, many...)
			require.NoError(t, err)
			assert.Equal(t, len(many), removed)
			assert.EqualValues(t, len(theList(t)), s.Do(t, "scard", "dnc:blacklist"))
		})
	}
	assert.GreaterOrEqual(t, p.Lost(), 9)

	w := newWriter(t, connect(t, p.URL()))
	for _, n := range theList(t)[:2] { // what is on it already is not counted, whatever is lost
		p.LoseReply("dnc:blacklist", 0)
		added, err := w.Add(ctx, n)
		require.NoError(t, err)
		assert.Zero(t, added)
	}
}

// A writer behind a balancer never writes to a replica, and does not report as written what was
// not.
func TestWriterBehindABalancer(t *testing.T) {
	t.Parallel()
	pair, _ := stale(t)
	b := redistest.StartBalancer(t, redistest.To(1), pair.Primary, pair.Replica)
	w := newWriter(t, connect(t, b.URL()))
	begin := time.Now()
	_, err := w.Add(ctx, number(t, 2))
	require.Error(t, err)
	hint(t, err, "replica")
	_, err = w.Replace(ctx, sequence(theList(t)...))
	require.Error(t, err)
	hint(t, err, "replica")
	b.Use(redistest.To(0))
	require.NoError(t, redistest.Eventually(func() error { _, err := w.Add(ctx, number(t, 2)); return err }))
	assert.Less(t, time.Since(begin), healed)
	assert.EqualValues(t, 1, pair.Primary.Do(t, "sismember", "dnc:blacklist", number(t, 2).E164()))
}
