package registry

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redisconn"
)

// headSwitch is a change of the head by compare-and-set: it takes effect only while the head has
// the generation and the last id that it was prepared for.
type headSwitch struct {
	gen, next string // what the head must have
	remove    []string
	set       map[string]string // has fieldGen
}

// switchScript does it. ARGV: the generation, the id, how many fields to remove, these fields, then
// fields and values to set. A server without memory refuses HSET, and then nothing has changed.
const switchScript = `
local h = redis.call('HMGET', KEYS[1], 'gen', 'next')
if (h[1] or '') ~= ARGV[1] or (h[2] or '') ~= ARGV[2] then return 0 end
local n = tonumber(ARGV[3])
redis.call('HSET', KEYS[1], unpack(ARGV, 4 + n))
for i = 4, 3 + n do redis.call('HDEL', KEYS[1], ARGV[i]) end
return 1`

func (c headSwitch) command(key string) redisconn.Cmd {
	args := redisconn.Cmd{"eval", switchScript, 1, key, c.gen, c.next, len(c.remove)}
	for _, f := range c.remove {
		args = append(args, f)
	}
	for f, v := range c.set {
		args = append(args, f, v)
	}
	return args
}

// isIn reports whether the head has what the switch sets.
func (c headSwitch) isIn(head map[string]string) bool {
	return head[fieldGen] == c.set[fieldGen] && head[fieldVer] == c.set[fieldVer] && head[fieldLoaded] == c.set[fieldLoaded]
}

// How long the outcome of a switch without a reply is searched for.
const (
	outcomeTimeout = 10 * time.Second
	outcomeTries   = 8
)

// switchHead changes the head. Where the reply is lost, it finds out what is in force.
func (s *store) switchHead(ctx context.Context, c headSwitch) error {
	key := s.keys.head
	reply, fault := s.do(ctx, key, c.command(key)...)
	switch {
	case fault == nil && reply == int64(1):
		return nil
	case fault == nil && reply != int64(0):
		return s.malformed("EVAL answers neither 0 nor 1")
	case fault != nil && fault.Full:
		return s.failure(fault) // the switch was not carried out: a full server refuses writes
	}
	// Either another change was first, or this one arrived and its reply did not. Without a reply
	// it may even be under way still: one more id fences it off. After a reply there is nothing to
	// fence, and the id would be in the way of the other change.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), outcomeTimeout)
	defer cancel()
	for try := range outcomeTries {
		var unfenced *redisconn.Fault
		if fault != nil {
			_, unfenced = s.do(after, key, "hincrby", key, fieldNext, 1)
		}
		now, failure := s.readHead(after)
		switch {
		case failure != nil:
		case c.isIn(now):
			return nil
		case unfenced != nil: // it may still be under way
		case fault != nil:
			return s.failure(fault)
		default:
			return s.whyNot(c, now)
		}
		if !wait(after, time.Duration(try+1)*100*time.Millisecond) {
			break
		}
	}
	if fault == nil {
		return ErrOutcomeUnknown
	}
	return fmt.Errorf("%w: %w", ErrOutcomeUnknown, s.failure(fault))
}

// whyNot is why a head refused a switch.
func (s *store) whyNot(c headSwitch, now map[string]string) error {
	_, err := parseID(now[fieldGen])
	key := strconv.Quote(s.keys.head)
	switch gen := now[fieldGen]; {
	case len(now) == 0 || gen == "" && c.gen != "":
		return s.fail(dnc.CodeListMissing, "the key "+key+" was flushed, deleted or expired meanwhile, or the databases were swapped: do it again")
	case gen == c.gen && lower(now[fieldNext], c.next):
		return s.fail(dnc.CodeListStale, "the server was restored from an old copy while the version changed: do it again")
	case gen != c.gen && err != nil:
		return s.fail(dnc.CodeListIncomplete, "something else has written to the key "+key+" meanwhile: its field gen cannot be read; import the list again")
	}
	return fmt.Errorf("%w: list %q: version %s came into force before this one", ErrSuperseded, s.list, orNone(now[fieldVer]))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// wait waits for a time, and reports whether the context still goes on then.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
