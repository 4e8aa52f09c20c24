package dnc

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// view is what the last look at the server found. It never changes; the next look makes a new one.
type view struct {
	tried time.Time // when the last look began, successful or not

	verified time.Time // when server and spelling were last looked at with success
	list     *Error    // what is wrong with them: found, or why nothing could be found

	geoRead time.Time // when the geo rules were last read
	geo     *geoTable // nil if there are none to consult, or too many to keep
	large   bool      // they are asked for each number
	geoErr  *Error
}

const (
	retryLook  = 250 * time.Millisecond // after a look that failed
	sampleSize = 100
)

// trouble is why nothing that the list says may be believed.
func (v *view) trouble(ctx context.Context, r *RedisChecker) *Error {
	switch {
	case time.Since(v.verified) < r.config.stale && (v.list == nil || v.list.Retryable()):
		return nil // it was found in order lately; the question itself will tell
	case ctx.Err() != nil:
		return contextError(ctx, r.config.list)
	case v.list == nil:
		return &Error{Code: CodeStoreUnavailable, List: r.config.list, Hint: "the server was not looked at for too long"}
	}
	return v.list
}

// geoTrouble is why the geo rules have no answer.
func (v *view) geoTrouble(ctx context.Context, r *RedisChecker) *Error {
	age := time.Since(v.geoRead)
	switch {
	case r.config.geoKey == "", v.geoErr == nil && age < r.config.stale:
		return nil
	case v.geoErr == nil || v.geoErr.Retryable() && !v.geoRead.IsZero():
		if age < r.config.stale {
			return nil // the rules as they were read last
		}
		return &Error{Code: CodeListStale, List: r.geoList(), Hint: fmt.Sprintf(
			"the geo rules were last read more than %v ago", r.config.stale), Err: asError(v.geoErr)}
	case ctx.Err() != nil:
		return contextError(ctx, r.geoList())
	}
	return v.geoErr
}

func asError(e *Error) error {
	if e == nil {
		return nil
	}
	return e
}

func (r *RedisChecker) geoList() string { return geoListName(r.config.geoKey) }

// look returns what is known of the server, after a new look where one is due. One call looks; the others go on with what was
// known, and wait only if nothing is.
func (r *RedisChecker) look(ctx context.Context) *view {
	v := r.view.Load()
	if v != nil && time.Since(v.tried) < v.pause(r) {
		return v
	}
	if v != nil && v.trouble(ctx, r) == nil && v.geoTrouble(ctx, r) == nil {
		select {
		case r.turn <- struct{}{}:
		default:
			return v
		}
	} else {
		select {
		case r.turn <- struct{}{}:
		case <-ctx.Done():
			e := contextError(ctx, r.config.list)
			return &view{list: e, geoErr: e}
		}
	}
	defer func() { <-r.turn }()
	old := r.view.Load()
	if old != v && old != nil && time.Since(old.tried) < old.pause(r) {
		return old // another call has looked meanwhile
	}
	fresh := r.lookNow(ctx, old)
	if ctx.Err() == nil { // a caller that gave up has found out nothing
		r.view.Store(fresh)
	}
	return fresh
}

func (v *view) pause(r *RedisChecker) time.Duration {
	if v.list != nil || v.geoErr != nil {
		return min(retryLook, r.config.refresh)
	}
	return r.config.refresh
}

func (r *RedisChecker) lookNow(ctx context.Context, old *view) *view {
	r.announced.Do(func() {
		if r.topology.warning != "" {
			r.config.reporter.report(ctx, Incident{Event: EventClientOptions, List: r.config.list, Err: badOption("%s", r.topology.warning)})
		}
	})
	now := time.Now()
	v := &view{tried: now}
	if old != nil {
		*v = *old
		v.tried = now
	}
	p := r.rdb.Pipeline()
	var hello *redis.Cmd
	if r.topology.single {
		hello = p.Do(ctx, "hello", r.topology.version)
	}
	sample := p.SRandMemberN(ctx, r.config.key, sampleSize)
	var fields *redis.IntCmd
	if r.config.geoKey != "" {
		fields = p.HLen(ctx, r.config.geoKey)
	}
	_, _ = p.Exec(ctx) // each command is looked at below; in a cluster they go to different servers

	if v.list = r.verify(ctx, hello, sample); v.list == nil {
		v.verified = now
	}
	if fields != nil {
		r.readRules(ctx, v, fields)
		if v.geoErr == nil {
			v.geoRead = now
		}
	}
	return v
}

// verify judges the server and the spelling of the list's members.
func (r *RedisChecker) verify(ctx context.Context, hello *redis.Cmd, sample *redis.StringSliceCmd) *Error {
	list := r.config.list
	if hello != nil {
		if err := hello.Err(); err != nil {
			return storeError(ctx, list, err)
		}
		if err := judgeHello(list, hello.Val()); err != nil {
			return err
		}
	}
	if err := sample.Err(); err != nil {
		return storeError(ctx, list, err)
	}
	bad, total := 0, 0
	for _, m := range sample.Val() {
		if m == marker {
			continue
		}
		total++
		if !r.config.spelled(m) {
			bad++
		}
	}
	e := &Error{Code: CodeStoreMisconfigured, List: list, Hint: fmt.Sprintf(
		"%d of %d sampled members are not spelled as numbers are asked for, \"+\" and digits, so they match no number: "+
			"write them as +E.164, or give WithMemberFormat", bad, total)}
	if bad > 0 && bad*10 >= total {
		return e
	}
	r.reportOdd(ctx, 0, Incident{Event: EventMembers, List: list, Numbers: bad, Err: e})
	return nil
}

// judgeHello refuses a server that may lack numbers.
func judgeHello(list string, reply any) *Error {
	mode, role, ok := readHello(reply)
	switch {
	case !ok:
		return malformed(list, "HELLO names no mode and role")
	case mode == "cluster":
		return &Error{Code: CodeStoreMisconfigured, List: list, Hint: "this is one node of a cluster: use redis.NewClusterClient, or IsClusterMode of UniversalOptions"}
	case role != "master":
		return &Error{Code: CodeStoreMisconfigured, List: list, Hint: "this server is a replica, which may lack numbers: connect to the primary, or through Sentinel"}
	}
	return nil
}

// readHello reads mode and role from the reply of HELLO: a map with RESP3, a flat array with RESP2.
func readHello(reply any) (mode, role string, ok bool) {
	put := func(key, value any) {
		text, _ := value.(string)
		switch key {
		case "mode":
			mode = text
		case "role":
			role = text
		}
	}
	switch m := reply.(type) {
	case map[any]any:
		for k, v := range m {
			put(k, v)
		}
	case []any:
		for i := 0; i+1 < len(m); i += 2 {
			put(m[i], m[i+1])
		}
	}
	return mode, role, mode != "" && role != ""
}

// spelled reports whether a member is one that a number could be asked as.
func (c *redisConfig) spelled(member string) bool {
	if c.format == nil {
		n, err := ParseNumber(member)
		return err == nil && n.E164() == member
	}
	digits := make([]byte, 0, maxSpell)
	for i := range min(len(member), maxSpell) {
		if class[member[i]] < 10 {
			digits = append(digits, member[i])
		}
	}
	// A format that leaves something out, as the country code or puts a trunk 0 before the rest, is undone by trying: only a
	// number that is asked as this very member counts, never one that merely looks like it.
	undo := func(code int) bool {
		rest := digits
		for {
			spelling := append(make([]byte, 0, maxSpell+4), '+')
			if code > 0 {
				spelling = strconv.AppendInt(spelling, int64(code), 10)
			}
			if n, err := ParseNumber(string(append(spelling, rest...))); err == nil && c.format(n) == member {
				return true
			}
			if len(rest) == 0 || rest[0] != '0' {
				return false
			}
			rest = rest[1:]
		}
	}
	if undo(0) || undo(int(c.lastCode.Load())) {
		return true
	}
	for code := 1; code < 1000; code++ {
		if undo(code) {
			c.lastCode.Store(int32(code))
			return true
		}
	}
	return false
}

// reload has a cluster client look for the new primary of a shard that does not answer, at most four times a second: by itself it
// looks once a minute.
func (r *RedisChecker) reload(ctx context.Context) {
	if r.topology.reload == nil {
		return
	}
	now, last := time.Now().UnixNano(), r.reloaded.Load()
	if now-last >= int64(retryLook) && r.reloaded.CompareAndSwap(last, now) {
		r.topology.reload(ctx)
	}
}
