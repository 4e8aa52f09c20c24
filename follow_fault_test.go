package dnc_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

func TestFollowHasTheRulesOfRedisChecker(t *testing.T) {
	s := redistest.Start(t)
	rdb := universal(t, s.URL())
	f := follow(t, rdb)
	require.ErrorIs(t, f.Wait(ctx), dnc.ErrListMissing)
	s.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	require.NoError(t, redistest.Eventually(func() error { return answersRight(t, f) }))
	small, marked := follow(t, rdb, dnc.WithMinSize(101)), follow(t, rdb, dnc.RequireMarker())
	require.ErrorIs(t, small.Wait(ctx), dnc.ErrListIncomplete)
	require.ErrorIs(t, marked.Wait(ctx), dnc.ErrListIncomplete)
	d, err := small.Check(ctx, numberAt(t, 10))
	require.NoError(t, err)
	assert.Equal(t, dnc.Block, d.Verdict, "what is listed is listed")
	s.Do(t, "sadd", "dnc:blacklist", "!complete")
	require.NoError(t, redistest.Eventually(func() error { return answersRight(t, marked) }))
	says(t, f, numberAt(t, 1), dnc.Allow)
	becomesAfter(t, f, func() { s.Do(t, "srem", "dnc:blacklist", "!complete") }, dnc.CodeListIncomplete) // it was seen once
	s.Do(t, "sadd", "dnc:blacklist", "!complete")
	for _, member := range []string{"14155550123", "(415) 555-0123", "+1 415 555 0123"} {
		require.NoError(t, redistest.Eventually(func() error { return answersRight(t, f) }))
		becomesAfter(t, f, func() { s.Do(t, "sadd", "dnc:blacklist", member) }, dnc.CodeStoreMisconfigured)
		_, err := f.Check(ctx, numberAt(t, 1))
		require.ErrorContains(t, err, "Repair")
		shown(t, err)
		if member == "14155550123" { // what Repair does is in the stream
			_, err := newWriter(t, rdb).Repair(ctx, nil)
			require.NoError(t, err)
			says(t, f, must(t, "+14155550123"), dnc.Block)
			member = "+14155550123"
		}
		s.Do(t, "srem", "dnc:blacklist", member)
		says(t, f, numberAt(t, 1), dnc.Allow)
	}
	s.Do(t, "sadd", "dnc:blacklist", "n/a")
	says(t, f, numberAt(t, 1), dnc.Allow)
	becomesAfter(t, f, func() { s.Do(t, "flushall") }, dnc.CodeListMissing)
	becomesAfter(t, f, func() { s.Do(t, "set", "dnc:blacklist", "x") }, dnc.CodeStoreMisconfigured)
	s.Do(t, "del", "dnc:blacklist")
	lax := follow(t, rdb, dnc.DangerouslyAllowMissingList())
	says(t, lax, numberAt(t, 0), dnc.Allow)
}

// becomesAfter changes something and waits for a reason.
func becomesAfter(t testing.TB, c dnc.Checker, change func(), code string) {
	t.Helper()
	change()
	_ = becomes(t, c, code)
}

func TestFollowOptions(t *testing.T) {
	rdb := universal(t, "redis://127.0.0.1:1")
	for _, o := range []dnc.RedisOption{
		dnc.WithPolling(0, time.Second), dnc.WithPolling(time.Second, time.Second), dnc.WithReload(0), dnc.WithGeoRules("dnc:geo_rules"),
		dnc.WithList("x", "a{b"), nil,
	} {
		_, err := dnc.Follow(ctx, rdb, o)
		require.ErrorIs(t, err, dnc.ErrOption)
	}
	_, err := dnc.Follow(ctx, nil)
	require.ErrorIs(t, err, dnc.ErrOption)
	var none *dnc.FollowedList
	for _, f := range []*dnc.FollowedList{none, {}} {
		_, err := f.Check(ctx, numberAt(t, 1))
		require.ErrorIs(t, err, dnc.ErrCheckerFailed)
		_, err = f.CheckBatch(ctx, []dnc.Number{numberAt(t, 1)})
		require.ErrorIs(t, err, dnc.ErrCheckerFailed)
		_, err = f.Add(ctx, numberAt(t, 1))
		require.ErrorIs(t, err, dnc.ErrCheckerFailed)
		_, err = f.Remove(ctx, numberAt(t, 1))
		require.ErrorIs(t, err, dnc.ErrCheckerFailed)
		require.ErrorIs(t, f.Wait(ctx), dnc.ErrCheckerFailed)
		f.Close()
	}
	panics := func(dnc.Number) string { panic("x") }
	s := redistest.Start(t)
	s.Do(t, "sadd", "dnc:blacklist", "n/a", "!complete")
	f := follow(t, universal(t, s.URL()), dnc.WithMemberFormat(panics), dnc.DangerouslyAllowMissingList())
	_, err = f.Check(ctx, numberAt(t, 1))
	require.Error(t, err)
}

func TestFollowEnds(t *testing.T) {
	s := serve(t)
	rdb := universal(t, s.URL())
	parent, cancel := context.WithCancel(ctx)
	f, err := dnc.Follow(parent, rdb, quiet)
	require.NoError(t, err)
	require.NoError(t, f.Wait(ctx))
	cancel()
	_ = becomes(t, f, dnc.CodeListStale)
	f.Close()
	f = followed(t, rdb)
	f.Close()
	f.Close()
	_, err = f.Check(ctx, numberAt(t, 0))
	require.ErrorIs(t, err, dnc.ErrListStale)
	_, err = f.CheckBatch(ctx, []dnc.Number{numberAt(t, 0), {}})
	require.ErrorIs(t, err, dnc.ErrListStale)
	require.ErrorIs(t, f.Wait(ctx), dnc.ErrListStale)
	n, err := f.Add(ctx, must(t, "+14165550123"))
	require.NoError(t, err, "the list in Redis is still there")
	assert.Equal(t, 1, n)
}

// Behind a balancer a poll can reach a replica that was cut off: its answer is not used, and a
// listed number is never allowed.
func TestFollowABalancerOverACutOffReplica(t *testing.T) {
	pair := redistest.StartPair(t)
	pair.Primary.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	pair.Sync(t)
	pair.Cut(t)
	n := must(t, "+14165550123")
	pair.Primary.Do(t, "sadd", "dnc:blacklist", n.E164())
	balancer := redistest.StartBalancer(t, redistest.RoundRobin(2), pair.Primary, pair.Replica)
	f := follow(t, universal(t, balancer.URL(), noRetries), dnc.WithReload(20*time.Millisecond))
	answered := 0
	for range 300 {
		d, err := f.Check(ctx, n)
		require.False(t, d.Callable())
		if err == nil {
			answered++
		}
		balancer.Reset()
		pause(time.Millisecond)
	}
	replica := follow(t, universal(t, pair.Replica.URL()))
	require.ErrorIs(t, replica.Wait(ctx), dnc.ErrStoreMisconfigured)
	t.Logf("%d of 300 answered", answered)
}

// pause lets some time pass for what is counted in it.
func pause(d time.Duration) { <-time.After(d) }

func TestFollowAFailoverBehindOneName(t *testing.T) {
	pair := redistest.StartPair(t)
	pair.Primary.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	pair.Sync(t)
	name := redistest.StartBalancer(t, redistest.To(0), pair.Primary, pair.Replica)
	f := followed(t, universal(t, name.URL()))
	rightFrom(t, f)
	pair.Switch(t)
	n := must(t, "+14165550123")
	pair.Replica.Do(t, "sadd", "dnc:blacklist", n.E164())
	_ = becomes(t, f, dnc.CodeStoreMisconfigured)
	name.Use(redistest.To(1))
	says(t, f, n, dnc.Block)
	_, err := f.Remove(ctx, n)
	require.NoError(t, err)
	require.NoError(t, redistest.Eventually(func() error { return answersRight(t, f) }))
}

func TestFollowOnACluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 3)
	rdb := universal(t, c.URLs())
	some := many(t, 5000)
	w := newWriter(t, rdb)
	_, err := w.Replace(ctx, numbers(some...))
	require.NoError(t, err)
	f := followed(t, rdb)
	says(t, f, some[4999], dnc.Block)
	n := must(t, "+14165550123")
	_, err = f.Add(ctx, n)
	require.NoError(t, err)
	says(t, f, n, dnc.Block)
	c.AwaitReplicas(t)
	for i := range c.Masters {
		c.Failover(t, i)
	}
	require.NoError(t, redistest.Eventually(func() error {
		_, err := f.Remove(ctx, n)
		return err
	}))
	says(t, f, n, dnc.Allow)
	says(t, f, some[4999], dnc.Block)
}

// A cursor of one server means nothing to another one: here the name leads to another server, with
// the same list, in the middle of the load.
func TestFollowAServerThatChangesDuringTheLoad(t *testing.T) {
	one, two := redistest.Start(t), redistest.Start(t)
	some := many(t, 30_000)
	for _, s := range []*redistest.Server{one, two} {
		_, err := newWriter(t, universal(t, s.URL())).Replace(ctx, numbers(some...))
		require.NoError(t, err)
		s.Do(t, "del", "{dnc:blacklist}:changes")
	}
	p := redistest.StartBalancer(t, redistest.RoundRobin(2), one, two)
	p.Set(redistest.Spoil{Delay: time.Millisecond})
	f := follow(t, universal(t, p.URL()))
	for range 5 {
		pause(5 * time.Millisecond)
		p.Reset()
	}
	require.NoError(t, f.Wait(ctx))
	allListed(t, f, some)
}

func allListed(t testing.TB, c dnc.Checker, ns []dnc.Number) {
	t.Helper()
	ds, err := c.CheckBatch(ctx, ns)
	require.NoError(t, err)
	for i, d := range ds {
		require.Equal(t, dnc.Block, d.Verdict, "number %d", i)
	}
}

func TestFollowReplaceDuringALoad(t *testing.T) {
	s := redistest.Start(t)
	old, next := many(t, 20_000), many(t, 40_000)[20_000:]
	w := newWriter(t, universal(t, s.URL()))
	_, err := w.Replace(ctx, numbers(old...))
	require.NoError(t, err)
	p := redistest.StartProxy(t, s)
	p.Set(redistest.Spoil{Delay: 3 * time.Millisecond})
	f := follow(t, universal(t, p.URL()))
	pause(30 * time.Millisecond) // some pages of 20
	_, err = w.Replace(ctx, numbers(next...))
	require.NoError(t, err)
	for i := range 5 {
		_, err := w.Remove(ctx, next[i])
		require.NoError(t, err)
		_, err = w.Add(ctx, old[i])
		require.NoError(t, err)
	}
	require.NoError(t, f.Wait(ctx))
	says(t, f, next[0], dnc.Allow)
	allListed(t, f, next[5:])
	allListed(t, f, old[:5])
	ds, err := f.CheckBatch(ctx, old[5:])
	require.NoError(t, err)
	for _, d := range ds {
		require.Equal(t, dnc.Allow, d.Verdict)
	}
}

// Another tool that writes all the time does not keep a load from its end, and many writers of this
// library agree with Redis at last.
func TestFollowUnderChange(t *testing.T) {
	s := redistest.Start(t)
	rdb := universal(t, s.URL())
	some := many(t, 10_000)
	_, err := newWriter(t, rdb).Replace(ctx, numbers(some[:8000]...))
	require.NoError(t, err)
	stop := make(chan struct{})
	var foreign, own sync.WaitGroup
	foreign.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				s.Do(t, "sadd", "dnc:blacklist", fmt.Sprintf("+1417%07d", i%50))
				s.Do(t, "srem", "dnc:blacklist", fmt.Sprintf("+1417%07d", (i+25)%50))
			}
		}
	})
	f := followed(t, rdb)
	for lane := range 4 {
		own.Go(func() {
			w := newWriter(t, universal(t, s.URL()))
			random := rand.New(rand.NewPCG(1, uint64(lane)))
			for range 100 {
				n := some[8000+random.IntN(2000)]
				var err error
				switch {
				case lane%2 == 0 && random.IntN(2) == 0:
					_, err = f.Add(ctx, n)
				case lane%2 == 0:
					_, err = f.Remove(ctx, n)
				case random.IntN(2) == 0:
					_, err = w.Add(ctx, n)
				default:
					_, err = w.Remove(ctx, n)
				}
				d, checked := f.Check(ctx, some[random.IntN(8000)])
				if err != nil || checked != nil || d.Verdict != dnc.Block { // it is on the list all the time
					t.Errorf("%v, %v, %v", d, checked, err)
				}
			}
		})
	}
	own.Wait()
	close(stop)
	foreign.Wait()
	plain, err := dnc.NewRedisChecker(rdb, quiet)
	require.NoError(t, err)
	want, err := plain.CheckBatch(ctx, some)
	require.NoError(t, err)
	require.NoError(t, redistest.Eventually(func() error {
		got, err := f.CheckBatch(ctx, some)
		for i := range got {
			if got[i].Verdict != want[i].Verdict {
				return fmt.Errorf("number %d: %v: %w", i, got[i], err)
			}
		}
		return err
	}))
}

// Of what is filled and emptied again and again the table stays right.
func TestFollowManyAddsAndRemoves(t *testing.T) {
	s := redistest.Start(t)
	rdb := universal(t, s.URL())
	some := many(t, 3000)
	_, err := newWriter(t, rdb).Replace(ctx, numbers(some[0]))
	require.NoError(t, err)
	f := followed(t, rdb, dnc.WithReload(time.Hour))
	model := map[dnc.Number]bool{some[0]: true}
	random := rand.New(rand.NewPCG(3, 4))
	for round := range 30 {
		part := some[1+random.IntN(1500):][:random.IntN(1000)+1]
		change := f.Add
		if round%2 == 1 {
			change = f.Remove
		}
		_, err := change(ctx, part...)
		require.NoError(t, err)
		for _, n := range part {
			model[n] = round%2 == 0
		}
		ds, err := f.CheckBatch(ctx, some)
		require.NoError(t, err)
		for i, d := range ds {
			require.Equal(t, !model[some[i]], d.Callable(), "number %d in round %d", i, round)
		}
	}
}

// A removal that Redis refuses is in no stream, so no copy allows the number.
func TestARemovalWithoutTheRightToIt(t *testing.T) {
	s := redistest.Start(t)
	_, err := newWriter(t, universal(t, s.URL())).Replace(ctx, numbers(theList(t)...))
	require.NoError(t, err)
	var rules []any
	for _, r := range rights(t, "redis_writer.go", false) {
		if r != "+srem" {
			rules = append(rules, r)
		}
	}
	user(t, s, "adder", rules)
	w := newWriter(t, universal(t, as(s, "adder")))
	_, err = w.Add(ctx, numberAt(t, 1))
	require.NoError(t, err)
	before := s.Do(t, "xlen", "{dnc:blacklist}:changes")
	_, err = w.Remove(ctx, theList(t)[0])
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	assert.EqualValues(t, 1, s.Do(t, "sismember", "dnc:blacklist", theList(t)[0].E164()))
	assert.Equal(t, before, s.Do(t, "xlen", "{dnc:blacklist}:changes"))
}
