package faulttest

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// incidents collects what is reported.
type incidents struct {
	mu  sync.Mutex
	all []dnc.Incident
}

func (l *incidents) options() []dnc.ProtectOption {
	return []dnc.ProtectOption{
		dnc.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))),
		dnc.WithIncidents(func(i dnc.Incident) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.all = append(l.all, i)
		}),
	}
}

func (l *incidents) of(event string) (n, numbers int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, i := range l.all {
		if i.Event == event {
			n++
			numbers += i.Numbers
		}
	}
	return n, numbers
}

// One call in four fails: the outage is reported when it begins and at a rate, and its end after it
// is over for good.
func TestIncidentsOfAnOutageWithSuccesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		var sick atomic.Bool
		failures := 0
		list := dnc.CheckerFunc(func(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
			if sick.Load() && calls.Add(1)%4 == 0 {
				return dnc.CheckerFunc(func(context.Context, []dnc.Number) ([]dnc.Decision, error) {
					ds := make([]dnc.Decision, len(ns))
					for i, n := range ns {
						ds[i] = dnc.Decision{Number: n, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeStoreUnavailable, List: "blacklist"})}
					}
					return ds, &dnc.Error{Code: dnc.CodeStoreUnavailable, List: "blacklist"}
				})(ctx, ns)
			}
			ds := make([]dnc.Decision, len(ns))
			for i, n := range ns {
				ds[i] = dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeAllowed, List: "blacklist"})}
			}
			return ds, nil
		})
		var l incidents
		c := dnc.Fallback(list, l.options()...)
		ask := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Millisecond) {
				d, err := c.Check(ctx, number(t, 1))
				require.NoError(t, err)
				if d.Fallback {
					failures++
				}
			}
		}
		sick.Store(true)
		ask(2 * time.Second)
		begun, _ := l.of(dnc.EventFallbackBlock)
		recovered, _ := l.of(dnc.EventRecovered)
		assert.Equal(t, 1, begun, "an outage of 2 s is reported once, when it begins")
		assert.Zero(t, recovered, "it is not over")
		ask(58 * time.Second)
		begun, _ = l.of(dnc.EventFallbackBlock)
		assert.LessOrEqual(t, begun, 8, "every ten seconds")
		assert.GreaterOrEqual(t, begun, 5)
		sick.Store(false)
		ask(time.Minute)
		recovered, _ = l.of(dnc.EventRecovered)
		assert.Equal(t, 1, recovered, "once, when it is over")
		_, numbers := l.of(dnc.EventFallbackBlock)
		assert.Equal(t, failures, numbers, "every number is counted once")

		sick.Store(true) // the next outage is a new one
		ask(time.Second)
		sick.Store(false)
		ask(time.Minute)
		recovered, _ = l.of(dnc.EventRecovered)
		assert.Equal(t, 2, recovered)
		_, numbers = l.of(dnc.EventFallbackBlock)
		assert.Equal(t, failures, numbers)
	})
}

// A connection that is refused at once is "could not be reached", not a timeout, also under a
// deadline and behind the breaker.
func TestRefusedIsNoTimeout(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	load(t, s)
	p := redistest.StartProxy(t, s)
	list := newChecker(t, connect(t, p.URL()))
	require.NoError(t, right(t, list))
	p.Refuse()
	p.Reset()
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	for name, c := range map[string]dnc.Checker{"alone": list, "TimeLimit": dnc.TimeLimit(list, time.Second)} {
		for range 5 {
			d, err := c.Check(short, number(t, 1))
			assert.Equal(t, dnc.CodeStoreUnavailable, d.Reason().Code, "%s: %v", name, err)
			require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
		}
	}
	var l incidents
	d, err := dnc.Protect(list, l.options()...).Check(ctx, number(t, 1))
	require.NoError(t, err)
	assert.Equal(t, dnc.CodeStoreUnavailable, d.Reason().Code)
	begun, numbers := l.of(dnc.EventFallbackBlock)
	assert.Equal(t, []int{1, 1}, []int{begun, numbers}, "Protect reports as Fallback does")
}
