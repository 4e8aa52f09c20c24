package dnc

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// FollowedList is a copy of a list, a SET in Redis, that Follow keeps current in this process. It
// is a Checker for dialers that ask hundreds of times a second. A check takes about 100 ns and no
// round trip. The copy takes 10 to 15 bytes a number, and twice that during a reload.
//
// The copy has a change by RedisWriter within a second, because it reads the stream of changes that
// RedisWriter writes. The same transaction asks for the size of the list and the completeness
// marker. The whole list is loaded again if
//   - RedisWriter.Replace wrote a new list,
//   - changes were missed: the stream was trimmed, is gone, or is another one after a failover,
//   - the size is not that of the copy, because another tool changed the list,
//   - the time of WithReload has passed. This finds a change by another tool that left the size as
//     it was.
//
// The old copy answers until a reload is complete. During the first load every answer is Unknown,
// list_incomplete. Wait waits until that load is complete.
//
// Answers are Unknown for the same reasons as those of RedisChecker: list_missing, list_incomplete,
// store_misconfigured. When Redis cannot be reached, the copy still answers for 60 s (see
// WithPolling). After that, and after Close, every answer is list_stale.
//
// Every read asks for the server's role in the same transaction, so the copy never has data of a
// replica, also behind a proxy that reads from replicas.
//
// It needs these rights (Redis ACL), here for the default keys. Add and Remove also need those of
// RedisWriter. +info is optional: without it, a list that another tool changes during a load is
// loaded again.
//
//	~dnc:blacklist ~{dnc:blacklist}:changes -@all +multi +exec +role +scard +sismember +sscan +xrange
//	+info +hello +auth +ping +client +select, and in a cluster those of RedisChecker besides
type FollowedList struct {
	config redisConfig
	rdb    *redisconn.Client
	writer *RedisWriter

	hit, clear Reasons
	state      atomic.Pointer[followState] // nil in a zero FollowedList
	expired    atomic.Bool                 // no poll has confirmed the copy for too long

	asks   chan chan<- bool // for a poll at once; the answer is whether it succeeded
	first  chan struct{}    // closed when the first load has ended, or cannot
	cancel context.CancelFunc
	done   chan struct{} // closed when the goroutine has ended

	watch     sync.Mutex // of the rest
	confirmed time.Time  // when the poll began that confirmed the copy last
	timer     *time.Timer
}

// followState is what checks answer from. It never changes, but its list does.
type followState struct {
	list    *listCopy
	plain   bool   // it is current and whole, and its members are "+E.164"
	trouble *Error // numbers that are not on the list are Unknown
	failed  *Error // every number is Unknown
	fault   *Error // why it cannot be kept current now
}

// Follow keeps a current copy of a list in this process. It returns at once, and loads the list in
// a goroutine of its own. The goroutine ends when ctx ends or Close is called; from then on every
// answer is Unknown. The client must be one that NewRedisChecker accepts. These options apply:
// WithList, WithMemberFormat, RequireMarker, WithMinSize, DangerouslyAllowMissingList, WithPolling,
// WithReload, WithLogger, WithIncidents and DangerouslyAssumePrimary. WithGeoRules is refused: a
// FollowedList has no rules.
func Follow(ctx context.Context, rdb RedisClient, opts ...RedisOption) (*FollowedList, error) {
	c, err := newRedisConfig(opts)
	if err != nil {
		return nil, err
	}
	if c.geoKey != "" {
		return nil, badOption("Follow consults no geo rules: use a RedisChecker with WithGeoRules")
	}
	conn, err := openRedis(rdb, &c)
	if err != nil {
		return nil, err
	}
	prefix, err := slotPrefix(c.key)
	if err != nil {
		return nil, err
	}
	f := &FollowedList{
		config: c, rdb: conn,
		writer: &RedisWriter{config: c, rdb: conn, prefix: prefix},
		hit:    ReasonsOf(Reason{Code: "dnc_" + c.list, List: c.list}),
		clear:  ReasonsOf(Reason{Code: CodeAllowed, List: c.list}),
		asks:   make(chan chan<- bool), first: make(chan struct{}), done: make(chan struct{}),
		confirmed: time.Now(),
	}
	f.state.Store(&followState{failed: f.loading()})
	f.timer = time.AfterFunc(c.follow.stale, f.expire)
	ctx, f.cancel = context.WithCancel(ctx)
	go newFollower(f).run(ctx)
	return f, nil
}

// Close stops the goroutine that keeps the copy current, and waits until it has ended. From then on
// every answer is Unknown.
func (f *FollowedList) Close() {
	if f.notMade() == nil {
		f.cancel()
		<-f.done
	}
}

// Wait waits until the first load is complete. It returns nil once checks can be answered, and
// otherwise the error that says why not. A list that is missing or misconfigured is an error at
// once. While the store is unavailable, Wait waits until ctx ends. The error then wraps that of ctx
// and that of the store.
func (f *FollowedList) Wait(ctx context.Context) error {
	if e := f.notMade(); e != nil {
		return e
	}
	select {
	case <-f.first:
	case <-f.done:
	case <-ctx.Done():
		return joinErrors(contextError(ctx, f.config.list), asError(f.failure(f.state.Load())))
	}
	s := f.state.Load()
	if e := f.failure(s); e != nil {
		return e
	}
	return asError(s.trouble)
}

// Check answers for one number.
func (f *FollowedList) Check(ctx context.Context, n Number) (Decision, error) {
	if n.v == 0 {
		return blockInvalid(), nil
	}
	if f != nil && ctx.Err() == nil {
		if s := f.state.Load(); s != nil && s.plain && !f.expired.Load() { // nearly always
			if s.list.listed.has(n.v) {
				return Decision{Number: n, Verdict: Block, Reasons: f.hit}, nil
			}
			return Decision{Number: n, Verdict: Allow, Reasons: f.clear}, nil
		}
	}
	ns, out := [1]Number{n}, [1]Decision{}
	err := f.decide(ctx, ns[:], out[:])
	return out[0], err
}

// CheckBatch answers for many numbers.
func (f *FollowedList) CheckBatch(ctx context.Context, ns []Number) ([]Decision, error) {
	out := make([]Decision, len(ns))
	var errs []error
	for from := 0; from < len(ns); from += followChunk {
		to := min(from+followChunk, len(ns))
		if err := f.decide(ctx, ns[from:to], out[from:to]); err != nil && len(errs) < 8 {
			errs = append(errs, err)
		}
	}
	return out, joinErrors(errs...)
}

const followChunk = 10_000 // numbers between two looks at the context

func (f *FollowedList) decide(ctx context.Context, ns []Number, out []Decision) (err error) {
	if e := f.notMade(); e != nil {
		return fill(ns, out, e)
	}
	if ended(ctx) != nil {
		return fill(ns, out, contextError(ctx, f.config.list))
	}
	s := f.state.Load()
	if e := f.failure(s); e != nil {
		return fill(ns, out, e)
	}
	defer func() { // WithMemberFormat runs the caller's functions
		if p := recover(); p != nil {
			err = fill(ns, out, failed(panicText(p)))
		}
	}()
	a := answer{list: f.hit, clear: f.clear, trouble: s.trouble}
	for i, n := range ns {
		out[i] = a.decide(n, !n.IsZero() && s.list.has(n))
	}
	return a.err()
}

// Add puts numbers on the list in Redis as RedisWriter.Add does. When it returns without an error,
// the copy in this process blocks them too. Other processes follow within a second.
func (f *FollowedList) Add(ctx context.Context, numbers ...Number) (int, error) {
	if e := f.notMade(); e != nil {
		return 0, e
	}
	added, err := f.writer.Add(ctx, numbers...)
	if err != nil || f.poll(ctx) {
		return added, err
	}
	// The copy could not be brought up to date. To block is safe in any order of changes.
	if s := f.state.Load(); s.list != nil {
		for _, n := range numbers {
			s.list.block(n)
		}
	}
	return added, nil
}

// Remove takes numbers off the list in Redis as RedisWriter.Remove does. The copy has the change
// before Remove returns. If Redis fails in between, the copy blocks them until the next poll
// succeeds.
func (f *FollowedList) Remove(ctx context.Context, numbers ...Number) (int, error) {
	if e := f.notMade(); e != nil {
		return 0, e
	}
	removed, err := f.writer.Remove(ctx, numbers...)
	if err == nil {
		f.poll(ctx)
	}
	return removed, err
}

// poll has the goroutine read the changes now, and reports whether it has. Changes are only ever
// taken from the stream: its order is that of Redis, also if another process changes the same
// number.
func (f *FollowedList) poll(ctx context.Context) bool {
	answer := make(chan bool, 1)
	select {
	case f.asks <- answer:
	case <-f.done:
		return false
	case <-ctx.Done():
		return false
	}
	select {
	case ok := <-answer:
		return ok
	case <-f.done:
		return false
	case <-ctx.Done():
		return false
	}
}

func (f *FollowedList) notMade() *Error {
	if f == nil || f.done == nil {
		return failed("the FollowedList was not made by Follow")
	}
	return nil
}
