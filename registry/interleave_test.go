package registry

import (
	"context"
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

// The outcome of the switch is not known, and the lease is lost as well: the import must neither
// claim that the old version is in force nor remove the keys of a version that may come into force.
func TestNeitherTheOutcomeNorTheLease(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	var late []any
	r := hooked(t, s.URL(), serially(func(cmds []redis.Cmder, send func() error) error {
		switch {
		case isSwitch(cmds) && late == nil:
			late = cmds[0].Args()
			s.Do(t, "del", "dnc:list:national:lease")
			cmds[0].SetErr(errTest)
			return errTest
		case late != nil && has(cmds, fieldNext) == "hincrby":
			cmds[0].SetErr(errTest)
			return errTest
		}
		return send()
	}))
	r.leaseFor = time.Second
	_, err := r.Replace(ctx, plain(listed, clean), national())
	require.Error(t, err)
	require.ErrorIs(t, err, ErrOutcomeUnknown)
	s.Do(t, late...) // here it arrives
	fresh := open(t, universal(t, s.URL()))
	d, err := fresh.Check(ctx, digits.Number(clean))
	require.NoError(t, err, "the version in force has lost its keys")
	assert.Equal(t, dnc.Block, d.Verdict)
}

// The lease is lost after the switch: what does Replace return?
func TestLeaseLostAfterTheSwitch(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	var switched atomic.Bool
	r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		if has(cmds, "wait") == "wait" && !switched.Load() {
			err := send()
			for _, c := range cmds {
				if c.Name() == "wait" {
					c.(*redis.Cmd).SetVal(int64(1))
					c.SetErr(nil)
				}
			}
			return err
		}
		if isSwitch(cmds) {
			switched.Store(true)
			defer s.Do(t, "del", "dnc:list:national:lease")
		}
		return send()
	})
	r.leaseFor = time.Second
	imp := national()
	imp.Replicas, imp.ReplicaTimeout = 1, time.Minute
	report, err := r.Replace(ctx, plain(listed, clean), imp)
	require.ErrorIs(t, err, ErrTooFewReplicas)
	require.NotErrorIs(t, err, ErrSuperseded, "with it the old version is in force")
	assert.Equal(t, "2", report.Version)
	assert.Equal(t, "2", field(t, s, "ver"))
}

// A head with a field next that is no integer.
func TestLastIDThatIsNoCount(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed))
	for _, bad := range []string{"x", "9223372036854775807", "-5", "1.5", ""} {
		s.Do(t, "hset", "dnc:list:national", "next", bad)
		imp := national()
		imp.MaxShrink = 1
		_, err := r.Replace(ctx, plain(listed, clean), imp)
		require.NoError(t, err, "next %q", bad)
	}
}

// go-redis sends a pipeline again when its reply is lost: the lease is then our own.
func TestEverythingSentTwice(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	for _, what := range []string{"hincrby", "eval", "hset", "unlink", "sadd", "srem"} {
		r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
			if cmds[0].Name() == what {
				_ = send()
			}
			return send()
		})
		report, err := r.Replace(ctx, plain(listed, clean), national())
		require.NoError(t, err, what)
		assert.NotEmpty(t, report.Version, what)
		got, _ := verdict(t, open(t, universal(t, s.URL())), clean)
		assert.Equal(t, dnc.Block, got)
		s.Do(t, "del", "dnc:list:national:lease")
		_, err = r.Rollback(ctx)
		assert.NoError(t, err, what)
	}
}

// A failover loses the head's changes between the id and the switch.
func TestOldHeadBeforeTheSwitch(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	s.Do(t, "copy", "dnc:list:national", "old")
	r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		if isSwitch(cmds) {
			s.Do(t, "copy", "old", "dnc:list:national", "replace")
		}
		return send()
	})
	_, err := r.Replace(ctx, plain(listed, clean), national())
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrSuperseded)
	assert.NotContains(t, err.Error(), "version 1 came into force before")
}

func TestNoNumberInErrorsOfCoverage(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	imp := national()
	imp.Coverage = []string{"1212", "14155550000"}
	_, err := r.Replace(ctx, plain(12125550000), imp)
	require.ErrorIs(t, err, ErrRefused)
	assert.NotRegexp(t, canary, err.Error())
}

// An import that was held up before its markers are sent, until another one has swept what it had
// put down, leaves keys that nobody removes.
func TestMarkersAfterTheSweep(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	other := open(t, universal(t, s.URL()))
	did := false
	r := hooked(t, s.URL(), serially(func(cmds []redis.Cmder, send func() error) error {
		if isMark(cmds) && !did {
			did = true
			s.Do(t, "del", "dnc:list:national:lease")
			put(t, other, plain(listed))
		}
		return send()
	}))
	_, err := r.Replace(ctx, plain(12125550000, listed, clean), national())
	require.ErrorIs(t, err, ErrSuperseded)
	for range 3 {
		put(t, other, plain(listed))
	}
	assert.Equal(t, []string{"5", "6"}, versionsOf(keysOf(t, s)))
}

// Blocks that arrive in the middle of the sweep.
func TestBlocksDuringTheSweep(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	at, goOn := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	first, n := true, 0
	r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		if cmds[0].Name() == "sadd" && len(cmds) > 2 && first { // the first pipeline of blocks
			n++
			if n == 1 {
				first = false
				close(at)
				<-goOn
			}
		}
		return send()
	})
	go func() {
		_, err := r.Replace(ctx, plain(12125550000), national())
		done <- err
	}()
	<-at
	s.Do(t, "del", "dnc:list:national:lease")
	shards := "dnc:list:national:2:shards"
	swept := false
	other := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		if has(cmds, shards) == "unlink" && !swept {
			swept = true
			close(goOn)
			require.ErrorIs(t, <-done, ErrSuperseded)
		}
		return send()
	})
	put(t, other, plain(listed))
	for range 3 {
		put(t, other, plain(listed))
	}
	assert.Equal(t, []string{"5", "6"}, versionsOf(keysOf(t, s)))
}

// Context ends at each pipeline: old in force or new, never between; the next import works; nothing
// is left.
func TestCancelledAtEachPipeline(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	for _, after := range []bool{false, true} {
		for at := int64(1); at < 40; at++ {
			s.Do(t, "flushall")
			clear := open(t, universal(t, s.URL()))
			put(t, clear, plain(listed))
			c, cancel := context.WithCancel(ctx)
			var n atomic.Int64
			r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
				if has(cmds, renewScript) != "" {
					return send()
				}
				now := n.Add(1)
				if now == at && !after {
					cancel()
				}
				err := send()
				if now == at && after {
					cancel()
				}
				return err
			})
			report, err := r.Replace(c, plain(12125550000, listed, clean), national())
			cancel()
			ver := field(t, s, "ver")
			if report.Version == "" {
				require.Error(t, err)
				require.Equal(t, "1", ver, "at %d %v %v", at, after, err)
				require.Equal(t, []string{"1"}, versionsOf(keysOf(t, s)), "at %d %v: %v", at, after, err)
			} else {
				require.Equal(t, ver, report.Version)
			}
			put(t, clear, plain(listed, clean))
			got, _ := verdict(t, clear, clean)
			require.Equal(t, dnc.Block, got)
			require.Len(t, versionsOf(keysOf(t, s)), 2, "at %d", at)
			if n.Load() < at {
				t.Log("pipelines:", n.Load())
				break
			}
		}
	}
}

// A sequence that panics or exits.
func TestSequencesThatPanic(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed))
	require.Panics(t, func() {
		_, _ = r.Replace(ctx, thenRun(area(415, 100_000), func() { panic("x") }), national())
	})
	imp := national()
	imp.Progress = func(Progress) { panic("y") }
	require.Panics(t, func() { _, _ = r.Replace(ctx, plain(listed, clean), imp) })
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = r.Replace(ctx, thenRun(area(415, 100_000), func() { (&testing.T{}).SkipNow() }), national())
	}()
	<-done
	t.Log(versionsOf(keysOf(t, s)))
	put(t, r, plain(listed, clean))
	assert.Len(t, versionsOf(keysOf(t, s)), 2)
}

// The switch twice, with a rollback between: go-redis sends it again.
func TestSwitchSentAgainAfterARollback(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	clear := open(t, universal(t, s.URL()))
	put(t, clear, plain(listed))
	r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		if isSwitch(cmds) {
			_ = send()
			_, err := clear.Rollback(ctx)
			require.NoError(t, err)
		}
		return send()
	})
	_, err := r.Replace(ctx, plain(listed, clean), national())
	require.ErrorIs(t, err, ErrSuperseded)
	_, err = clear.Rollback(ctx)
	require.NoError(t, err)
	got, _ := verdict(t, clear, clean)
	assert.Equal(t, dnc.Block, got)
}

// A rollback that took effect and then cannot read the head says that it failed; who repeats it
// undoes it.
func TestRollbackThatCannotReadTheHeadAgain(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	clear := open(t, universal(t, s.URL()))
	put(t, clear, plain(listed, clean))
	put(t, clear, plain(listed)) // the bad one
	switched, once := false, true
	r := hooked(t, s.URL(), serially(func(cmds []redis.Cmder, send func() error) error {
		if switched && once {
			once = false
			for _, c := range cmds {
				c.SetErr(errTest)
			}
			return errTest
		}
		switched = switched || isSwitch(cmds)
		return send()
	}))
	_, err := r.Rollback(ctx)
	require.NoError(t, err)
	got, _ := verdict(t, clear, clean)
	assert.Equal(t, dnc.Block, got)
}

// A Delete that was broken off after the switch is completed by the next.
func TestDeleteBrokenOff(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	fail := true
	r := hooked(t, s.URL(), serially(func(cmds []redis.Cmder, send func() error) error {
		if fail && cmds[0].Name() == "unlink" {
			fail = false
			cmds[0].SetErr(errTest)
			return errTest
		}
		return send()
	}))
	require.Error(t, r.Delete(ctx))
	t.Log(r.Delete(ctx))
	assert.Empty(t, versionsOf(keysOf(t, s)))
}

// The previous version has lost its meta: Versions hides the one in force.
func TestVersionsWithoutMeta(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed, clean))
	put(t, r, plain(listed))
	s.Do(t, "del", "dnc:list:national:1:meta")
	all, err := r.Versions(ctx)
	t.Log(len(all), err)
	assert.NotEmpty(t, all)
}
