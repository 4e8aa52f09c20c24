package registry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
)

var ctx = context.Background()

const childEnv = "DNC_REGISTRY_TEST_CHILD"

func universal(tb testing.TB, urls string) redis.UniversalClient {
	tb.Helper()
	return client(tb, urls, 2*time.Second) // busy machines
}

// patient is for tests in which every server lives, and every change must succeed.
func patient(tb testing.TB, urls string) redis.UniversalClient {
	tb.Helper()
	return client(tb, urls, 30*time.Second)
}

func client(tb testing.TB, urls string, d time.Duration) redis.UniversalClient {
	tb.Helper()
	o, err := dnc.RedisOptions(urls)
	require.NoError(tb, err)
	o.ReadTimeout, o.WriteTimeout, o.DialTimeout, o.PoolTimeout = d, d, d, d
	rdb := redis.NewUniversalClient(o)
	tb.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

func open(tb testing.TB, rdb dnc.RedisClient, opts ...Option) *Registry {
	tb.Helper()
	opts = append([]Option{func(c *config) error { // ids and generations that tests can name
		c.suffix, c.firstGen = func() string { return "" }, func() uint64 { return 0 }
		return nil
	}}, opts...)
	r, err := New(rdb, "national", opts...)
	require.NoError(tb, err)
	return r
}

// national is what most tests import.
func national() Import {
	return Import{Coverage: []string{"1"}, Obtained: time.Now().Add(-time.Hour), Source: "a test", SHA256: "abc"}
}

// at is the i-th number of an area that begins at 1 415 555 0000.
func at(i int) dnc.Number { return digits.Number(14155550000 + uint64(i)) }

func seq(ns ...dnc.Number) iter.Seq2[dnc.Number, error] {
	return func(yield func(dnc.Number, error) bool) {
		for _, n := range ns {
			if !yield(n, nil) {
				return
			}
		}
	}
}

func plain(vs ...uint64) iter.Seq2[dnc.Number, error] {
	return func(yield func(dnc.Number, error) bool) {
		for _, v := range vs {
			if !yield(digits.Number(v), nil) {
				return
			}
		}
	}
}

func put(tb testing.TB, r *Registry, numbers iter.Seq2[dnc.Number, error], change ...func(*Import)) ImportReport {
	tb.Helper()
	imp := national()
	imp.MaxShrink, imp.AllowEmpty = 1, true
	for _, c := range change {
		c(&imp)
	}
	report, err := r.Replace(ctx, numbers, imp)
	require.NoError(tb, err)
	return report
}

func verdict(tb testing.TB, c dnc.Checker, v uint64) (dnc.Verdict, string) {
	tb.Helper()
	n := digits.Number(v)
	d, err := c.Check(ctx, n)
	require.Equal(tb, d.Verdict == dnc.Unknown, err != nil)
	ds, batchErr := c.CheckBatch(ctx, []dnc.Number{n})
	require.Equal(tb, d.Verdict, ds[0].Verdict, "Check and CheckBatch differ: %v, %v", err, batchErr)
	require.Equal(tb, d.Reason().Code, ds[0].Reason().Code)
	require.Equal(tb, err != nil, batchErr != nil)
	if err != nil {
		require.NotRegexp(tb, canary, err.Error())
	}
	return d.Verdict, d.Reason().Code
}

// unknown demands that nothing is allowed of a list, whichever way it is asked.
func unknownAll(tb testing.TB, c dnc.Checker, code string, vs ...uint64) {
	tb.Helper()
	for _, v := range vs {
		got, reason := verdict(tb, c, v)
		require.Equal(tb, dnc.Unknown, got)
		require.Equal(tb, code, reason)
	}
}

// keys of a server, without those of the list's own upkeep that always stay.
func keysOf(tb testing.TB, s *redistest.Server) []string {
	tb.Helper()
	reply, _ := s.Do(tb, "keys", "dnc:list:*").([]any)
	var out []string
	for _, k := range reply {
		out = append(out, fmt.Sprint(k))
	}
	slices.Sort(out)
	return out
}

func field(tb testing.TB, s *redistest.Server, name string) string {
	tb.Helper()
	v, _ := s.Do(tb, "hget", "dnc:list:national", name).(string)
	return v
}

func versionsOf(ks []string) (vs []string) {
	for _, k := range ks {
		if parts := strings.Split(k, ":"); len(parts) == 5 {
			vs = append(vs, parts[3])
		}
	}
	slices.Sort(vs)
	return slices.Compact(vs)
}

type lineError struct{ line int64 }

func (e lineError) Error() string  { return "row " + strconv.FormatInt(e.line, 10) + " is bad" }
func (e lineError) RowLine() int64 { return e.line }

var errTest = errors.New("test")
