package registry

import (
	"context"
	"strconv"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redisconn"
)

// outcome is what was found of one number. From outcomeFailed on it is an index of failures.
type outcome = uint8

const (
	outcomeOpen outcome = iota // nothing was found: a number that nobody decided must not be allowed
	outcomeInvalid
	outcomeClear
	outcomeListed
	outcomeUncovered
	outcomeFailed
)

// maxTries is how often a question is asked anew because the version changed meanwhile.
const maxTries = 3

// errChanging is the failure of a question that met another version each time.
func (s *store) errChanging() *dnc.Error {
	return s.fail(dnc.CodeListIncomplete, "its version changed each of the "+strconv.Itoa(maxTries)+" times that it was asked")
}

func (s *store) errUncovered() *dnc.Error {
	return s.fail(dnc.CodeNotCovered, "the data does not cover this area: it was not in the list's coverage when it was imported")
}

var invalid = dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeInvalidNumber})

// Check asks for one number, in one round trip. The first check takes one more, to read the version
// in force.
func (r *Registry) Check(ctx context.Context, n dnc.Number) (dnc.Decision, error) {
	if n.IsZero() {
		return dnc.Decision{Verdict: dnc.Block, Reasons: invalid}, nil
	}
	if e := r.notMade(); e != nil {
		return unknown(n, nil, e)
	}
	if e := r.store.ended(ctx); e != nil {
		return unknown(n, nil, e)
	}
	v := digits.Of(n)
	for range maxTries {
		h := r.heads.load()
		if h == nil {
			var failure *dnc.Error
			if h, failure = r.current(ctx); failure != nil {
				return unknown(n, nil, failure)
			}
		}
		found, current, failure := r.store.ask(ctx, h, v)
		if failure == nil && !current {
			if _, failure := r.current(ctx); failure != nil {
				return unknown(n, nil, failure)
			}
			continue
		}
		if failure == nil {
			failure = h.tooOld(r.store, r.maxAge, time.Now())
		}
		switch {
		case failure != nil:
			return unknown(n, h, failure)
		case found == outcomeListed:
			return dnc.Decision{Number: n, Verdict: dnc.Block, Reasons: h.hit}, nil
		case found == outcomeClear:
			return dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: h.clear}, nil
		}
		return unknown(n, h, r.store.errUncovered())
	}
	return unknown(n, nil, r.store.errChanging())
}

func unknown(n dnc.Number, h *head, e *dnc.Error) (dnc.Decision, error) {
	return dnc.Decision{Number: n, Verdict: dnc.Unknown, Reasons: h.reasons(e)}, e
}

// question is the head and one block, in one piece of memory.
type question struct {
	head, shard         redisconn.Part
	headCmds, shardCmds [1]redisconn.Cmd
	args                [4]any
	parts               [2]*redisconn.Part
}

func (s *store) newQuestion(h *head, shard, field uint64) *question {
	var buf [128]byte
	key := string(strconv.AppendUint(append(buf[:0], h.prefix...), shard, 10))
	q := &question{args: [4]any{"hmget", key, markerField, fieldNames[field]}}
	q.headCmds[0], q.shardCmds[0] = s.headCmd, q.args[:]
	q.head = redisconn.Part{Key: s.keys.head, Cmds: q.headCmds[:], Tx: true} // as headPart
	q.shard = redisconn.Part{Key: key, Cmds: q.shardCmds[:]}
	q.parts = [2]*redisconn.Part{&q.head, &q.shard}
	return q
}

// ask asks for a number under a head, and whether that head is still in force. Head and block may
// be read in any order: a version never changes, its id is never used again, and its keys are
// removed only after the head has left it. So what was found under a head that was seen in force in
// the course of the call is right. What was not found may have been removed: then the head is read
// once more.
func (s *store) ask(ctx context.Context, h *head, v uint64) (found outcome, current bool, failure *dnc.Error) {
	shard, field, line := v/shardSize, v/blockSize%fields, int(v%blockSize)
	covered := h.coverage.has(v)
	_, exists := h.shards[shard]
	q := s.newQuestion(h, shard, field)
	if covered && exists {
		s.conn.PipeEach(ctx, q.parts[:]...)
	} else {
		s.conn.PipeEach(ctx, q.parts[:1]...)
	}
	current, failure = s.isCurrent(&q.head, h)
	switch {
	case failure != nil || !current:
		return outcomeOpen, current, failure
	case !covered:
		return outcomeUncovered, true, nil
	case !exists:
		return outcomeClear, true, nil
	}
	got, failure := s.readBlocks(&q.shard, h, shard, 1)
	if failure != nil {
		if failure.Code == dnc.CodeListIncomplete { // removed because the version was left just now?
			if current, err := s.inForce(ctx, h); err == nil && !current {
				return outcomeOpen, false, nil
			}
		}
		return outcomeOpen, true, failure
	}
	if b, ok := got[0].(string); ok && block.Has(b, line) {
		return outcomeListed, true, nil
	}
	return outcomeClear, true, nil
}
