package dnc

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// RedisWriter writes the list and the geo rules that a RedisChecker with the same options asks. If
// Redis has the only copy of a list, set up the server so that it persists (AOF), does not evict
// (noeviction or a volatile policy) and, with replicas, has min-replicas-to-write. Otherwise an Add
// that was acknowledged can be lost with the server.
//
// What it keeps in Redis, for the default key:
//
//	dnc:blacklist                 SET: the numbers, and after a Replace the completeness marker "!complete".
//	                              Other readers of the SET meet this member: it is not a number, skip it.
//	{dnc:blacklist}:changes       STREAM: about the last 1,000 changes, of up to 100 numbers each, for Follow
//	{dnc:blacklist}:call:<id>     the result of one Add or Remove, for a minute: one that the client repeats counts once
//	{dnc:blacklist}:new:<id>      a list that Replace is writing; expires after an hour
//	{dnc:blacklist}:old:<id>      a list that was replaced, until it is freed; expires after an hour
//
// It needs these rights (Redis ACL), here for the default keys. One of +role, +hello and +info is
// enough:
//
//	~dnc:blacklist ~{dnc:blacklist}:* ~dnc:geo_rules -@all +multi +exec +role +eval +exists +sadd +srem
//	+scard +sismember +sscan +expire +persist +rename +unlink +get +set +xadd +hset +hdel +hello +auth
//	+ping +client +select, and in a cluster those of RedisChecker besides
type RedisWriter struct {
	config redisConfig
	rdb    *redisconn.Client // nil in a zero RedisWriter
	prefix string            // of the keys beside the list, which hash to the list's slot
}

// NewRedisWriter makes a RedisWriter. It accepts the clients that NewRedisChecker accepts. These
// options apply: WithList, WithGeoRules (default "dnc:geo_rules"), WithMemberFormat, AllowEmpty and
// DangerouslyAssumePrimary.
func NewRedisWriter(rdb RedisClient, opts ...RedisOption) (*RedisWriter, error) {
	c, err := newRedisConfig(opts)
	if err == nil && c.geoKey == "" {
		err = WithGeoRules("dnc:geo_rules").redis(&c)
	}
	if err != nil {
		return nil, err
	}
	conn, err := openRedis(rdb, &c)
	if err != nil {
		return nil, err
	}
	prefix, err := slotPrefix(c.key)
	if err != nil {
		return nil, err
	}
	return &RedisWriter{config: c, rdb: conn, prefix: prefix}, nil
}

// slotPrefix begins the keys that lie in the slot of a list's key.
func slotPrefix(key string) (string, error) {
	if open := strings.IndexByte(key, '{'); open >= 0 && strings.IndexByte(key[open:], '}') > 1 {
		return key + ":", nil // the key has a hash tag of its own
	}
	if strings.ContainsAny(key, "{}") {
		return "", badOption("key %q has a brace but no hash tag: no temporary key could lie in its slot", key)
	}
	return "{" + key + "}:", nil
}

// member is what a number is written as.
func (c *redisConfig) member(n Number) string {
	if len(c.formats) > 0 {
		return c.formats[0](n)
	}
	return n.E164()
}

func (w *RedisWriter) notMade() *Error {
	if w == nil || w.rdb == nil {
		return failed("the RedisWriter was not made by NewRedisWriter")
	}
	return nil
}

// ready reports why the writer cannot write. It also settles how the server is asked about its
// role, so that no write is repeated for a question that the server does not understand.
func (w *RedisWriter) ready(ctx context.Context) *redisconn.Fault {
	_, f := w.rdb.Pipe(ctx, w.config.key, redisconn.Cmd{"exists", w.config.key})
	return f
}

// Add puts numbers on the list and returns how many were not on it before. The count is right also
// if the client had to repeat the command. If the list does not exist, Add adds nothing and the
// error is ErrListMissing: make a first list with Replace. After any other error some of the
// numbers may have been added; adding them again does no harm. If one is the zero Number, nothing
// is sent.
func (w *RedisWriter) Add(ctx context.Context, numbers ...Number) (int, error) {
	return w.change(ctx, "add", numbers)
}

// Remove takes numbers off the list and returns how many were on it. Errors are those of Add.
func (w *RedisWriter) Remove(ctx context.Context, numbers ...Number) (int, error) {
	return w.change(ctx, "remove", numbers)
}

// changeScript changes a list that exists, and keeps what it did: a client repeats a call whose
// reply was lost. Writing to a list that does not exist would make one of a few numbers that looks
// whole. Scripts are for writing alone: no check runs one. The stream gets every member, up to 100
// an entry: op=add or op=remove, then member=... for each. It is written first: Redis does not undo
// a script that fails, and Follow would miss a change that the stream does not have. An addition too
// many does no harm. A removal too many would allow a listed number, so the script first removes a
// member that no list has: that fails where the right to SREM is missing.
const changeScript = `
local done = redis.call('GET', KEYS[3])
if done then return tonumber(done) end
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
local command = 'SADD'
if ARGV[1] ~= 'add' then
	command = 'SREM'
	redis.call(command, KEYS[1], KEYS[3])
end
for first = 3, #ARGV, 100 do
	local entry = {'XADD', KEYS[2], 'MAXLEN', '~', 1000, '*', 'op', ARGV[1]}
	for i = first, math.min(first + 99, #ARGV) do
		entry[#entry + 1] = 'member'
		entry[#entry + 1] = ARGV[i]
	end
	redis.call(unpack(entry))
end
local changed = redis.call(command, KEYS[1], unpack(ARGV, 3))
redis.call('SET', KEYS[3], changed, 'EX', ARGV[2])
return changed`

const (
	writeChunk  = 1000
	rememberFor = 60 // seconds that the outcome of a call is kept: a client repeats it within its timeouts
)

func (w *RedisWriter) change(ctx context.Context, op string, numbers []Number) (int, error) {
	if e := w.notMade(); e != nil {
		return 0, e
	}
	list := w.config.list
	if err := checkNumbers(numbers); err != nil {
		return 0, err
	}
	if len(numbers) > 0 {
		if f := w.ready(ctx); f != nil {
			return 0, storeError(list, f)
		}
	}
	members := make([]string, len(numbers))
	for i, n := range numbers {
		members[i] = w.config.member(n)
	}
	return w.changeMembers(ctx, op, members)
}

// changeMembers adds or removes members in chunks.
func (w *RedisWriter) changeMembers(ctx context.Context, op string, members []string) (changed int, err error) {
	list := w.config.list
	for len(members) > 0 {
		chunk := members[:min(len(members), writeChunk)]
		members = members[len(chunk):]
		cmd := redisconn.Cmd{"eval", changeScript, 3, w.config.key, w.prefix + "changes", w.prefix + "call:" + rand.Text(), op, rememberFor}
		for i := range chunk {
			cmd = append(cmd, &chunk[i]) // a pointer, as in question.prepare
		}
		replies, f := w.rdb.Pipe(ctx, w.config.key, cmd)
		if f != nil {
			return changed, storeError(list, f)
		}
		n, ok := replies[0].(int64)
		switch {
		case !ok:
			return changed, storeError(list, redisconn.Malformed("the script returns no number"))
		case n < 0:
			return changed, &Error{Code: CodeListMissing, List: list, Hint: fmt.Sprintf(
				"key %q does not exist: load the list with Replace first", w.config.key)}
		}
		changed += int(n)
	}
	return changed, nil
}

// SetGeoRule sets the rule of a prefix: 1 to 15 digits with or without "+".
func (w *RedisWriter) SetGeoRule(ctx context.Context, prefix string, rule GeoRule) error {
	if e := w.notMade(); e != nil {
		return e
	}
	digits, ok := cleanPrefix(prefix)
	if !ok {
		return errPrefix
	}
	value, err := json.Marshal(rule)
	if err != nil {
		return badOption("the geo rule cannot be written as JSON: %w", err)
	}
	key := w.config.geoKey
	_, f := w.rdb.Tx(ctx, key,
		redisconn.Cmd{"hset", key, "+" + digits, value},
		redisconn.Cmd{"hdel", key, digits}) // the same prefix in the other spelling
	if f != nil {
		return storeError(geoListName(key), f)
	}
	return nil
}

// RemoveGeoRule removes the rule of a prefix. Redis deletes a hash without fields. So after the
// last rule is removed, a RedisChecker with WithGeoRules answers list_missing. To keep the hash,
// set a rule that allows, for example for "+1".
func (w *RedisWriter) RemoveGeoRule(ctx context.Context, prefix string) error {
	if e := w.notMade(); e != nil {
		return e
	}
	digits, ok := cleanPrefix(prefix)
	if !ok {
		return errPrefix
	}
	key := w.config.geoKey
	if _, f := w.rdb.Pipe(ctx, key, redisconn.Cmd{"hdel", key, "+" + digits, digits}); f != nil {
		return storeError(geoListName(key), f)
	}
	return nil
}

// settle is a context for what must be done also after the caller's has ended.
func settle(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
}
