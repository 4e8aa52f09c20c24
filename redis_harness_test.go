package dnc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// The list of every test on Redis: of the numbers +14155550000 to +14155550999 each tenth is on it.
func onList(i int) bool { return i%10 == 0 }

func numberAt(t testing.TB, i int) dnc.Number {
	t.Helper()
	return must(t, fmt.Sprintf("+1415555%04d", i%1000))
}

func theList(t testing.TB) (ns []dnc.Number) {
	t.Helper()
	for i := range 1000 {
		if onList(i) {
			ns = append(ns, numberAt(t, i))
		}
	}
	return ns
}

// members are the list as other tools write it.
func members(t testing.TB) (ms []any) {
	t.Helper()
	for _, n := range theList(t) {
		ms = append(ms, n.E164())
	}
	return ms
}

func universal(t testing.TB, urls string, change ...func(*redis.UniversalOptions)) redis.UniversalClient {
	t.Helper()
	o, err := dnc.RedisOptions(urls)
	require.NoError(t, err)
	for _, c := range change {
		c(o)
	}
	rdb := redis.NewUniversalClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// logs collects what a checker logs and reports.
type logs struct {
	mu        sync.Mutex
	text      strings.Builder
	incidents []dnc.Incident
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logs) options() []dnc.SharedOption {
	return []dnc.SharedOption{
		dnc.WithLogger(slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		dnc.WithIncidents(func(i dnc.Incident) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.incidents = append(l.incidents, i)
		}),
	}
}

func (l *logs) events() (es []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, i := range l.incidents {
		es = append(es, i.Event)
	}
	return es
}

func (l *logs) check(t testing.TB) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	noCanary(t, l.text.String())
}

// bed is a checker on a real server with the list on it.
type bed struct {
	*testing.T
	server *redistest.Server
	rdb    redis.UniversalClient
	list   *dnc.RedisChecker
	logs   logs
}

func newBed(t *testing.T, s *redistest.Server, opts ...dnc.RedisOption) *bed {
	t.Helper()
	s.Do(t, append([]any{"sadd", "dnc:blacklist"}, members(t)...)...)
	b := &bed{T: t, server: s, rdb: universal(t, s.URL())}
	b.list = b.checker(b.rdb, opts...)
	b.right()
	return b
}

// often looks at the server at every call, as it were, so that a test need not wait.
var often = dnc.WithGeoRefresh(time.Millisecond, time.Hour)

func (b *bed) checker(rdb dnc.RedisClient, opts ...dnc.RedisOption) *dnc.RedisChecker {
	b.Helper()
	for _, o := range b.logs.options() {
		opts = append(opts, o)
	}
	c, err := dnc.NewRedisChecker(rdb, opts...)
	require.NoError(b, err)
	b.Cleanup(func() { b.logs.check(b) })
	return c
}

// right demands the right answers.
func (b *bed) right() { b.Helper(); rightFrom(b, b.list) }

func rightFrom(t testing.TB, c dnc.Checker) {
	t.Helper()
	require.NoError(t, answersRight(t, c))
}

func answersRight(t testing.TB, c dnc.Checker) error {
	t.Helper()
	ns := make([]dnc.Number, 2500)
	for i := range ns {
		ns[i] = numberAt(t, i)
	}
	ds, err := c.CheckBatch(ctx, ns)
	if err != nil {
		return err
	}
	one, err := c.Check(ctx, ns[1])
	if err != nil || !one.Callable() {
		return fmt.Errorf("a single check: %v: %w", one, err)
	}
	two, err := c.Check(ctx, ns[10])
	if err != nil || two.Verdict != dnc.Block {
		return fmt.Errorf("a single check: %v: %w", two, err)
	}
	for i, d := range ds {
		if d.Number != ns[i] || d.Callable() == onList(i) {
			return fmt.Errorf("decision %d is %v", i, d)
		}
	}
	return nil
}

// rightAgain demands that the right answers come back without anything being done.
func (b *bed) rightAgain() {
	b.Helper()
	begin := time.Now()
	require.NoError(b, redistest.Eventually(func() error { return answersRight(b, b.list) }))
	b.Logf("right again after %v", time.Since(begin).Round(time.Millisecond))
}

// unknown demands Unknown with a code for every number that is not blocked, for one number and a
// batch, within limit.
func (b *bed) unknown(code string) { b.Helper(); b.unknownFrom(b.list, code) }

func (b *bed) unknownFrom(c dnc.Checker, code string) {
	b.Helper()
	unknownFrom(ctx, b, c, code)
}

func unknownFrom(parent context.Context, t testing.TB, c dnc.Checker, code string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(parent, 20*time.Second)
	defer cancel()
	sentinel := &dnc.Error{Code: code}
	ns := make([]dnc.Number, 2501)
	for i := range ns {
		ns[i] = numberAt(t, i)
	}
	ns[1200] = dnc.Number{}
	begin := time.Now()
	ds, err := c.CheckBatch(ctx, ns)
	t.Logf("a batch is unknown after %v", time.Since(begin).Round(time.Millisecond))
	require.Len(t, ds, len(ns))
	require.Error(t, err)
	require.ErrorContains(t, err, code)
	begin = time.Now()
	d, one := c.Check(ctx, ns[1])
	t.Logf("one number is unknown after %v", time.Since(begin).Round(time.Millisecond))
	require.Error(t, one)
	require.Equal(t, code, d.Reason().Code, "%v", one)
	var e *dnc.Error
	require.ErrorAs(t, one, &e)
	require.Equal(t, sentinel.Code, e.Code)
	for i, d := range append(ds, d) {
		switch {
		case i < len(ns) && d.Number != ns[i]:
			t.Fatalf("decision %d is for another number", i)
		case d.Number.IsZero():
			require.Equal(t, dnc.CodeInvalidNumber, d.Reason().Code)
		case d.Verdict == dnc.Unknown:
			require.Equal(t, code, d.Reason().Code, "%v", err)
		case d.Verdict != dnc.Block || !onList(i):
			t.Fatalf("decision %d is %v", i, d)
		}
	}
	shown(t, ds[:20], d, err, one)
}

// shown writes values in every way there is, and looks for a number.
func shown(t testing.TB, values ...any) {
	t.Helper()
	var out strings.Builder
	var write func(v any)
	write = func(v any) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			_, _ = fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		if err, ok := v.(error); ok {
			if inner := errors.Unwrap(err); inner != nil {
				write(inner)
			}
			if many, ok := err.(interface{ Unwrap() []error }); ok {
				for _, e := range many.Unwrap() {
					write(e)
				}
			}
		} else {
			_ = json.NewEncoder(&out).Encode(v)
		}
	}
	for _, v := range values {
		write(v)
	}
	noCanary(t, out.String())
}

var _ io.Writer = (*logs)(nil)
