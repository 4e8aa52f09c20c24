package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
)

// A balancer leads the first connection to the primary, and all others to a replica that was cut
// off before a number was listed. Nobody allows that number, and nothing is imported to the
// replica.
func TestBalancerOverAReplicaThatWasCutOff(t *testing.T) {
	t.Parallel()
	pair := redistest.StartPair(t)
	primary := open(t, universal(t, pair.Primary.URL()))
	put(t, primary, plain(listed))
	pair.Sync(t)
	pair.Cut(t)
	put(t, primary, plain(listed, clean))
	for name, rule := range map[string]redistest.Rule{
		"first alone": redistest.FirstAlone, "in turn": redistest.RoundRobin(2), "replica": redistest.To(1),
	} {
		t.Run(name, func(t *testing.T) {
			balancer := redistest.StartBalancer(t, rule, pair.Primary, pair.Replica)
			r := open(t, universal(t, balancer.URL()), WithPolling(5*time.Millisecond, time.Minute))
			var ns []dnc.Number
			for i := range uint64(300) { // blocks of several pipelines, so that a batch uses several connections
				ns = append(ns, digits.Number(clean), digits.Number(12010000000+i*blockSize))
			}
			snapshot, err := r.Snapshot(ctx)
			if err == nil {
				defer snapshot.Close()
			}
			checkTogether(t, r, snapshot, ns)
		})
	}
}

// checkTogether asks on many connections, and fails where a listed number is allowed.
func checkTogether(t *testing.T, r *Registry, snapshot *Snapshot, ns []dnc.Number) {
	t.Helper()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 40 {
				if d, _ := r.Check(ctx, ns[0]); d.Verdict == dnc.Allow {
					t.Error("Check allows a listed number")
				}
				ds, _ := r.CheckBatch(ctx, ns)
				for _, d := range ds {
					if d.Number == ns[0] && d.Verdict == dnc.Allow {
						t.Error("CheckBatch allows a listed number")
						return
					}
				}
				if snapshot == nil {
					continue
				}
				if d, _ := snapshot.Check(ctx, ns[0]); d.Verdict == dnc.Allow {
					t.Error("Snapshot allows a listed number")
				}
			}
		})
	}
	wg.Wait()
}

// Behind such a balancer an import is whole, or it is refused: nothing is counted, verified or
// switched on a replica.
func TestImportBehindABalancer(t *testing.T) {
	t.Parallel()
	pair := redistest.StartPair(t)
	primary := open(t, universal(t, pair.Primary.URL()))
	put(t, primary, plain(listed))
	pair.Sync(t)
	pair.Cut(t)
	for name, rule := range map[string]redistest.Rule{
		"first alone": redistest.FirstAlone, "in turn": redistest.RoundRobin(2), "replica": redistest.To(1),
	} {
		balancer := redistest.StartBalancer(t, rule, pair.Primary, pair.Replica)
		r := open(t, universal(t, balancer.URL()))
		report, err := r.Replace(ctx, plain(append(area(212, 20_000), listed, clean)...), national())
		assert.Equal(t, "1", field(t, pair.Replica, "ver"), name)
		if err == nil {
			require.Equal(t, report.Version, field(t, pair.Primary, "ver"), name)
			snapshot, err := primary.Snapshot(ctx)
			require.NoError(t, err, name)
			snapshot.Close()
			continue
		}
		require.NotErrorIs(t, err, ErrImportRunning, name)
		unknownOrBlocked(t, primary, listed)
	}
}

func unknownOrBlocked(t *testing.T, c dnc.Checker, v uint64) {
	t.Helper()
	d, _ := c.Check(ctx, digits.Number(v))
	require.NotEqual(t, dnc.Allow, d.Verdict)
}

// noRole takes the question about the role out of each pipeline, and answers it itself.
type noRole struct{}

func (noRole) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (noRole) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (noRole) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		role := []any{"master", int64(0), []any{}}
		switch {
		case cmds[0].Name() == "role":
			cmds[0].(*redis.Cmd).SetVal(role)
			return next(ctx, cmds[1:])
		case len(cmds) > 1 && cmds[1].Name() == "role":
			cmds[1].(*redis.Cmd).SetVal("QUEUED")
			err := next(ctx, slices.Delete(slices.Clone(cmds), 1, 2))
			exec := cmds[slices.IndexFunc(cmds, func(c redis.Cmder) bool { return c.Name() == "exec" })].(*redis.Cmd)
			if replies, ok := exec.Val().([]any); ok {
				exec.SetVal(append([]any{role}, replies...))
			}
			return err
		}
		return next(ctx, cmds)
	}
}

// Every question asks for the role in its own pipeline: a replica answers nothing, and where the
// question is taken out the replica allows a listed number, so this test would notice.
func TestEveryPipelineAsksForTheRole(t *testing.T) {
	t.Parallel()
	pair := redistest.StartPair(t)
	primary := open(t, universal(t, pair.Primary.URL()))
	put(t, primary, plain(listed))
	pair.Sync(t)
	pair.Cut(t)
	put(t, primary, plain(listed, clean))
	replica := open(t, universal(t, pair.Replica.URL()))
	unknownAll(t, replica, dnc.CodeStoreMisconfigured, clean, listed)
	_, err := replica.Snapshot(ctx)
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	_, err = replica.Versions(ctx)
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	for _, change := range []func() error{
		func() error { _, err := replica.Replace(ctx, plain(listed), national()); return err },
		func() error { _, err := replica.Rollback(ctx); return err },
		func() error { return replica.Delete(ctx) },
	} {
		err := change()
		require.Error(t, err)
		require.NotErrorIs(t, err, ErrImportRunning)
	}

	fooled := universal(t, pair.Replica.URL())
	fooled.AddHook(noRole{})
	got, _ := verdict(t, open(t, fooled), clean)
	assert.Equal(t, dnc.Allow, got, "without the question nothing notices the replica")

	silent := universal(t, pair.Replica.URL())
	silent.AddHook(noRole{})
	_, err = open(t, silent, DangerouslyAssumePrimary()).Check(ctx, digits.Number(clean))
	require.NoError(t, err, "who assumes a primary gives that up")
}

// After a failover behind one name the connections to the old primary go, and answers are right
// again by themselves.
func TestFailoverBehindOneName(t *testing.T) {
	t.Parallel()
	pair := redistest.StartPair(t)
	balancer := redistest.StartBalancer(t, redistest.To(0), pair.Primary, pair.Replica)
	r := open(t, universal(t, balancer.URL()))
	put(t, r, plain(listed))
	pair.Sync(t)
	var wg sync.WaitGroup
	for range 8 { // as many connections
		wg.Go(func() { _, _ = r.Check(ctx, digits.Number(clean)) })
	}
	wg.Wait()
	pair.Switch(t)
	balancer.Use(redistest.To(1))
	put(t, open(t, universal(t, pair.Replica.URL())), plain(listed, clean))
	require.NoError(t, redistest.Eventually(func() error {
		d, err := r.Check(ctx, digits.Number(clean))
		if d.Verdict == dnc.Allow {
			t.Fatal("a listed number is allowed")
		}
		return err
	}))
}

// The client of a cluster must be one whose nodes can be reached one by one: WAIT has no key.
func TestClientsThatAreRefused(t *testing.T) {
	t.Parallel()
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}})
	defer func() { _ = cluster.Close() }()
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})
	defer func() { _ = ring.Close() }()
	for name, c := range map[string]struct {
		client dnc.RedisClient
		says   string
	}{
		"two methods": {struct{ dnc.RedisClient }{cluster}, "cannot be inspected"},
		"ring":        {ring, "a Ring"},
		"nil":         {nil, "the Redis client is nil"},
		"nil client":  {(*redis.Client)(nil), "the Redis client is nil"},
		"nil cluster": {(*redis.ClusterClient)(nil), "the Redis client is nil"},
	} {
		_, err := New(c.client, "national")
		require.ErrorIs(t, err, dnc.ErrOption, name)
		assert.Contains(t, err.Error(), c.says, name)
	}
}

// What a server says about a login, a right or a database reaches the caller, whatever is asked: it
// is never taken for another import that runs.
func TestTheServersOwnWord(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	s.Do(t, "acl", "setuser", "noselect", "on", ">secret", "~*", "&*", "+@all", "-select")
	sentinels := redistest.StartSentinels(t)
	for name, c := range map[string]struct{ url, says string }{
		"password":    {"redis://noselect:wrong@" + s.Addr(), "WRONGPASS"},
		"database":    {"redis://" + s.Addr() + "/99", "DB index"},
		"right":       {"redis://noselect:secret@" + s.Addr() + "/1", "NOPERM"},
		"master name": {strings.ReplaceAll(sentinels.URLs(), "="+redistest.MasterName, "=another"), "master_name"},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, universal(t, c.url))
			for what, err := range map[string]error{
				"Check":    second(r.Check(ctx, digits.Number(clean))),
				"batch":    second(r.CheckBatch(ctx, []dnc.Number{digits.Number(clean)})),
				"Info":     second(r.Info(ctx)),
				"Snapshot": second(r.Snapshot(ctx)),
				"Replace":  second(r.Replace(ctx, plain(listed), national())),
				"Rollback": second(r.Rollback(ctx)),
				"Delete":   r.Delete(ctx),
			} {
				require.Error(t, err, what)
				require.NotErrorIs(t, err, ErrImportRunning, what)
				require.ErrorIs(t, err, dnc.ErrStoreMisconfigured, what)
				assert.Contains(t, err.Error(), c.says, what)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

// What proxies say passes by itself.
func TestWhatProxiesSay(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"ERR max requests limit exceeded", "upstream failure", "no upstream host", "EXECABORT Transaction discarded"} {
		fake := redistest.StartFake(t, func(cmd []string) (string, bool) {
			switch strings.ToLower(cmd[0]) {
			case "hmget", "hgetall", "eval":
				return "-" + text + "\r\n", true
			}
			return "", false
		})
		r := open(t, universal(t, fake.URL()))
		d, err := r.Check(ctx, digits.Number(clean))
		assert.Equal(t, dnc.CodeStoreUnavailable, d.Reason().Code, text)
		var e *dnc.Error
		require.ErrorAs(t, err, &e)
		assert.True(t, e.Retryable(), text)
		_, err = r.Replace(ctx, plain(listed), national())
		require.ErrorIs(t, err, dnc.ErrStoreUnavailable, text)
	}
}

// What New has not made says so at once.
func TestNotMade(t *testing.T) {
	t.Parallel()
	var r Registry
	var s Snapshot
	defer s.Close()
	ns := []dnc.Number{digits.Number(clean), {}}
	for name, f := range map[string]func() error{
		"Check":            func() error { return notAllowed(r.Check(ctx, ns[0])) },
		"nil":              func() error { return notAllowed((*Registry)(nil).Check(ctx, ns[0])) },
		"CheckBatch":       func() error { return oneOfTwo(r.CheckBatch(ctx, ns)) },
		"Info":             func() error { return second(r.Info(ctx)) },
		"Versions":         func() error { return second(r.Versions(ctx)) },
		"Snapshot":         func() error { return second(r.Snapshot(ctx)) },
		"Replace":          func() error { return second(r.Replace(ctx, plain(listed), national())) },
		"Rollback":         func() error { return second(r.Rollback(ctx)) },
		"Delete":           func() error { return r.Delete(ctx) },
		"Snapshot.Check":   func() error { return notAllowed(s.Check(ctx, ns[0])) },
		"Snapshot of nil":  func() error { return notAllowed((*Snapshot)(nil).Check(ctx, ns[0])) },
		"Snapshot, batch":  func() error { return oneOfTwo(s.CheckBatch(ctx, ns)) },
		"Snapshot.Info":    func() error { return second(s.Info()) },
		"Protect":          func() error { return second(dnc.TimeLimit(&r, 0).Check(ctx, ns[0])) },
		"Protect Snapshot": func() error { return second(dnc.TimeLimit(&s, 0).Check(ctx, ns[0])) },
	} {
		err := f()
		require.ErrorIs(t, err, dnc.ErrCheckerFailed, name)
		assert.Contains(t, err.Error(), "not made by", name)
	}
}

func notAllowed(d dnc.Decision, err error) error {
	if d.Verdict != dnc.Unknown {
		return fmt.Errorf("it is %v", d)
	}
	return err
}

func oneOfTwo(ds []dnc.Decision, err error) error {
	if len(ds) != 2 || ds[0].Verdict != dnc.Unknown || ds[1].Verdict != dnc.Block {
		return errors.New("it is not Unknown, and Block for no number")
	}
	return err
}
