package dnc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/dnc-go/dnc/internal/redisconn"
)

const (
	writePipe  = 10        // chunks in flight at once
	unfinished = time.Hour // how long the remains of a Replace that crashed stay

	// loading is the first member of a list that is being written. Redis evicts, expires and
	// flushes keys as a whole, so as long as it is there, nothing of the key was lost.
	loading = "!loading"
)

// Replace writes a new list and returns how many different numbers it has. A check sees all of the
// old list or all of the new one. Replace writes to a temporary key, counts it, sets the
// completeness marker "!complete", and renames the key. It refuses a sequence with the zero Number,
// and, without AllowEmpty, a sequence without numbers. If the process crashes, the temporary key
// expires after an hour.
//
// After an error the old list is in force, with one exception. If the reply to the rename was lost,
// Replace asks Redis which list is in force. If Redis does not answer that either, the error wraps
// ErrOutcomeUnknown: call Replace again.
func (w *RedisWriter) Replace(ctx context.Context, numbers iter.Seq2[Number, error]) (int, error) {
	if e := w.notMade(); e != nil {
		return 0, e
	}
	list := w.config.list
	if numbers == nil {
		return 0, badOption("RedisWriter.Replace: the numbers are nil")
	}
	if f := w.ready(ctx); f != nil {
		return 0, storeError(list, f)
	}
	l := &loader{w: w, key: w.prefix + "new:" + rand.Text()}
	err := l.load(ctx, numbers)
	if err == nil && l.size <= 1 && !w.config.allowEmpty {
		err = errEmptyList(list)
	}
	if err == nil {
		err = w.swap(ctx, l.key, l.size)
	}
	if err != nil {
		if !errors.Is(err, ErrOutcomeUnknown) {
			w.discard(ctx, l.key)
		}
		return 0, err
	}
	return l.size - 1, nil
}

// loader writes a list to a temporary key.
type loader struct {
	w    *RedisWriter
	key  string
	size int // members that the key has, with loading
	adds []redisconn.Cmd
	sent int // members in adds
}

func (l *loader) load(ctx context.Context, numbers iter.Seq2[Number, error]) error {
	list := l.w.config.list
	add := redisconn.Cmd{"sadd", l.key, loading}
	row := 0
	for n, err := range numbers {
		row++
		if err == nil && n.IsZero() {
			err = ErrInvalidNumber
		}
		if err != nil {
			return fmt.Errorf("dnc: list %q: entry %d: the old list stays: %w", list, row, err)
		}
		member := l.w.config.member(n)
		if add = append(add, &member); len(add)-2 < writeChunk {
			continue
		}
		l.adds, l.sent = append(l.adds, add), l.sent+len(add)-2
		add = redisconn.Cmd{"sadd", l.key}
		if len(l.adds) == writePipe {
			if err := l.send(ctx); err != nil {
				return err
			}
		}
	}
	if len(add) > 2 {
		l.adds, l.sent = append(l.adds, add), l.sent+len(add)-2
	}
	return l.send(ctx)
}

// send writes some chunks. The size before them must be the size after those before: less means
// that Redis has lost members, as after a failover. More is right only if the client has repeated
// this call.
func (l *loader) send(ctx context.Context) error {
	if len(l.adds) == 0 {
		return nil
	}
	size := redisconn.Cmd{"scard", l.key}
	cmds := append([]redisconn.Cmd{size}, l.adds...)
	cmds = append(cmds, redisconn.Cmd{"expire", l.key, int(unfinished / time.Second)}, size)
	replies, f := l.w.rdb.Pipe(ctx, l.key, cmds...)
	if f != nil {
		return storeError(l.w.config.list, f)
	}
	before, ok1 := replies[0].(int64)
	after, ok2 := replies[len(replies)-1].(int64)
	if !ok1 || !ok2 {
		return storeError(l.w.config.list, redisconn.Malformed("SCARD returns no number"))
	}
	if int(before) < l.size || int(before) > l.size+l.sent {
		return lostMembers(l.w.config.list, int(before), l.size)
	}
	l.size, l.sent, l.adds = int(after), 0, l.adds[:0]
	return nil
}

func lostMembers(list string, has, want int) *Error {
	return &Error{Code: CodeListIncomplete, List: list, Hint: fmt.Sprintf(
		"Redis holds %d of the %d members that were written: it evicts or lost some; the old list stays", max(has, 0), want)}
}

// swapScript counts what was written, and puts it in the place of the list. The old list is renamed
// away first and is freed later: a RENAME onto it would free its members while every check waits.
// Redis does not undo a script that fails, as for a right that is missing. So the script first
// makes the note that it ran, and writes the stream of changes: Follow would miss a list that the
// stream does not have. Nothing that comes after the renames can fail then.
const swapScript = `
if redis.call('GET', KEYS[4]) == '1' then return redis.call('SCARD', KEYS[1]) end
local size = redis.call('SCARD', KEYS[2])
if size ~= tonumber(ARGV[1]) or redis.call('SISMEMBER', KEYS[2], ARGV[2]) == 0 then return -1 - size end
redis.call('SET', KEYS[4], 0, 'EX', ARGV[4])
redis.call('XADD', KEYS[5], 'MAXLEN', '~', 1000, '*', 'op', 'replace')
redis.call('SADD', KEYS[2], ARGV[3])
redis.call('SREM', KEYS[2], ARGV[2])
redis.call('PERSIST', KEYS[2])
if redis.call('EXISTS', KEYS[1]) == 1 then
	redis.call('RENAME', KEYS[1], KEYS[3])
	redis.call('EXPIRE', KEYS[3], ARGV[4])
end
redis.call('RENAME', KEYS[2], KEYS[1])
redis.call('SET', KEYS[4], 1, 'EX', ARGV[4])
return size`

// ErrOutcomeUnknown is wrapped by the error of RedisWriter.Replace if the reply to its last command
// was lost, and Redis did not say afterwards whether the old or the new list is in force.
var ErrOutcomeUnknown = errors.New("dnc: it is not known which list is in force")

// swap puts the new list in the place of the old one.
func (w *RedisWriter) swap(ctx context.Context, next string, size int) error {
	id := rand.Text()
	old, call := w.prefix+"old:"+id, w.prefix+"call:"+id
	replies, f := w.rdb.Pipe(ctx, w.config.key, redisconn.Cmd{
		"eval", swapScript, 5, w.config.key, next, old, call, w.prefix + "changes",
		size, loading, marker, int(unfinished / time.Second),
	})
	if f != nil {
		return w.outcome(ctx, next, call, f)
	}
	n, ok := replies[0].(int64)
	switch {
	case !ok:
		return w.outcome(ctx, next, call, redisconn.Malformed("the script returns no number"))
	case n < 0:
		return lostMembers(w.config.list, int(-1-n), size)
	}
	w.discard(ctx, old)
	return nil
}

// outcome finds out which list is in force after the last step has failed. The new list is taken
// away in the same transaction: a script that is still on its way finds nothing to put in force
// then.
func (w *RedisWriter) outcome(ctx context.Context, next, call string, f *redisconn.Fault) error {
	failure := storeError(w.config.list, f)
	ctx, cancel := settle(ctx)
	defer cancel()
	replies, lost := w.rdb.Tx(ctx, w.config.key, redisconn.Cmd{"get", call}, redisconn.Cmd{"unlink", next})
	if lost != nil {
		return fmt.Errorf("%w: %w", ErrOutcomeUnknown, failure)
	}
	if replies[0] == "1" {
		return nil
	}
	return failure
}

// discard frees a key that nobody asks. If that fails, the key expires.
func (w *RedisWriter) discard(ctx context.Context, key string) {
	ctx, cancel := settle(ctx)
	defer cancel()
	_, _ = w.rdb.Pipe(ctx, w.config.key, redisconn.Cmd{"unlink", key})
}
