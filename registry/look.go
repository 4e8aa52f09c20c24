package registry

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/hooks"
)

// storeError is what went wrong with a command, as the reason of the numbers it was to decide.
func (r *Registry) storeError(ctx context.Context, err error) *dnc.Error {
	var e *dnc.Error
	if !errors.As(hooks.StoreError(ctx, r.name, err), &e) {
		e = r.fail(dnc.CodeStoreUnavailable, "Redis could not be asked")
	}
	return e
}

// ended is the error of a context that is over, nil while it is not.
func (r *Registry) ended(ctx context.Context) *dnc.Error {
	var e *dnc.Error
	if err := hooks.ContextError(ctx, r.name); err != nil && !errors.As(err, &e) {
		e = r.fail(dnc.CodeCanceled, err.Error())
	}
	return e
}

func (r *Registry) malformed(hint string) *dnc.Error {
	return r.fail(dnc.CodeStoreMisconfigured, "a reply is not what Redis answers: "+hint)
}

// glance is the part of a pipeline that shows whether a head is still the one in force.
type glance struct {
	hello, head *redis.Cmd
}

// glance adds it to a pipeline. The server's role is asked for as well where that is due.
func (r *Registry) glance(ctx context.Context, p redis.Pipeliner) glance {
	var g glance
	if r.topology.Single && int64(time.Since(epoch))-r.verified.Load() > int64(lookAgain) {
		g.hello = p.Do(ctx, "hello", r.topology.Version)
	}
	g.head = p.Do(ctx, "hmget", r.key, fieldGen, fieldVer, fieldLoaded)
	return g
}

// judge reports whether h is in force.
func (r *Registry) judge(ctx context.Context, g glance, h *head) (current bool, failure *dnc.Error) {
	if failure := r.judgeServer(ctx, g.hello); failure != nil {
		return false, failure
	}
	if err := g.head.Err(); err != nil {
		return false, r.storeError(ctx, err)
	}
	v, ok := g.head.Val().([]any)
	if !ok || len(v) != 3 {
		return false, r.malformed("HMGET answers no array of its fields")
	}
	gen, okGen := v[0].(string)
	version, okVersion := v[1].(string)
	stamp, okStamp := v[2].(string)
	if !okStamp && v[2] != nil {
		return false, r.malformed("HMGET answers something that is no string")
	}
	return okGen && okVersion && h.same(gen, version, stamp), nil
}

func (r *Registry) judgeServer(ctx context.Context, hello *redis.Cmd) *dnc.Error {
	if hello == nil {
		return nil
	}
	if err := hello.Err(); err != nil {
		return r.storeError(ctx, err)
	}
	if err := hooks.Hello(r.name, hello.Val()); err != nil {
		return r.storeError(ctx, err)
	}
	r.verified.Store(int64(time.Since(epoch)))
	return nil
}

// current reads the head that is in force.
func (r *Registry) current(ctx context.Context) (*head, *dnc.Error) {
	r.announced.Do(func() {
		if r.topology.Warning != "" {
			r.warn(ctx, r.topology.Warning, nil)
		}
	})
	r.seen.Lock()
	least := r.highest // what is read from here on is not lower, unless the server has an old copy
	r.seen.Unlock()
	f, failure := r.readHead(ctx)
	if failure != nil {
		r.reload(ctx)
		return nil, failure
	}
	return r.accept(f, least)
}

// readHead reads all fields of the head.
func (r *Registry) readHead(ctx context.Context) (map[string]string, *dnc.Error) {
	p := r.rdb.Pipeline()
	var hello *redis.Cmd
	if r.topology.Single {
		hello = p.Do(ctx, "hello", r.topology.Version)
	}
	all := p.Do(ctx, "hgetall", r.key)
	_, _ = p.Exec(ctx) // each command is looked at by itself
	if failure := r.judgeServer(ctx, hello); failure != nil {
		return nil, failure
	}
	return r.readMap(ctx, all)
}

// readMap reads the reply of HGETALL: a map with RESP3, a flat array with RESP2.
func (r *Registry) readMap(ctx context.Context, cmd *redis.Cmd) (map[string]string, *dnc.Error) {
	if err := cmd.Err(); err != nil {
		return nil, r.storeError(ctx, err)
	}
	out := map[string]string{}
	put := func(k, v any) bool {
		key, ok1 := k.(string)
		value, ok2 := v.(string)
		out[key] = value
		return ok1 && ok2
	}
	switch reply := cmd.Val().(type) {
	case map[any]any:
		for k, v := range reply {
			if !put(k, v) {
				return nil, r.malformed("HGETALL answers something that is no string")
			}
		}
		return out, nil
	case []any:
		if len(reply)%2 == 0 {
			for i := 0; i < len(reply); i += 2 {
				if !put(reply[i], reply[i+1]) {
					return nil, r.malformed("HGETALL answers something that is no string")
				}
			}
			return out, nil
		}
	}
	return nil, r.malformed("HGETALL answers no map")
}

// accept makes the head of these fields the one that checks go by, unless a newer one was seen already: before reading began, and then the
// server has an old copy, or meanwhile, by another goroutine.
func (r *Registry) accept(f map[string]string, least uint64) (*head, *dnc.Error) {
	h, failure := r.parseHead(f)
	var gen uint64
	if h != nil {
		gen = h.gen
	} else {
		gen, _ = parseID(f[fieldGen]) // a list that was deleted has its generation still
	}
	r.seen.Lock()
	defer r.seen.Unlock()
	known := r.head.Load()
	switch {
	case gen >= least && gen < r.highest && known != nil:
		return known, nil
	case gen < r.highest && (h != nil || gen > 0):
		return nil, r.fail(dnc.CodeListStale, "the version in force is older than one that was seen already: the server was restored from "+
			"an old copy, or is not the primary any more; if it is the right one import the list again, or start this program anew")
	case h != nil && known != nil && gen == known.gen && (known.version != h.version || known.stamp != h.stamp):
		return nil, r.fail(dnc.CodeListStale, "the version in force is another one of the same generation as was seen before: the server was "+
			"restored from an old copy and imported to again; import once more, or start this program anew if it is the right one")
	case h == nil:
		if gen > r.highest {
			r.highest = gen
			r.head.Store(nil)
		}
		return nil, failure
	case known != nil && known.gen == gen:
		return known, nil
	}
	r.highest = gen
	r.head.Store(h)
	return h, nil
}
