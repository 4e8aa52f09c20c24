package registry

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
)

const (
	maxFields = 128 // of one HMGET
	maxBlocks = 256 // of one pipeline
)

// What was found of a number. From stateFailed on it is an index of the failures.
const (
	stateOpen uint8 = iota // nothing was found: a number that nobody decided must not be allowed
	stateInvalid
	stateClear
	stateListed
	stateUncovered
	stateFailed
)

const maxFailures = 100 // kinds of failures in one slice

// CheckBatch asks for many numbers. They are grouped by block, the blocks fetched in pipelines on several connections, and the lines
// tested here. The version in force is read before and after; when it changed, the batch is asked anew, three times at most.
// In a cluster each pipeline goes to one node, so that a node that does not answer leaves its own numbers Unknown and no others.
// Memory beyond the answer does not grow with the batch: about 30 MB at most.
func (r *Registry) CheckBatch(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	out := make([]dnc.Decision, len(ns))
	s, _ := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	var errs []error
	for done := 0; done < len(ns); {
		part := ns[done:min(done+sliceSize, len(ns))]
		taken := s.group(part)
		err := r.slice(ctx, s, part[:taken], out[done:done+taken])
		errs = addError(errs, err)
		done += taken
	}
	return out, errors.Join(errs...)
}

// addError keeps each kind of error once.
func addError(errs []error, err error) []error {
	// errors.As would also find a join further down, which has a text of its own around it.
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			errs = addError(errs, e)
		}
		return errs
	}
	if err == nil {
		return errs
	}
	for _, e := range errs {
		if e.Error() == err.Error() {
			return errs
		}
	}
	return append(errs, err)
}

// slice decides numbers that were grouped.
func (r *Registry) slice(ctx context.Context, s *scratch, ns []dnc.Number, out []dnc.Decision) error {
	a := &asking{r: r, s: s}
	if len(s.keys) == 0 {
		return a.fill(ns, out, nil)
	}
	for range maxTries {
		h, failure := a.try(ctx)
		if failure == nil && h == nil {
			continue // the version changed
		}
		if failure != nil {
			a.failures = nil
			a.failAll(failure)
		}
		return a.fill(ns, out, h)
	}
	a.failures = nil
	a.failAll(r.errMoved())
	return a.fill(ns, out, nil)
}

// asking is one slice of a batch under way.
type asking struct {
	r *Registry
	s *scratch
	h *head

	mu       sync.Mutex
	next     int // of the pieces
	failures []*dnc.Error
	down     map[*redis.Client]int // how many pipelines in a row failed on a node
}

// piece is the blocks of one shard that one HMGET asks for.
type piece struct {
	from, to int // of the keys
	blocks   int
	shard    uint64
	node     *redis.Client // nil: not a cluster
}

// try asks for everything once. A nil head without a failure says that the version changed meanwhile.
func (a *asking) try(ctx context.Context) (_ *head, failure *dnc.Error) {
	r := a.r
	defer func() { // the client runs the caller's hooks
		if p := recover(); p != nil {
			failure = r.panicked(p)
		}
	}()
	if e := r.ended(ctx); e != nil {
		return nil, e
	}
	h := r.head.Load()
	if h == nil {
		if h, failure = r.current(ctx); failure != nil {
			return nil, failure
		}
	}
	a.h, a.next, a.failures, a.down = h, 0, nil, map[*redis.Client]int{}
	clear(a.s.state)
	a.cut(ctx)
	var current, sure bool
	if n := len(a.s.pieces); n > 0 && a.job(0) == n { // the head goes into the same pipeline
		current, failure = a.ask(ctx, 0, n, true)
		// One server answers in order: the head was read after the blocks. In a cluster a block that is missing may have been removed
		// after the head was read.
		sure = r.topology.Single || !a.incomplete()
	} else {
		current, failure = r.inForce(ctx, h)
		if sure = n == 0; failure == nil && current {
			a.work(ctx)
		}
	}
	if failure == nil && current && !sure {
		current, failure = r.inForce(ctx, h)
	}
	switch {
	case failure != nil:
		if failure.Retryable() {
			r.reload(ctx)
		}
		return nil, failure
	case !current:
		_, failure = r.current(ctx)
		return nil, failure
	}
	if old := h.aged(r, time.Now()); old != nil {
		a.failures = nil
		a.failAll(old)
	}
	return h, nil
}

// inForce reads whether a head still is.
func (r *Registry) inForce(ctx context.Context, h *head) (bool, *dnc.Error) {
	p := r.rdb.Pipeline()
	g := r.glance(ctx, p)
	_, _ = p.Exec(ctx)
	return r.judge(ctx, g, h)
}

// cut makes pieces of the keys, and decides those that need no question.
func (a *asking) cut(ctx context.Context) {
	s := a.s
	s.pieces = s.pieces[:0]
	nodes, _ := a.r.rdb.(interface {
		MasterForKey(ctx context.Context, key string) (*redis.Client, error)
	})
	for i := 0; i < len(s.keys); {
		shard := s.block(s.keys[i]) / fields
		first, end, blocks := i, i, 0
		whole, same := a.h.coverage.whole(shard)
		_, exists := a.h.shards[shard]
		ask := exists && (whole || !same)
		var node *redis.Client
		if ask && nodes != nil {
			node, _ = nodes.MasterForKey(ctx, a.h.prefix+strconv.FormatUint(shard, 10)) // a hint: without it the pipeline finds its way
		}
		for end < len(s.keys) && s.block(s.keys[end])/fields == shard {
			next := s.run(end)
			if blocks++; blocks > maxFields && ask {
				s.pieces = append(s.pieces, piece{i, end, maxFields, shard, node})
				i, blocks = end, 1
			}
			end = next
		}
		if ask {
			s.pieces = append(s.pieces, piece{i, end, blocks, shard, node})
		}
		for _, k := range s.keys[first:end] {
			if ask && same {
				break
			}
			switch n := s.block(k)*blockSize + uint64(s.line(k)); { //nolint:gosec // a line is below 10,000
			case same && !whole, !same && !a.h.coverage.has(n):
				s.state[s.position(k)] = stateUncovered
			case !exists:
				s.state[s.position(k)] = stateClear
			}
		}
		i = end
	}
	if nodes != nil {
		sortByNode(s.pieces)
	}
}

// sortByNode brings the pieces of each node together, so that a pipeline has keys of one.
func sortByNode(pieces []piece) {
	if len(pieces) < 2 {
		return
	}
	order := map[*redis.Client][]piece{}
	var nodes []*redis.Client
	for _, p := range pieces {
		if _, ok := order[p.node]; !ok {
			nodes = append(nodes, p.node)
		}
		order[p.node] = append(order[p.node], p)
	}
	pieces = pieces[:0]
	for _, n := range nodes {
		pieces = append(pieces, order[n]...)
	}
}

// job is the end of the pieces from i on that go into one pipeline.
func (a *asking) job(i int) int {
	blocks, j := 0, i
	for j < len(a.s.pieces) && (j == i || a.s.pieces[j].node == a.s.pieces[i].node && blocks+a.s.pieces[j].blocks <= maxBlocks) {
		blocks += a.s.pieces[j].blocks
		j++
	}
	return j
}

// take is the next job for a lane, or why its node is given up: after two pipelines in a row that failed, the rest would cost
// a timeout each.
func (a *asking) take() (from, to int, giveUp bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	from = a.next
	if from == len(a.s.pieces) {
		return from, from, false
	}
	a.next = a.job(from)
	return from, a.next, a.down[a.s.pieces[from].node] >= 2
}

// work asks for all pieces, on several connections.
func (a *asking) work(ctx context.Context) {
	var wg sync.WaitGroup
	lane := func() {
		for {
			from, to, giveUp := a.take()
			if from == to {
				return
			}
			if giveUp {
				a.fail(from, to, a.lastFailure())
				continue
			}
			_, _ = a.ask(ctx, from, to, false) // its failure stands at its numbers
		}
	}
	for range a.r.lanes - 1 {
		wg.Go(lane)
	}
	lane()
	wg.Wait()
}

// ask sends one pipeline for pieces of one node and tests their lines. With withHead the head is read in the same pipeline.
func (a *asking) ask(ctx context.Context, from, to int, withHead bool) (current bool, failure *dnc.Error) {
	defer func() { // the client runs the caller's hooks, in a goroutine that nobody else guards
		if p := recover(); p != nil {
			failure = a.r.panicked(p)
			a.fail(from, to, failure)
		}
	}()
	r := a.r
	if e := r.ended(ctx); e != nil {
		a.fail(from, to, e)
		return true, e
	}
	p := r.rdb.Pipeline()
	cmds := make([]*redis.Cmd, to-from)
	for i := range cmds {
		cmds[i] = p.Do(ctx, a.arguments(&a.s.pieces[from+i])...)
	}
	var g glance
	if withHead {
		g = r.glance(ctx, p)
	}
	_, _ = p.Exec(ctx) // each command is looked at
	stored := false    // the store failed
	for i, cmd := range cmds {
		pc := &a.s.pieces[from+i]
		blocks, failure := r.readBlocks(ctx, cmd, a.h, pc.shard, pc.blocks)
		if failure != nil {
			stored = stored || failure.Retryable() || failure.Code == dnc.CodeCanceled
			a.fail(from+i, from+i+1, failure)
			continue
		}
		a.test(pc, blocks)
	}
	a.mu.Lock()
	if node := a.s.pieces[from].node; stored {
		a.down[node]++
	} else {
		a.down[node] = 0
	}
	a.mu.Unlock()
	if stored {
		r.reload(ctx)
	}
	if withHead {
		return r.judge(ctx, g, a.h)
	}
	return true, nil
}

// arguments of the HMGET of a piece.
func (a *asking) arguments(p *piece) []any {
	args := make([]any, 3, 3+p.blocks)
	args[0], args[1], args[2] = "hmget", a.h.prefix+strconv.FormatUint(p.shard, 10), markerField
	for i := p.from; i < p.to; i = a.s.run(i) {
		args = append(args, fieldNames[a.s.block(a.s.keys[i])%fields])
	}
	return args
}

// fieldNames are the fields as arguments of commands, so that a million of them allocate nothing.
var fieldNames = func() (names [fields]any) {
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}()

// test looks for the lines of a piece in its blocks.
func (a *asking) test(p *piece, blocks []any) {
	s := a.s
	at := 0
	for i := p.from; i < p.to; at++ {
		end := s.run(i)
		b, _ := blocks[at].(string)
		switch {
		case len(b) == block.BitmapSize:
			for _, k := range s.keys[i:end] {
				line := s.line(k)
				s.found(k, b[line>>3]>>(7-line&7)&1 == 1)
			}
		default:
			for _, k := range s.keys[i:end] {
				s.found(k, block.Has(b, s.line(k)))
			}
		}
		i = end
	}
}
