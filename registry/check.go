package registry

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
	"github.com/dnc-go/dnc/internal/digits"
)

// maxTries is how often a question is asked anew because the version changed meanwhile.
const maxTries = 3

// errMoved is the failure of a question that met another version each time.
func (r *Registry) errMoved() *dnc.Error {
	return r.fail(dnc.CodeListIncomplete, "its version changed each of the "+strconv.Itoa(maxTries)+" times that it was asked")
}

var invalid = []dnc.Reason{{Code: dnc.CodeInvalidNumber}}

// Check asks for one number, in one round trip once the version in force is known.
func (r *Registry) Check(ctx context.Context, n dnc.Number) (d dnc.Decision, err error) {
	if n.IsZero() {
		return dnc.Decision{Verdict: dnc.Block, Reasons: invalid}, nil
	}
	defer func() { // the client runs the caller's hooks
		if p := recover(); p != nil {
			d, err = unknown(n, nil, r.panicked(p))
		}
	}()
	if e := r.ended(ctx); e != nil {
		return unknown(n, nil, e)
	}
	v := digits.Of(n)
	for range maxTries {
		h := r.head.Load()
		if h == nil {
			var failure *dnc.Error
			if h, failure = r.current(ctx); failure != nil {
				return unknown(n, nil, failure)
			}
		}
		said, failure := r.ask(ctx, h, v)
		if said == saidMoved {
			if _, failure := r.current(ctx); failure != nil {
				return unknown(n, nil, failure)
			}
			continue
		}
		if failure == nil {
			failure = h.aged(r, time.Now())
		}
		if failure != nil {
			if failure.Retryable() {
				r.reload(ctx)
			}
			return unknown(n, h, failure)
		}
		if said == saidListed {
			return dnc.Decision{Number: n, Verdict: dnc.Block, Reasons: h.hit}, nil
		}
		return dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: h.clear}, nil
	}
	return unknown(n, nil, r.errMoved())
}

func unknown(n dnc.Number, h *head, e *dnc.Error) (dnc.Decision, error) {
	return dnc.Decision{Number: n, Verdict: dnc.Unknown, Reasons: h.reasons(e)}, e
}

func (r *Registry) panicked(p any) *dnc.Error {
	return r.fail(dnc.CodeCheckerFailed, fmt.Sprintf("the Redis client panicked with a %T", p))
}

// said is what a list said of a number.
type said uint8

const (
	saidNothing said = iota
	saidMoved
	saidClear
	saidListed
)

// ask asks for a number under a head, and whether that is still in force. Head and block may be read in any order: a version never
// changes, its id is never used again, and its keys are removed only after the head has left it. So what was found under a head that
// was seen in force in the course of the call is right. What was not found may have been removed: then the head is read once more.
func (r *Registry) ask(ctx context.Context, h *head, v uint64) (said, *dnc.Error) {
	shard, field, line := v/shardSize, v/blockSize%fields, int(v%blockSize)
	covered := h.coverage.has(v)
	_, exists := h.shards[shard]
	p := r.rdb.Pipeline()
	g := r.glance(ctx, p)
	var cmd *redis.Cmd
	if covered && exists {
		cmd = p.Do(ctx, "hmget", h.prefix+strconv.FormatUint(shard, 10), markerField, strconv.FormatUint(field, 10))
	}
	_, _ = p.Exec(ctx) // each command is looked at; in a cluster they go to different servers
	current, failure := r.judge(ctx, g, h)
	switch {
	case failure != nil:
		return saidNothing, failure
	case !current:
		return saidMoved, nil
	case !covered:
		return saidNothing, r.errNotCovered()
	case !exists:
		return saidClear, nil
	}
	blocks, failure := r.readBlocks(ctx, cmd, h, shard, 1)
	if failure != nil {
		if failure.Code == dnc.CodeListIncomplete { // removed because the version was left just now?
			p := r.rdb.Pipeline()
			g := r.glance(ctx, p)
			_, _ = p.Exec(ctx)
			current, err := r.judge(ctx, g, h)
			if err == nil && !current {
				return saidMoved, nil
			}
		}
		return saidNothing, failure
	}
	b, ok := blocks[0].(string)
	if ok && block.Has(b, line) {
		return saidListed, nil
	}
	return saidClear, nil
}

func (r *Registry) errNotCovered() *dnc.Error {
	return r.fail(dnc.CodeNotCovered, "the data does not speak for this area: it was not in the list's coverage when it was imported")
}

func (r *Registry) errIncomplete(h *head, shard uint64, what string) *dnc.Error {
	return r.fail(dnc.CodeListIncomplete, fmt.Sprintf("shard %s of version %s %s: it was evicted, lost or is being written by something else; "+
		"import the list again", shardName(shard), h.version, what))
}

// readBlocks reads the reply to HMGET of a shard's marker and some of its fields, and returns what is in the fields: nil, or a
// string that is a block.
func (r *Registry) readBlocks(ctx context.Context, cmd *redis.Cmd, h *head, shard uint64, n int) ([]any, *dnc.Error) {
	if err := cmd.Err(); err != nil {
		return nil, r.storeError(ctx, err)
	}
	v, ok := cmd.Val().([]any)
	if !ok || len(v) != n+1 {
		return nil, r.malformed("HMGET answers no array of its fields")
	}
	switch marker := v[0].(type) {
	case nil:
		return nil, r.errIncomplete(h, shard, "has no completeness marker")
	case string:
		if _, err := strconv.ParseUint(marker, 10, 63); err != nil {
			return nil, r.errIncomplete(h, shard, "has a completeness marker that is no count")
		}
	default:
		return nil, r.malformed("HMGET answers something that is no string")
	}
	for _, b := range v[1:] {
		switch b := b.(type) {
		case nil:
		case string:
			if b == "" || block.Check(b) != nil { // nobody writes an empty one
				return nil, r.errIncomplete(h, shard, "has a block of a length that no block has")
			}
		default:
			return nil, r.malformed("HMGET answers something that is no string")
		}
	}
	return v[1:], nil
}
