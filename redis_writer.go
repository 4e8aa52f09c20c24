package dnc

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisWriter fills the list and the geo rules that a RedisChecker with the same options asks. A list that lives in Redis alone
// should be on a server that persists it (AOF), does not evict it (noeviction or a volatile policy) and, with replicas, has
// min-replicas-to-write: an Add that was acknowledged can otherwise be lost with the server.
//
// The rights it needs (Redis ACL), for the default keys:
//
//	~dnc:blacklist ~{dnc:blacklist}:* ~dnc:geo_rules -@all +multi +exec +eval +exists +sadd +srem +scard +expire +persist +rename
//	+unlink +hset +hdel +hello +auth +ping +client +select, and in a cluster those of RedisChecker besides
type RedisWriter struct {
	config redisConfig
	rdb    Client
	prefix string // of the temporary keys, which hash to the list's slot
}

// NewRedisWriter makes a writer of a client. Of the options WithList, WithGeoRules (default "dnc:geo_rules") and WithMemberFormat
// count here.
func NewRedisWriter(rdb Client, opts ...Option) (*RedisWriter, error) {
	if _, err := inspect(rdb); err != nil {
		return nil, err
	}
	c, err := newRedisConfig(append([]Option{WithGeoRules("dnc:geo_rules")}, opts...))
	if err != nil {
		return nil, err
	}
	w := &RedisWriter{config: c, rdb: rdb, prefix: "{" + c.key + "}:"}
	if open := strings.IndexByte(c.key, '{'); open >= 0 && strings.IndexByte(c.key[open:], '}') > 1 {
		w.prefix = c.key + ":" // the key has a hash tag of its own
	} else if strings.ContainsAny(c.key, "{}") {
		return nil, badOption("key %q has a brace but no hash tag: no temporary key could stand in its slot", c.key)
	}
	return w, nil
}

const (
	writeChunk = 1000
	writePipe  = 10        // chunks under way at once
	unfinished = time.Hour // how long the remains of a Replace that crashed stay
)

// Replace puts a whole list in the place of the old one, at once: a check sees all of the old or all of the new. It writes to a
// temporary key, counts it, sets the completeness marker, and renames. It returns how many different numbers the list has. After
// an error the old list is in force, whatever the error: of the sequence, of Redis, or a count that is not what was written.
// A sequence of none is refused, and so is one with an invalid number. A Replace that crashed leaves a key that expires.
func (w *RedisWriter) Replace(ctx context.Context, numbers iter.Seq2[Number, error]) (int, error) {
	list := w.config.list
	next := w.prefix + "new:" + rand.Text()
	count, err := w.load(ctx, next, numbers)
	if err == nil && count == 0 {
		err = errEmptyList(list)
	}
	if err == nil {
		err = w.swap(ctx, next, count)
	}
	if err != nil {
		w.discard(ctx, next)
		return 0, err
	}
	return count, nil
}

// load writes the sequence to a key, and returns how many members Redis says it has added.
func (w *RedisWriter) load(ctx context.Context, key string, numbers iter.Seq2[Number, error]) (int, error) {
	list := w.config.list
	count, row := 0, 0
	members := make([]any, 0, writeChunk)
	p := w.rdb.Pipeline()
	var sent []*redis.IntCmd
	send := func(last bool) error {
		if len(members) > 0 {
			sent = append(sent, p.SAdd(ctx, key, members...))
			members = members[:0]
		}
		if len(sent) == 0 || len(sent) < writePipe && !last {
			return nil
		}
		alive := p.Expire(ctx, key, unfinished)
		cmds := []redis.Cmder{alive}
		for _, c := range sent {
			cmds = append(cmds, c)
		}
		if err := run(ctx, list, p, cmds...); err != nil {
			return err
		}
		for _, c := range sent {
			count += int(c.Val())
		}
		sent = sent[:0]
		return nil
	}
	for n, err := range numbers {
		row++
		if err == nil && n.IsZero() {
			err = ErrInvalidNumber
		}
		if err != nil {
			return 0, fmt.Errorf("dnc: list %q: entry %d: the old list stays: %w", list, row, err)
		}
		member := w.config.member(n)
		members = append(members, &member)
		if len(members) == writeChunk {
			if err := send(false); err != nil {
				return 0, err
			}
		}
	}
	return count, send(true)
}

// member is what stands in the set for a number.
func (c *redisConfig) member(n Number) string {
	if c.format != nil {
		return c.format(n)
	}
	return n.E164()
}

// swap counts what was written, and puts it in the place of the list. The old list is renamed away first and then unlinked: a
// RENAME onto it would free its members while every check waits.
func (w *RedisWriter) swap(ctx context.Context, next string, count int) error {
	list, key := w.config.list, w.config.key
	tx := w.rdb.TxPipeline()
	size := tx.SCard(ctx, next)
	marked := tx.SAdd(ctx, next, marker)
	kept := tx.Persist(ctx, next) // RENAME carries the time to live along
	if err := run(ctx, list, tx, size, marked, kept); err != nil {
		return err
	}
	if size.Val() != int64(count) || marked.Val() != 1 {
		return &Error{Code: CodeListIncomplete, List: list, Hint: fmt.Sprintf(
			"Redis holds %d of the %d numbers that were written: it evicts or lost some; the old list stays", size.Val(), count)}
	}
	old := w.prefix + "old:" + rand.Text()
	tx = w.rdb.TxPipeline()
	away := tx.Rename(ctx, key, old)
	expire := tx.Expire(ctx, old, unfinished)
	into := tx.Rename(ctx, next, key)
	_, _ = tx.Exec(ctx)
	if err := into.Err(); err != nil {
		if away.Err() == nil { // what was counted a moment ago is gone: evicted, or the server was flushed
			p := w.rdb.Pipeline()
			p.Persist(ctx, old)
			p.Rename(ctx, old, key)
			_, _ = p.Exec(context.WithoutCancel(ctx))
		}
		return storeError(ctx, list, err)
	}
	if away.Err() == nil && expire.Err() == nil {
		w.discard(ctx, old)
	}
	return nil
}

// discard frees a key that nobody asks. If that fails, the key expires.
func (w *RedisWriter) discard(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	p := w.rdb.Pipeline()
	p.Unlink(ctx, key)
	_, _ = p.Exec(ctx)
}

// Writing to a list that does not exist would make one of a few numbers that looks whole, so the list is asked first, in the same
// step. Scripts are for writing alone: no check runs one.
const (
	addScript    = `if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end return redis.call('SADD', KEYS[1], unpack(ARGV))`
	removeScript = `if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end return redis.call('SREM', KEYS[1], unpack(ARGV))`
)

// Add puts numbers on the list and returns how many were not on it before. To a list that does not exist it adds nothing: the error
// is ErrListMissing, and the way to a first list is Replace. After another error some of the numbers may have been added; adding
// them again does no harm. An invalid number among them is refused before anything is sent.
func (w *RedisWriter) Add(ctx context.Context, numbers ...Number) (int, error) {
	return w.change(ctx, addScript, numbers)
}

// Remove takes numbers off the list and returns how many were on it. Errors are those of Add.
func (w *RedisWriter) Remove(ctx context.Context, numbers ...Number) (int, error) {
	return w.change(ctx, removeScript, numbers)
}

func (w *RedisWriter) change(ctx context.Context, script string, numbers []Number) (int, error) {
	if err := checkNumbers(numbers); err != nil {
		return 0, err
	}
	list, changed := w.config.list, 0
	for len(numbers) > 0 {
		part := numbers[:min(len(numbers), writeChunk)]
		numbers = numbers[len(part):]
		args := make([]any, len(part))
		for i, n := range part {
			member := w.config.member(n)
			args[i] = &member
		}
		p := w.rdb.Pipeline()
		reply := p.Eval(ctx, script, []string{w.config.key}, args...)
		if err := run(ctx, list, p, reply); err != nil {
			return changed, err
		}
		n, ok := reply.Val().(int64)
		switch {
		case !ok:
			return changed, malformed(list, "the script returns no number")
		case n < 0:
			return changed, &Error{Code: CodeListMissing, List: list, Hint: fmt.Sprintf("key %q does not exist: load the list with Replace first", w.config.key)}
		}
		changed += int(n)
	}
	return changed, nil
}

// SetGeoRule sets the rule of a prefix: 1 to 15 digits with or without "+".
func (w *RedisWriter) SetGeoRule(ctx context.Context, prefix string, rule GeoRule) error {
	digits, ok := cleanPrefix(prefix)
	if !ok {
		return errPrefix
	}
	value, err := json.Marshal(rule)
	if err != nil {
		return fmt.Errorf("dnc: geo rule: %w", err)
	}
	p := w.rdb.TxPipeline()
	set := p.HSet(ctx, w.config.geoKey, "+"+digits, value)
	bare := p.HDel(ctx, w.config.geoKey, digits) // the same prefix in the other spelling
	if e := run(ctx, geoListName(w.config.geoKey), p, set, bare); e != nil {
		return e
	}
	return nil
}

// RemoveGeoRule removes the rule of a prefix. Without its last rule the hash is gone, and a RedisChecker that consults it answers
// list_missing; a rule for "+1" that allows keeps it.
func (w *RedisWriter) RemoveGeoRule(ctx context.Context, prefix string) error {
	digits, ok := cleanPrefix(prefix)
	if !ok {
		return errPrefix
	}
	p := w.rdb.Pipeline()
	del := p.HDel(ctx, w.config.geoKey, "+"+digits, digits)
	if e := run(ctx, geoListName(w.config.geoKey), p, del); e != nil {
		return e
	}
	return nil
}
