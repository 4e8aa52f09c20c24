package dnc

import (
	"context"
	"fmt"
	"unsafe"

	"github.com/redis/go-redis/v9"
)

// marker is the member that RedisWriter.Replace puts on a list last. It is no number, so nobody's number is it.
const marker = "!complete"

// question is one transaction: the size of the list, and which of some numbers and the marker are on it. Its buffers are used again
// for the next chunk of a batch.
type question struct {
	r       *RedisChecker
	args    []any    // "smismember", key, a *string for each number, the marker
	members []string // views into text, or what the caller's member format returned
	text    []byte

	hits    []any  // the reply, once it was found to be one
	failure *Error // the store failed, or the call is over: the next chunk will hardly fare better
}

func (r *RedisChecker) newQuestion(size int) *question {
	q := &question{r: r, args: make([]any, 0, size+3), members: make([]string, 0, size)}
	if r.config.format == nil {
		q.text = make([]byte, 0, size*(maxDigits+1))
	}
	return q
}

// prepare writes the numbers; it reports whether there are any. Arguments are pointers because a string in an interface is an
// allocation, and because what prints commands, as tracing does, prints an address and not a number.
func (q *question) prepare(ns []Number) bool {
	q.text, q.members, q.hits = q.text[:0], q.members[:0], nil
	q.args = append(q.args[:0], "smismember", q.r.config.key)
	for _, n := range ns {
		if n.IsZero() {
			continue
		}
		var member string
		if q.r.config.format != nil {
			member = q.r.config.format(n)
		} else {
			from := len(q.text)
			q.text = n.appendE164(q.text) // never grows: the capacity is that of the longest numbers
			member = unsafe.String(&q.text[from], len(q.text)-from)
		}
		q.members = append(q.members, member)
		q.args = append(q.args, &q.members[len(q.members)-1])
	}
	q.args = append(q.args, marker)
	return len(q.members) > 0
}

// hit reports whether the k-th number is on the list. Without a reply it is false, and the answer has trouble.
func (q *question) hit(k int) bool { return q.hits != nil && q.hits[k] == int64(1) }

// askList asks, and believes the reply only if it is whole: every error of every command, the length, and that each element is 0 or 1.
// SMISMEMBER is read as whatever comes: go-redis's []bool makes false of nil, and false is what lets a call through, and its []any takes
// any reply with digits in it for the length of an array.
func (q *question) askList(ctx context.Context) *Error {
	count, complete, err := q.askOnce(ctx, q.r.rdb.TxPipeline())
	if err != nil && err.full {
		// Redis at its maxmemory refuses to queue commands. Outside a transaction the list can be replaced between the two
		// commands, but not within one: numbers and marker are asked by the same.
		refused := err
		if count, complete, err = q.askOnce(ctx, q.r.rdb.Pipeline()); err == nil && !complete {
			q.hits = nil
			return refused
		}
	}
	if err != nil {
		return err
	}
	return q.judge(count, complete)
}

// askOnce asks for the size of the list, and which numbers and whether the marker are on it.
func (q *question) askOnce(ctx context.Context, p redis.Pipeliner) (count int64, complete bool, trouble *Error) {
	c := &q.r.config
	size := redis.NewIntCmd(ctx, "scard", c.key)
	hits := redis.NewCmd(ctx, q.args...)
	_ = p.Process(ctx, size)
	_ = p.Process(ctx, hits)
	if err := run(ctx, c.list, p, size, hits); err != nil {
		return 0, false, err
	}
	reply, ok := hits.Val().([]any)
	if !ok || len(reply) != len(q.members)+1 {
		return 0, false, malformed(c.list, fmt.Sprintf("SMISMEMBER has %d elements for %d members", len(reply), len(q.members)+1))
	}
	any1 := false
	for _, v := range reply {
		if n, ok := v.(int64); !ok || n < 0 || n > 1 {
			return 0, false, malformed(c.list, "an element of SMISMEMBER is neither 0 nor 1")
		}
		any1 = any1 || v == int64(1)
	}
	if count = size.Val(); count < 0 || count == 0 && any1 {
		return 0, false, malformed(c.list, "SCARD and SMISMEMBER contradict each other")
	}
	q.hits = reply
	return count, reply[len(reply)-1] == int64(1), nil
}

// judge says whether a list of that size, with or without its marker, may be believed about numbers that are not on it.
func (q *question) judge(count int64, complete bool) *Error {
	c, seen := &q.r.config, q.r.marked.Load()
	if complete {
		count--
		if !seen {
			q.r.marked.Store(true)
		}
	}
	demanded := c.needMarker || seen
	switch {
	case complete && count >= c.minSize:
		return nil
	case count == 0 && !complete && c.allowMissing && !demanded:
		return nil
	case count == 0 && !complete:
		return &Error{Code: CodeListMissing, List: c.list, Hint: fmt.Sprintf(
			"key %q does not exist: it was never loaded, expired, evicted or flushed, or it is in another database or under another prefix", c.key)}
	case count < c.minSize:
		return &Error{Code: CodeListIncomplete, List: c.list, Hint: fmt.Sprintf("%d numbers are fewer than the minimum of %d", count, c.minSize)}
	case !complete && demanded:
		return &Error{Code: CodeListIncomplete, List: c.list, Hint: "the completeness marker is missing: the list was wiped or written by something else than Replace"}
	default:
		return nil
	}
}

// run executes a pipeline and looks at its error and at that of every command: Exec returns only the first, and a nil reply in
// front would hide a refusal behind it.
func run(ctx context.Context, list string, p redis.Pipeliner, cmds ...redis.Cmder) *Error {
	_, err := p.Exec(ctx)
	var first *Error
	for _, cmd := range cmds {
		if e := cmd.Err(); e != nil && first == nil {
			first = storeError(ctx, list, e)
		}
	}
	if first == nil && err != nil {
		first = storeError(ctx, list, err)
	}
	return first
}
