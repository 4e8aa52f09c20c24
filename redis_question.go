package dnc

import (
	"context"
	"fmt"
	"sync/atomic"
	"unsafe"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// marker is the member that RedisWriter.Replace puts on a list last. It is not a number, so no
// number is ever taken for it.
const marker = "!complete"

// question asks which of some numbers and the marker are on the list. Its buffers are used again
// for the next chunk of a batch.
type question struct {
	r       *RedisChecker
	cmd     redisconn.Cmd // "smismember", key, a *string for each spelling of each number, the marker
	members []string      // views into text, or what the caller's member formats returned
	text    []byte
	each    int // spellings a number

	hits    []any  // the checked reply; nil before there is one
	failure *Error // the store failed, or the call is over: the next chunk will hardly fare better
}

func (r *RedisChecker) newQuestion(size int) *question {
	each := max(1, len(r.config.formats))
	q := &question{r: r, each: each, cmd: make(redisconn.Cmd, 0, size*each+3), members: make([]string, 0, size*each)}
	if len(r.config.formats) == 0 {
		q.text = make([]byte, 0, size*(maxDigits+1))
	}
	return q
}

// prepare writes the numbers. It reports whether there are any. Arguments are pointers because a
// string in an interface is an allocation, and because tracing prints the address of a pointer and
// not the number.
func (q *question) prepare(ns []Number) bool {
	q.text, q.members, q.hits = q.text[:0], q.members[:0], nil
	q.cmd = append(q.cmd[:0], "smismember", q.r.config.key)
	for _, n := range ns {
		if n.IsZero() {
			continue
		}
		if len(q.r.config.formats) == 0 {
			from := len(q.text)
			q.text = n.appendE164(q.text) // never grows: the capacity is that of the longest numbers
			q.add(unsafe.String(&q.text[from], len(q.text)-from))
			continue
		}
		for _, format := range q.r.config.formats {
			q.add(format(n))
		}
	}
	q.cmd = append(q.cmd, marker)
	return len(q.members) > 0
}

func (q *question) add(member string) {
	q.members = append(q.members, member)
	q.cmd = append(q.cmd, &q.members[len(q.members)-1])
}

// hit reports whether the k-th number is on the list in any spelling. Without a reply it is false,
// and the answer has trouble.
func (q *question) hit(k int) bool {
	if q.hits == nil {
		return false
	}
	for _, v := range q.hits[k*q.each : (k+1)*q.each] {
		if v == int64(1) {
			return true
		}
	}
	return false
}

// askList asks, and returns why numbers that are not on the list are Unknown.
func (q *question) askList(ctx context.Context) *Error {
	r := q.r
	if r.marked.Load() && r.config.minSize == 0 {
		// The marker is part of the same reply, so it alone shows that the list is whole.
		if complete, e := q.askMarked(ctx); e != nil || complete {
			return e
		}
	}
	size := redisconn.Cmd{"scard", r.config.key}
	replies, f := r.rdb.Tx(ctx, r.config.key, size, q.cmd)
	if f == nil {
		count, complete, e := q.read(replies)
		if e != nil {
			return e
		}
		return r.config.incomplete(&r.marked, count, complete)
	}
	refused := storeError(r.config.list, f)
	if !f.Full && (!f.NoTx || !r.config.assumePrimary) {
		return refused
	}
	// A server at its maxmemory refuses to queue commands, and some proxies have no transactions.
	// Outside of one the list can be replaced between two commands, but not within one: the numbers
	// and the marker are asked by the same command, so the marker is required.
	replies, f = r.rdb.Pipe(ctx, r.config.key, size, q.cmd)
	if f != nil {
		return storeError(r.config.list, f)
	}
	count, complete, e := q.read(replies)
	switch {
	case e != nil:
		return e
	case !complete:
		q.hits = nil
		return refused
	}
	return r.config.incomplete(&r.marked, count, complete)
}

// askMarked asks a list whose marker was seen before. Without the marker there is no answer.
func (q *question) askMarked(ctx context.Context) (complete bool, e *Error) {
	replies, f := q.r.rdb.Tx(ctx, q.r.config.key, q.cmd)
	if f != nil && (f.Full || f.NoTx) {
		return false, nil
	}
	if f != nil {
		return false, storeError(q.r.config.list, f)
	}
	hits, _, e := q.readHits(replies[0])
	if e != nil {
		return false, e
	}
	if complete = hits[len(hits)-1] == int64(1); complete {
		q.hits = hits
	}
	return complete, nil
}

// read reads the replies to SCARD and SMISMEMBER.
func (q *question) read(replies []any) (count int64, complete bool, e *Error) {
	hits, listed, e := q.readHits(replies[1])
	if e != nil {
		return 0, false, e
	}
	count, ok := replies[0].(int64)
	if !ok || count < 0 || count == 0 && listed {
		return 0, false, q.malformed("SCARD and SMISMEMBER contradict each other")
	}
	q.hits = hits
	return count, hits[len(hits)-1] == int64(1), nil
}

// readHits reads the reply to SMISMEMBER: its length counts, and that each element is 0 or 1.
func (q *question) readHits(reply any) (hits []any, listed bool, e *Error) {
	hits, ok := reply.([]any)
	if !ok || len(hits) != len(q.members)+1 {
		return nil, false, q.malformed(fmt.Sprintf("SMISMEMBER has %d elements for %d members", len(hits), len(q.members)+1))
	}
	for _, v := range hits {
		if n, ok := v.(int64); !ok || n < 0 || n > 1 {
			return nil, false, q.malformed("an element of SMISMEMBER is neither 0 nor 1")
		}
		listed = listed || v == int64(1)
	}
	return hits, listed, nil
}

func (q *question) malformed(hint string) *Error {
	return storeError(q.r.config.list, redisconn.Malformed(hint))
}

// incomplete is why a list of that size, with or without its marker, has no answer about numbers
// that are not on it. marked remembers that the marker was seen.
func (c *redisConfig) incomplete(marked *atomic.Bool, count int64, complete bool) *Error {
	seen := marked.Load()
	if complete {
		count--
		if !seen {
			marked.Store(true)
		}
	}
	required := c.needMarker || seen
	switch {
	case complete && count >= c.minSize:
		return nil
	case count == 0 && !complete && c.allowMissing && !required:
		return nil
	case count == 0 && !complete:
		return &Error{Code: CodeListMissing, List: c.list, Hint: fmt.Sprintf("key %q does not exist: it was never "+
			"loaded, expired, evicted or flushed, or it is in another database or under another prefix", c.key)}
	case count < c.minSize:
		return &Error{Code: CodeListIncomplete, List: c.list, Hint: fmt.Sprintf(
			"the list has too few numbers: %d, and the minimum is %d", count, c.minSize)}
	case !complete && required:
		return &Error{Code: CodeListIncomplete, List: c.list, Hint: "the completeness marker is missing: " +
			"the list was wiped or written by something else than Replace"}
	default:
		return nil
	}
}
