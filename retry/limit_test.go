package retry

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

func get(t *testing.T, rt http.RoundTripper, url string) time.Duration {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	start := time.Now()
	resp, err := rt.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return time.Since(start)
}

const things = "https://api.example.net/api/v2/things"

func TestLimitTransportKeepsTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(status(200))
		lt := &LimitTransport{Base: s, Limiter: rate.NewLimiter(4.8, 10)}
		var wg sync.WaitGroup
		for range 600 {
			wg.Go(func() { get(t, lt, things) })
		}
		start := time.Now()
		wg.Wait()
		assert.InDelta(t, 590/4.8, time.Since(start).Seconds(), 0.1)
		for i, first := range s.times { // any minute
			n := 0
			for _, other := range s.times[i:] {
				if other.Sub(first) < time.Minute {
					n++
				}
			}
			assert.Less(t, n, 300)
		}
	})
}

func TestLimitTransportTakesATokenForEachTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(status(503))
		lim := rate.NewLimiter(0.1, 4)
		tr := &Transport{Base: &LimitTransport{Base: s, Limiter: lim}}
		get(t, tr, things)
		assert.Equal(t, 4, s.count())
		assert.Less(t, lim.Tokens(), 0.5, "four tries took four tokens")
	})
}

func TestLimitTransportDelaysToTheReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(used(180, 180, "30"), status(200))
		lt := &LimitTransport{Base: s}
		get(t, lt, things+"/7d0e4f9a-0000-4000-8000-000000000001")
		assert.Equal(t, 30*time.Second, get(t, lt, things+"/7d0e4f9a-0000-4000-8000-000000000002"),
			"the same resource, another id")
		assert.Zero(t, get(t, lt, things+"/7d0e4f9a-0000-4000-8000-000000000001"))
	})
}

func used(count, allowed int, reset string) answer {
	return func(r *http.Request) (*http.Response, error) {
		return status(200,
			"inin-ratelimit-count: "+strconv.Itoa(count), "inin-ratelimit-allowed: "+strconv.Itoa(allowed), "inin-ratelimit-reset: "+reset)(r)
	}
}

func TestLimitTransportCountsAreOfOneResource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(used(180, 180, "30"), status(200))
		lt := &LimitTransport{Base: s}
		get(t, lt, things)
		assert.Zero(t, get(t, lt, "https://api.example.net/api/v2/others"))
		assert.Zero(t, get(t, lt, things+"/1/parts"))
		assert.Zero(t, get(t, lt, "https://api.example.net/api/v3/things"))
		assert.Zero(t, get(t, lt, "https://api.example.org/api/v2/things"))
		assert.Equal(t, 30*time.Second, get(t, lt, things+"?pageNumber=2"))
	})
}

// Whoever asks next would be told no as well. A Retry-After that is no window of a limit is for the
// one request.
func TestLimitTransportHeedsA429(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"30": 30 * time.Second, "60": time.Minute, "Sat, 01 Jan 2000 00:00:20 GMT": 20 * time.Second, "": time.Second, "0": 0, "-1": time.Second, "soon": time.Second, "61": 0,
		"10000000000": 0, "Fri, 31 Dec 1999 23:00:00 GMT": 0, "Fri, 31 Dec 9999 23:59:59 GMT": 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			lt := &LimitTransport{Base: serve(status(429, "Retry-After: "+value), status(200))}
			get(t, lt, things)
			assert.Zero(t, get(t, lt, "https://api.example.net/api/v2/others"), "another resource")
			assert.Equal(t, want, get(t, lt, things), value)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		lt := &LimitTransport{Base: serve(status(503, "Retry-After: 30"), status(200))}
		get(t, lt, things)
		assert.Zero(t, get(t, lt, things), "503 says nothing about a limit")
	})
}

func TestLimitTransportIgnoresCountsThatSayNothing(t *testing.T) {
	for _, a := range []answer{
		used(179, 180, "30"),
		used(0, 180, "30"),
		used(180, 180, "0"),
		used(180, 180, ""),
		used(180, 180, "-30"),
		used(180, 180, "3.5"),
		used(180, 180, "soon"),
		status(200, "inin-ratelimit-count: 180", "inin-ratelimit-reset: 30"),
		status(200, "inin-ratelimit-allowed: 180", "inin-ratelimit-reset: 30"),
		status(200, "inin-ratelimit-count: x", "inin-ratelimit-allowed: 180", "inin-ratelimit-reset: 30"),
		status(200),
	} {
		synctest.Test(t, func(t *testing.T) {
			lt := &LimitTransport{Base: serve(a)}
			get(t, lt, things)
			assert.Zero(t, get(t, lt, things))
		})
	}
}

func TestLimitTransportBelievesFiveMinutesAtMost(t *testing.T) {
	for _, reset := range []string{"301", "10000000000", "99999999999999999999"} {
		synctest.Test(t, func(t *testing.T) {
			lt := &LimitTransport{Base: serve(used(200, 180, reset), status(200))}
			get(t, lt, things)
			assert.Equal(t, 5*time.Minute, get(t, lt, things))
		})
	}
}

func TestLimitTransportOnlyEverDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lim := rate.NewLimiter(1, 1)
		// Responses overtake each other: an older count must not lift the pause, nor a shorter reset
		// shorten it.
		slow := make(chan struct{})
		late := func(a answer) answer {
			return func(r *http.Request) (*http.Response, error) {
				<-slow
				return a(r)
			}
		}
		s := serve(late(used(10, 180, "50")), late(used(180, 180, "5")), used(180, 180, "40"), status(200))
		lt := &LimitTransport{Base: s, Limiter: lim}
		var wg sync.WaitGroup
		wg.Go(func() { get(t, lt, things) })
		synctest.Wait()
		wg.Go(func() { get(t, lt, things) })
		<-time.After(2 * time.Second)
		get(t, lt, things)
		start := time.Now()
		close(slow)
		wg.Wait()
		get(t, lt, things)
		assert.Equal(t, 40*time.Second, time.Since(start))
		assert.InDelta(t, 1, float64(lim.Limit()), 0, "a caller's limiter is never changed")
		assert.Equal(t, 1, lim.Burst())

		// A platform that allows more than the limiter changes nothing either.
		lt = &LimitTransport{Base: serve(used(1, 1_000_000, "60")), Limiter: rate.NewLimiter(1, 1)}
		get(t, lt, things)
		assert.Equal(t, time.Second, get(t, lt, things))
	})
}

func TestLimitTransportSetsOffAtTheLimitersPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(used(180, 180, "30"), status(200))
		lt := &LimitTransport{Base: s, Limiter: rate.NewLimiter(5, 1)}
		get(t, lt, things)
		start := time.Now()
		var wg sync.WaitGroup
		for range 11 {
			wg.Go(func() { get(t, lt, things) })
		}
		wg.Wait()
		assert.Equal(t, 32*time.Second, time.Since(start).Round(10*time.Millisecond), "30 s, and then 5 a second")
	})
}

func TestLimitTransportPauseThatBeginsWhileWaitingForAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := func(r *http.Request) (*http.Response, error) {
			<-time.After(time.Second)
			return used(180, 180, "30")(r)
		}
		s := serve(first, status(200))
		lt := &LimitTransport{Base: s, Limiter: rate.NewLimiter(0.5, 1)}
		var wg sync.WaitGroup
		wg.Go(func() { get(t, lt, things) })
		synctest.Wait()
		wg.Go(func() { get(t, lt, things) })
		wg.Wait()
		assert.Equal(t, 31*time.Second, s.times[1].Sub(s.times[0]))
	})
}

// Those who had queued for a token when the pause began do not set off all at once when it ends.
func TestLimitTransportAQueueSetsOffAtTheLimitersPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(func(r *http.Request) (*http.Response, error) {
			<-time.After(time.Second)
			return used(180, 180, "30")(r)
		}, status(200))
		lt := &LimitTransport{Base: s, Limiter: rate.NewLimiter(5, 1)}
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() { get(t, lt, things) })
		}
		wg.Wait()
		require.Len(t, s.times, 200)
		for i, at := range s.times[:194] {
			assert.GreaterOrEqual(t, s.times[i+6].Sub(at), time.Second, "five a second")
		}
	})
}

func TestLimitTransportThatLetsNothingPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, lim := range []*rate.Limiter{{}, rate.NewLimiter(5, 0)} {
			s := serve(status(200))
			start := time.Now()
			_, err := (&Transport{Base: &LimitTransport{Base: s, Limiter: lim}}).RoundTrip(request(t, "GET", ""))
			require.ErrorIs(t, err, ErrInvalidPolicy)
			assert.Zero(t, s.count())
			assert.Zero(t, time.Since(start))
		}
		// A limiter that is used up for good: with a deadline it is known at once that no token comes.
		lim := rate.NewLimiter(0, 1)
		lim.Allow()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := (&LimitTransport{Base: serve(status(200)), Limiter: lim}).RoundTrip(request(t, "GET", "").WithContext(ctx))
		require.ErrorIs(t, err, ErrDeadline)
	})
}

func TestLimitTransportZeroValue(t *testing.T) {
	lt := &LimitTransport{Base: serve(status(200))}
	for range 100 {
		assert.Less(t, get(t, lt, things), time.Second)
	}
	_, err := (&LimitTransport{Base: serve(fail(errReset))}).RoundTrip(request(t, "GET", ""))
	assert.Equal(t, errReset, err)
}

func TestPausesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lt := &LimitTransport{Base: serve(used(180, 180, "60"))}
		for i := range 2 * mostPauses {
			get(t, lt, "https://api.example.net/"+strings.Repeat("x", i))
		}
		assert.Len(t, lt.pauses, mostPauses)
		<-time.After(time.Minute)
		get(t, lt, things)
		assert.Len(t, lt.pauses, 1, "what has passed is forgotten")
	})
}
