package dnc

import (
	"context"
	"sync"
	"sync/atomic"
)

// RedisChecker asks a list that lies in Redis as a SET of "+E.164" members, and, with WithGeoRules, the rules of a HASH. Other
// tools may write both; RedisWriter is for those who have none.
//
// Redis answers "not a member" for a list that does not exist. So each question is a transaction of the list's size and the
// numbers, and a list that is empty, smaller than WithMinSize or without its completeness marker leaves every number that is not on
// it Unknown. Single server, Sentinel and Cluster work through the same code, from Redis 6.2 on; reads never go to a replica.
//
// At the first call, and then every five seconds in the course of a call, the server's role and topology are looked at, 100
// members are sampled for their spelling, and the geo rules are read. A rule that is changed counts within that time.
//
// One check is one round trip. A batch is asked in chunks of 1,000 on two connections. A deadline is kept if the client
// has ContextTimeoutEnabled, as the options of RedisOptions have; a cancelled call returns when the round trip under way ends.
//
// In a cluster each list lies on one shard. Set cluster-require-full-coverage to no: with its default one dead shard makes
// the healthy ones refuse as well.
//
// The rights it needs (Redis ACL), for the default keys:
//
//	~dnc:blacklist ~dnc:geo_rules -@all +multi +exec +scard +smismember +srandmember +hlen +hgetall +hmget +hrandfield
//	+hello +auth +ping +client +select, and in a cluster +cluster|slots +cluster|shards +cluster|nodes +command +readonly +asking
type RedisChecker struct {
	config   redisConfig
	topology topology
	rdb      Client

	hit, clear []Reason
	marked     atomic.Bool // the completeness marker was seen: from then on it is demanded

	turn      chan struct{} // held by the one call that looks at the server
	view      atomic.Pointer[view]
	reloaded  atomic.Int64 // when a cluster's topology was last asked for, in Unix nanoseconds
	announced sync.Once
	odd       [2]atomic.Int64 // how many members and geo rules were last reported as unreadable
}

// NewRedisChecker makes a Checker of a client, which stays the caller's to close. It dials nothing. It refuses, with an ErrOption
// that says what to change, clients that read from replicas or do not verify certificates.
func NewRedisChecker(rdb Client, opts ...Option) (*RedisChecker, error) {
	t, err := inspect(rdb)
	if err != nil {
		return nil, err
	}
	c, err := newRedisConfig(opts)
	if err != nil {
		return nil, err
	}
	return &RedisChecker{
		config: c, topology: t, rdb: rdb,
		hit:   []Reason{{Code: "dnc_" + c.list, List: c.list}},
		clear: []Reason{{Code: CodeAllowed, List: c.list}},
		turn:  make(chan struct{}, 1),
	}, nil
}

const (
	chunkSize = 1000
	lanes     = 2 // connections that a batch uses; a third adds nothing, the server is then the bottleneck
)

// Check asks for one number.
func (r *RedisChecker) Check(ctx context.Context, n Number) (Decision, error) {
	if n.IsZero() {
		return blockInvalid(), nil
	}
	ns, out := [1]Number{n}, [1]Decision{}
	err := r.chunk(ctx, r.newQuestion(1), ns[:], out[:])
	return out[0], err
}

// CheckBatch asks for many numbers.
func (r *RedisChecker) CheckBatch(ctx context.Context, ns []Number) ([]Decision, error) {
	out := make([]Decision, len(ns))
	chunks := (len(ns) + chunkSize - 1) / chunkSize
	if chunks <= 1 {
		return out, r.chunk(ctx, r.newQuestion(len(ns)), ns, out)
	}
	var next atomic.Int64
	errs := make([][]error, lanes)
	var wg sync.WaitGroup
	for lane := range lanes {
		work := func() { errs[lane] = r.lane(ctx, &next, ns, out) }
		if lane == lanes-1 {
			work()
		} else {
			wg.Go(work)
		}
	}
	wg.Wait()
	var all []error
	for _, e := range errs {
		all = append(all, e...)
	}
	return out, joinErrors(all...)
}

// lane takes chunk after chunk until none is left. After two in a row in which the store failed the rest is given up with its
// reason: a server that hangs would otherwise cost a timeout for every thousand numbers.
func (r *RedisChecker) lane(ctx context.Context, next *atomic.Int64, ns []Number, out []Decision) (errs []error) {
	q := r.newQuestion(min(chunkSize, len(ns)))
	failures := 0
	var last *Error
	for {
		from := int(next.Add(1)-1) * chunkSize
		if from >= len(ns) {
			return errs
		}
		to := min(from+chunkSize, len(ns))
		var err error
		if failures < 2 {
			err = r.chunk(ctx, q, ns[from:to], out[from:to])
		} else {
			err = fill(ns[from:to], out[from:to], last)
		}
		if q.failure == nil {
			failures = 0
		} else if failures++; failures >= 2 {
			last = q.failure
		}
		if len(errs) < 8 && err != nil { // all that follow are alike
			errs = append(errs, err)
		}
	}
}

// fill leaves the numbers of a chunk open.
func fill(ns []Number, out []Decision, trouble *Error) error {
	a := answer{trouble: trouble}
	for i, n := range ns {
		out[i] = a.decide(n, false)
	}
	return a.err()
}

// chunk decides up to chunkSize numbers.
func (r *RedisChecker) chunk(ctx context.Context, q *question, ns []Number, out []Decision) (err error) {
	q.failure = nil
	defer func() { // the client runs the caller's hooks, in a goroutine that nobody else guards
		if p := recover(); p != nil {
			q.failure = failed(panicText(p))
			err = fill(ns, out, q.failure)
		}
	}()
	if ended(ctx) != nil {
		q.failure = contextError(ctx, r.config.list)
		return fill(ns, out, q.failure)
	}
	if !q.prepare(ns) { // nothing to ask
		return fill(ns, out, nil)
	}
	a := answer{list: r.hit, clear: r.clear}
	v := r.look(ctx)
	a.trouble, a.geo, a.geoErr = v.trouble(ctx, r), v.geo, v.geoTrouble(ctx, r)
	if a.trouble == nil {
		a.trouble = q.askList(ctx)
	}
	if v.large && a.geoErr == nil {
		a.geo, a.geoErr = q.askRules(ctx, ns)
	}
	for _, e := range []*Error{a.trouble, a.geoErr} {
		if e != nil && (e.Retryable() || e.Code == CodeCanceled) {
			q.failure = e
		}
	}
	if q.failure != nil {
		r.reload(ctx)
	}
	k := 0
	for i, n := range ns {
		listed := false
		if !n.IsZero() {
			listed = q.hit(k)
			k++
		}
		out[i] = a.decide(n, listed)
	}
	return a.err()
}
