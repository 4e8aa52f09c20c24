package registry

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

// onPipeline sees each pipeline before it is sent, without the question about the role; send sends
// it.
type onPipeline func(cmds []redis.Cmder, send func() error) error

func (onPipeline) DialHook(next redis.DialHook) redis.DialHook { return next }

func (onPipeline) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (f onPipeline) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := f(withoutRole(cmds), func() error { return next(ctx, cmds) })
		if role := cmds[0]; err != nil && role.Err() == nil && role.(*redis.Cmd).Val() == nil {
			role.SetErr(err) // it was not sent
		}
		return err
	}
}

// withoutRole are the commands of a pipeline behind the question about the role.
func withoutRole(cmds []redis.Cmder) []redis.Cmder {
	if len(cmds) > 1 && cmds[0].Name() == "role" {
		return cmds[1:]
	}
	return cmds
}

func hooked(t *testing.T, urls string, f onPipeline) *Registry {
	t.Helper()
	rdb := universal(t, urls)
	if c, ok := rdb.(*redis.ClusterClient); ok {
		c.OnNewNode(func(node *redis.Client) { node.AddHook(f) })
	} else {
		rdb.AddHook(f)
	}
	return open(t, rdb)
}

// serially is for what keeps a state and blocks on no other pipeline of its client: pipelines come
// from several goroutines.
func serially(f onPipeline) onPipeline {
	var mu sync.Mutex
	return func(cmds []redis.Cmder, send func() error) error {
		mu.Lock()
		defer mu.Unlock()
		return f(cmds, send)
	}
}

// has reports whether a command of a pipeline has an argument, and which command that is.
func has(cmds []redis.Cmder, arg string) string {
	for _, c := range cmds {
		for _, a := range c.Args() {
			if a == arg {
				return fmt.Sprint(c.Args()[0])
			}
		}
	}
	return ""
}

func isMark(cmds []redis.Cmder) bool { return has(cmds, markerField) == "hset" }

func isSwitch(cmds []redis.Cmder) bool { return has(cmds, switchScript) == "eval" }

func thenRun(vs []uint64, f func()) iter.Seq2[dnc.Number, error] {
	return func(yield func(dnc.Number, error) bool) {
		for i, v := range vs {
			if i == len(vs)/2 {
				f()
			}
			if !yield(digits.Number(v), nil) {
				return
			}
		}
	}
}
