package registry

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// lossy loses the replies to the switch: before it is sent, or after it was carried out.
type lossy struct {
	mode string
	done bool
}

func (l *lossy) DialHook(next redis.DialHook) redis.DialHook { return next }

func (l *lossy) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (l *lossy) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		args := withoutRole(cmds)[0].Args()
		if l.done || args[0] != "eval" || args[1] != switchScript {
			return next(ctx, cmds)
		}
		l.done = true
		err := errors.New("the connection broke off")
		if l.mode == "after" {
			_ = next(ctx, cmds)
		}
		for _, c := range cmds {
			c.SetErr(err)
		}
		return err
	}
}

// A switch whose reply is lost is found out about.
func TestTheReplyOfTheSwitchIsLost(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	for _, mode := range []string{"after", "before"} {
		rdb := universal(t, s.URL())
		rdb.AddHook(&lossy{mode: mode})
		r := open(t, rdb)
		report, err := r.Replace(ctx, plain(listed, clean), national())
		got, _ := verdict(t, r, clean)
		assert.Equal(t, dnc.Block, got)
		if mode == "after" {
			require.NoError(t, err)
			assert.Equal(t, field(t, s, "ver"), report.Version)
		} else {
			require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
			assert.Empty(t, report.Version)
		}
		assert.Len(t, versionsOf(keysOf(t, s)), 2)
	}
}

// A switch that arrives after its sender has given it up does nothing.
func TestTheSwitchArrivesLate(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed, clean))
	var late []any
	r := hooked(t, s.URL(), serially(func(cmds []redis.Cmder, send func() error) error {
		if isSwitch(cmds) && late == nil {
			late = cmds[0].Args()
			cmds[0].SetErr(errTest)
			return errTest
		}
		return send()
	}))
	_, err := r.Replace(ctx, plain(listed), func() Import { i := national(); i.MaxShrink = 1; return i }())
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
	assert.EqualValues(t, 0, s.Do(t, late...))
	assert.Equal(t, "1", field(t, s, "ver"))
	got, _ := verdict(t, r, clean)
	assert.Equal(t, dnc.Block, got)
}

// An import that was held up until another had begun is refused, and does not disturb the other
// one.
func TestOvertakenByOneThatHasNotSwitched(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	arrived, goOn, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var once sync.Once
	first := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		if isSwitch(cmds) {
			once.Do(func() { close(arrived); <-goOn })
		}
		return send()
	})
	go func() {
		_, err := first.Replace(ctx, plain(listed, 14155550007), national())
		done <- err
	}()
	<-arrived
	s.Do(t, "del", "dnc:list:national:lease") // as if it had ended
	second := open(t, universal(t, s.URL()))
	report, err := second.Replace(ctx, thenRun([]uint64{listed, clean}, func() {
		close(goOn)
		require.ErrorIs(t, <-done, ErrSuperseded)
	}), national())
	require.NoError(t, err)
	assert.Equal(t, "3", report.Version)
	assert.Equal(t, "3", field(t, s, "ver"))
	assert.Equal(t, "3", field(t, s, "next"), "no id was taken to fence what had been answered")
	for _, c := range []*Registry{first, second} {
		got, _ := verdict(t, c, clean)
		assert.Equal(t, dnc.Block, got)
		got, _ = verdict(t, c, 14155550007)
		assert.Equal(t, dnc.Allow, got)
	}
}
