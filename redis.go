package dnc

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// RedisChecker asks a list that is a SET in Redis. Its members are usually numbers in E.164, as
// "+14155550123". With WithGeoRules it also asks the geo rules in a HASH. RedisWriter or any other
// tool may write both.
//
// Redis answers "not a member" for a list that does not exist. So each check is a transaction. It
// asks for the numbers, the completeness marker and, without a marker, the size of the list. If the
// list is empty, smaller than WithMinSize or without its marker, every number that is not on it is
// Unknown.
//
// The same transaction asks for the server's role. Only the answer of a server that says that it is
// the primary is used. So a load balancer, a proxy or a name that moves to another server does no
// harm. Connections that lead to a replica are closed, so that after a failover the client connects
// again. RedisChecker works with a single server, Sentinel and Cluster, from Redis 6.2 on.
//
// The first check, and then one check every five seconds, also makes a health check. It reads the
// geo rules and some of the list's members, other ones each time, until it has seen all. A number
// in another spelling than checks ask for would never match. If there is one, the answer is
// store_misconfigured. RedisWriter.Repair rewrites such members, and WithMemberFormat asks for
// several spellings. Members that are not numbers at all are an incident. If they are a tenth of
// the members or more, the answer is store_misconfigured. Up to 10,000 geo rules are kept in the
// process. If there are more, each check asks Redis for the rules of its numbers, and the health
// check reads some of the fields each time.
//
// One check is one round trip. A batch is asked in chunks of 1,000 on two connections. Deadlines
// are kept only if the client has ContextTimeoutEnabled, as the options of RedisOptions have. A
// check that is canceled returns when the current round trip ends.
//
// In a cluster each list is on one shard. Set cluster-require-full-coverage to no: with its
// default, yes, one dead shard makes the other shards refuse all commands.
//
// It needs these rights (Redis ACL), here for the default keys. One of +role, +hello and +info is
// enough:
//
//	~dnc:blacklist ~dnc:geo_rules -@all +multi +exec +role +scard +smismember +srandmember +sscan
//	+hlen +hgetall +hmget +hrandfield +hscan +hello +auth +ping +client +select, and in a cluster
//	+cluster|slots +cluster|shards +cluster|nodes +command +readonly +asking
type RedisChecker struct {
	config redisConfig
	rdb    *redisconn.Client // nil in a zero RedisChecker

	hit, clear Reasons
	marked     atomic.Bool // the completeness marker was seen: from then on it is required

	turn      chan struct{} // held by the one call that checks the health of the store
	health    atomic.Pointer[health]
	scan      scan      // of the members, under turn
	rules     scan      // of geo rules that are too many to keep, under turn
	questions sync.Pool // of one number, for Check
	announced sync.Once
	odd       [2]atomic.Int64 // how many members and geo rules were last reported as unreadable
}

// NewRedisChecker makes a Checker of a *redis.Client, with or without Sentinel, or a
// *redis.ClusterClient. The caller closes the client. NewRedisChecker dials nothing. It refuses
// every other type of client, and a client that reads from replicas or does not verify
// certificates. The error then wraps ErrOption and says what to change.
func NewRedisChecker(rdb RedisClient, opts ...RedisOption) (*RedisChecker, error) {
	c, err := newRedisConfig(opts)
	if err != nil {
		return nil, err
	}
	conn, err := openRedis(rdb, &c)
	if err != nil {
		return nil, err
	}
	return &RedisChecker{
		config: c, rdb: conn,
		hit:   ReasonsOf(Reason{Code: "dnc_" + c.list, List: c.list}),
		clear: ReasonsOf(Reason{Code: CodeAllowed, List: c.list}),
		turn:  make(chan struct{}, 1),
	}, nil
}

// openRedis opens a client that the caller gave.
func openRedis(rdb RedisClient, c *redisConfig) (*redisconn.Client, error) {
	conn, err := redisconn.Open(rdb, redisconn.Settings{AssumePrimary: c.assumePrimary})
	if err != nil {
		return nil, badOption("%w", err)
	}
	return conn, nil
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
	if e := r.notMade(); e != nil {
		return unknown(n, e), e
	}
	q, _ := r.questions.Get().(*question)
	if q == nil {
		q = r.newQuestion(1)
	}
	err := r.chunk(ctx, q, ns[:], out[:])
	q.hits, q.failure = nil, nil
	r.questions.Put(q)
	return out[0], err
}

// CheckBatch asks for many numbers.
func (r *RedisChecker) CheckBatch(ctx context.Context, ns []Number) ([]Decision, error) {
	out := make([]Decision, len(ns))
	if e := r.notMade(); e != nil {
		return out, fill(ns, out, e)
	}
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

func (r *RedisChecker) notMade() *Error {
	if r == nil || r.rdb == nil {
		return failed("the RedisChecker was not made by NewRedisChecker")
	}
	return nil
}

// lane takes chunk after chunk until none is left. After two in a row in which the store failed the
// rest is given up with its reason: a server that hangs would otherwise cost a timeout for every
// thousand numbers.
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
	if ended(ctx) != nil {
		q.failure = contextError(ctx, r.config.list)
		return fill(ns, out, q.failure)
	}
	defer func() { // WithMemberFormat and WithIncidents run the caller's functions
		if p := recover(); p != nil {
			q.failure = failed(panicText(p))
			err = fill(ns, out, q.failure)
		}
	}()
	if !q.prepare(ns) { // nothing to ask
		return fill(ns, out, nil)
	}
	a := answer{list: r.hit, clear: r.clear}
	h := r.healthNow(ctx)
	a.trouble, a.geo, a.geoErr = h.trouble(ctx, r), h.geo, h.geoTrouble(ctx, r)
	if a.trouble == nil {
		a.trouble = q.askList(ctx)
	}
	if h.large && a.geoErr == nil {
		a.geo, a.geoErr = q.askRules(ctx, ns)
	}
	for _, e := range []*Error{a.trouble, a.geoErr} {
		if e != nil && (e.Retryable() || e.Code == CodeCanceled) {
			q.failure = e
		}
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
