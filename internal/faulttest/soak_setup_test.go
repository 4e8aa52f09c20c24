package faulttest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/registry"
)

// setup is a store for the soak: questions through one client, and what goes wrong meanwhile.
type setup struct {
	questions []question
	faults    []func(over context.Context)
	calm      func() // ends the faults
}

// soakSingle is one server behind a bad network.
func soakSingle(t *testing.T, protocol int) setup {
	t.Helper()
	s := redistest.Start(t)
	p := redistest.StartProxy(t, s)
	rdb := connect(t, p.URL(), recommended, func(o *redis.UniversalOptions) { o.Protocol = protocol })
	direct := connect(t, s.URL())
	fill(t, direct, 0)
	fill(t, direct, 1)
	return setup{
		questions: questions(t, rdb),
		faults:    []func(context.Context){spoil(p), adding(t, direct)},
		calm:      func() { p.Set(redistest.Spoil{}); p.Reset() },
	}
}

// soakCluster is a cluster whose nodes announce the ports of proxies, and whose connections are
// killed by the servers.
func soakCluster(t *testing.T) setup {
	t.Helper()
	c := redistest.StartCluster(t, 3, 0)
	var s setup
	var urls []string
	var proxies []*redistest.Proxy
	for _, m := range c.Masters {
		p := redistest.StartProxy(t, m)
		_, port, err := net.SplitHostPort(p.Addr())
		require.NoError(t, err)
		m.Do(t, "config", "set", "cluster-announce-port", port)
		proxies, urls = append(proxies, p), append(urls, p.URL())
		s.faults = append(s.faults, spoil(p), kill(t, m))
	}
	announced := func() error { // the nodes tell each other
		for _, m := range c.Masters {
			text, _ := m.Do(t, "cluster", "nodes").(string)
			for _, p := range proxies {
				if !strings.Contains(text, p.Addr()+"@") {
					return errNotYet
				}
			}
		}
		return nil
	}
	require.NoError(t, redistest.Eventually(announced))
	rdb := connect(t, strings.Join(urls, ","), recommended)
	direct := connect(t, strings.Join(urls, ","))
	fill(t, direct, 0)
	fill(t, direct, 1)
	s.questions, s.faults = questions(t, rdb), append(s.faults, adding(t, direct))
	s.calm = func() {
		for _, p := range proxies {
			p.Set(redistest.Spoil{})
			p.Reset()
		}
	}
	return s
}

// soakBalancer deals connections in turn to a primary and to a replica that was cut off when half
// of the numbers were on the lists.
func soakBalancer(t *testing.T) setup {
	t.Helper()
	pair := redistest.StartPair(t)
	direct := connect(t, pair.Primary.URL())
	fill(t, direct, 0)
	pair.Sync(t)
	pair.Cut(t)
	fill(t, direct, 1)
	b := redistest.StartBalancer(t, redistest.RoundRobin(2), pair.Primary, pair.Replica)
	return setup{
		questions: questions(t, connect(t, b.URL(), recommended)),
		faults:    []func(context.Context){spoil(b), adding(t, direct)},
		calm:      func() { b.Set(redistest.Spoil{}); b.Use(redistest.To(0)); b.Reset() },
	}
}

// added is how many numbers of the growing list were acknowledged.
var added atomic.Int64

const lists = 3

// Each list has every third number, a geo rule blocks the last thousand on the first of them, the
// registry has every fifth number, and the growing list has the first numbers, more and more.
func onSoakList(k, i int) bool { return i%lists == k }

// fill writes the first half of what is listed, or all of it.
func fill(t *testing.T, rdb redis.UniversalClient, half int) {
	t.Helper()
	limit := 5000 + 5000*half
	write := func(list string, on func(i int) bool) {
		var ns []dnc.Number
		for i := range limit {
			if on(i) {
				ns = append(ns, number(t, i))
			}
		}
		w := newWriter(t, rdb, dnc.WithList(list, "soak:"+list))
		_, err := w.Replace(ctx, sequence(ns...))
		require.NoError(t, err)
		require.NoError(t, w.SetGeoRule(ctx, "+14155559", dnc.GeoRule{RiskLevel: "high"}))
	}
	for k := range lists {
		write(fmt.Sprintf("list%d", k), func(i int) bool { return onSoakList(k, i) })
	}
	write("growing", func(i int) bool { return i == 0 })
	added.Store(1)
	national, err := registry.New(rdb, "national")
	require.NoError(t, err)
	var ns []dnc.Number
	for i := range limit {
		if i%5 == 0 {
			ns = append(ns, number(t, i))
		}
	}
	_, err = national.Replace(ctx, sequence(ns...), registry.Import{Coverage: []string{"1415"}, Obtained: time.Now(), MaxShrink: 1})
	require.NoError(t, err)
}

func questions(t *testing.T, rdb redis.UniversalClient) (qs []question) {
	t.Helper()
	for k := range lists {
		name := fmt.Sprintf("list%d", k)
		opts := []dnc.RedisOption{dnc.WithList(name, "soak:"+name), dnc.RequireMarker()}
		codes := []string{"dnc_" + name}
		if k == 0 {
			opts, codes = append(opts, dnc.WithGeoRules("dnc:geo_rules")), append(codes, "geo_blocked_high")
		}
		qs = append(qs, question{name, newChecker(t, rdb, opts...), codes, func(i int) (bool, bool) {
			on := onSoakList(k, i) || k == 0 && i >= 9000
			return on, !on
		}})
	}
	national, err := registry.New(rdb, "national")
	require.NoError(t, err)
	qs = append(qs, question{"national", national, []string{"dnc_national"}, func(i int) (bool, bool) { return i%5 == 0, i%5 != 0 }})
	growing := newChecker(t, rdb, dnc.WithList("growing", "soak:growing"), dnc.RequireMarker())
	return append(qs, question{"growing", growing, []string{"dnc_growing"}, func(i int) (bool, bool) {
		n := int(added.Load())
		return i < n, i > n+100 // what is under way can be on it or not
	}})
}

// every calls a function at times that are random up to d.
func every(over context.Context, random *rand.Rand, d time.Duration, f func()) {
	for {
		select {
		case <-over.Done():
			return
		case <-time.After(time.Duration(random.Int64N(int64(d)))):
			f()
		}
	}
}

// spoil has a proxy cut, delay, slice, swallow and lose replies at random.
func spoil(p *redistest.Proxy) func(context.Context) {
	return func(over context.Context) {
		random := rand.New(rand.NewPCG(7, 7))
		every(over, random, 30*time.Millisecond, func() {
			p.Set(redistest.Spoil{})
			switch random.IntN(9) {
			case 0:
				p.Set(redistest.Spoil{CutAfter: 1 + random.IntN(3000)})
			case 1:
				p.Set(redistest.Spoil{Slices: 1 + random.IntN(7)})
			case 2:
				p.Set(redistest.Spoil{Delay: time.Duration(random.IntN(400)) * time.Millisecond})
			case 3:
				p.Set(redistest.Spoil{Swallow: true})
			case 4:
				p.LoseReply("", random.IntN(5))
			case 5:
				p.Reset()
			}
		})
	}
}

// kill has a server end all connections of clients.
func kill(t *testing.T, s *redistest.Server) func(context.Context) {
	rdb := s.Client(t)
	return func(over context.Context) {
		random := rand.New(rand.NewPCG(8, 8))
		every(over, random, 100*time.Millisecond, func() {
			_ = rdb.Do(over, "client", "kill", "type", "normal", "skipme", "yes").Err()
		})
	}
}

// adding adds numbers to the growing list, one after the other, and counts them once they are
// acknowledged.
func adding(t *testing.T, rdb redis.UniversalClient) func(context.Context) {
	w := newWriter(t, rdb, dnc.WithList("growing", "soak:growing"))
	return func(over context.Context) {
		random := rand.New(rand.NewPCG(9, 9))
		every(over, random, 2*time.Millisecond, func() {
			i := int(added.Load())
			if i < 9000 {
				if _, err := w.Add(over, number(t, i)); err == nil {
					added.Store(int64(i + 1))
				}
			}
		})
	}
}

// eventuallyRight waits until a question is answered for every number.
func eventuallyRight(q question, numbers []dnc.Number) error {
	return redistest.Eventually(func() error {
		ds, err := q.checker.CheckBatch(ctx, numbers)
		if err != nil {
			return err
		}
		for i, d := range ds {
			yes, no := q.listed(i)
			if yes && d.Verdict != dnc.Block || no && d.Verdict != dnc.Allow {
				return fmt.Errorf("number %d is %v", i, d.Verdict)
			}
		}
		return nil
	})
}
