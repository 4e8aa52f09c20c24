package registry

import (
	"context"
	"sync"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
	"github.com/dnc-go/dnc/internal/redisconn"
)

const (
	maxBlocks   = 128 // of one pipeline: 160 kB at most, which must arrive within the client's read timeout
	maxFailures = 100 // kinds of failures in one slice
	giveUpAfter = 2   // pipelines in a row that failed on a node: the rest would cost a timeout each
)

// batchQuery is one slice of a batch under way.
type batchQuery struct {
	r       *Registry
	s       *store
	numbers *scratch
	h       *head

	mu       sync.Mutex
	next     int // of the shard queries
	failures []*dnc.Error
	failed   map[redisconn.Node]int // how many pipelines in a row failed on a node
}

// shardQuery is the blocks of one shard that one HMGET asks for.
type shardQuery struct {
	from, to int // of the keys
	blocks   int
	shard    uint64
	node     redisconn.Node // zero: not known
}

// attempt asks for everything once. A nil head without a failure says that the version changed
// meanwhile.
func (b *batchQuery) attempt(ctx context.Context) (*head, *dnc.Error) {
	r, s := b.r, b.s
	if e := s.ended(ctx); e != nil {
		return nil, e
	}
	h := r.heads.load()
	if h == nil {
		var failure *dnc.Error
		if h, failure = r.current(ctx); failure != nil {
			return nil, failure
		}
	}
	b.h, b.next, b.failures, b.failed = h, 0, nil, map[redisconn.Node]int{}
	clear(b.numbers.outcomes)
	b.plan(ctx)
	current, failure := b.askAll(ctx)
	switch {
	case failure != nil:
		return nil, failure
	case !current:
		_, failure = r.current(ctx)
		return nil, failure
	}
	if old := h.tooOld(s, r.maxAge, time.Now()); old != nil {
		b.failures = nil
		b.failAll(old)
	}
	return h, nil
}

// askAll asks for all shards. It reports whether the head is still in force.
func (b *batchQuery) askAll(ctx context.Context) (current bool, failure *dnc.Error) {
	var certain bool // what is missing was not removed after the head was read
	if n := len(b.numbers.queries); n > 0 && b.pipelineEnd(0) == n {
		current, failure = b.ask(ctx, 0, n, true) // the head goes into the same pipeline
		// One server answers in order: the head was read after the blocks. In a cluster a block
		// that is missing may have been removed after the head was read.
		certain = !b.s.conn.Cluster() || !b.isIncomplete()
	} else {
		current, failure = b.s.inForce(ctx, b.h)
		if certain = n == 0; failure == nil && current {
			b.askOnConnections(ctx)
		}
	}
	if failure == nil && current && !certain {
		current, failure = b.s.inForce(ctx, b.h)
	}
	return current, failure
}

// plan makes shard queries of the keys, and decides the numbers that need none.
func (b *batchQuery) plan(ctx context.Context) {
	s := b.numbers
	s.queries = s.queries[:0]
	cluster := b.s.conn.Cluster()
	for i := 0; i < len(s.keys); {
		shard := s.block(s.keys[i]) / fields
		first, end, blocks := i, i, 0
		whole, same := b.h.coverage.whole(shard)
		_, exists := b.h.shards[shard]
		ask := exists && (whole || !same)
		var node redisconn.Node
		if ask && cluster {
			node, _ = b.s.conn.NodeOf(ctx, b.h.prefix+uintText(shard)) // a hint: the question finds its way without it
		}
		for end < len(s.keys) && s.block(s.keys[end])/fields == shard {
			next := s.run(end)
			if blocks++; blocks > maxFields && ask {
				s.queries = append(s.queries, shardQuery{i, end, maxFields, shard, node})
				i, blocks = end, 1
			}
			end = next
		}
		if ask {
			s.queries = append(s.queries, shardQuery{i, end, blocks, shard, node})
		}
		if !ask || !same {
			b.decideHere(s.keys[first:end], whole, same, exists)
		}
		i = end
	}
	if cluster {
		sortByNode(s.queries)
	}
}

// decideHere decides the numbers of one shard that are not covered, or that have no shard.
func (b *batchQuery) decideHere(keys []uint64, whole, same, exists bool) {
	s := b.numbers
	for _, k := range keys {
		switch n := s.block(k)*blockSize + uint64(s.line(k)); { //nolint:gosec // a line is below 10,000
		case same && !whole, !same && !b.h.coverage.has(n):
			s.outcomes[s.position(k)] = outcomeUncovered
		case !exists:
			s.outcomes[s.position(k)] = outcomeClear
		}
	}
}

// sortByNode brings the queries of each node together, so that a pipeline has keys of one.
func sortByNode(queries []shardQuery) {
	if len(queries) < 2 {
		return
	}
	of := map[redisconn.Node][]shardQuery{}
	var nodes []redisconn.Node
	for _, q := range queries {
		if _, ok := of[q.node]; !ok {
			nodes = append(nodes, q.node)
		}
		of[q.node] = append(of[q.node], q)
	}
	queries = queries[:0]
	for _, n := range nodes {
		queries = append(queries, of[n]...)
	}
}

// pipelineEnd is the end of the shard queries from i on that go into one pipeline.
func (b *batchQuery) pipelineEnd(i int) int {
	queries := b.numbers.queries
	blocks, j := 0, i
	for j < len(queries) && (j == i || queries[j].node == queries[i].node && blocks+queries[j].blocks <= maxBlocks) {
		blocks += queries[j].blocks
		j++
	}
	return j
}

// nextPipeline is the next shard queries to ask, and whether their node is given up.
func (b *batchQuery) nextPipeline() (from, to int, giveUp bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	from = b.next
	if from == len(b.numbers.queries) {
		return from, from, false
	}
	b.next = b.pipelineEnd(from)
	return from, b.next, b.failed[b.numbers.queries[from].node] >= giveUpAfter
}

// askOnConnections asks for all shards, on several connections.
func (b *batchQuery) askOnConnections(ctx context.Context) {
	var wg sync.WaitGroup
	work := func() {
		for {
			from, to, giveUp := b.nextPipeline()
			if from == to {
				return
			}
			if giveUp {
				b.fail(from, to, b.lastFailure())
				continue
			}
			_, _ = b.ask(ctx, from, to, false) // its failure is kept with its numbers
		}
	}
	for range b.r.connections - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}

// ask sends one pipeline for shards of one node and finds its numbers in the blocks. With withHead
// the head is read in the same pipeline, after the blocks.
func (b *batchQuery) ask(ctx context.Context, from, to int, withHead bool) (current bool, failure *dnc.Error) {
	s := b.s
	if e := s.ended(ctx); e != nil {
		b.fail(from, to, e)
		return true, e
	}
	queries := b.numbers.queries[from:to]
	parts := make([]*redisconn.Part, len(queries), len(queries)+1)
	for i := range queries {
		parts[i] = b.part(&queries[i])
	}
	if withHead {
		parts = append(parts, s.askHead())
	}
	s.conn.PipeEach(ctx, parts...)
	storeFailed := false
	for i, p := range parts[:len(queries)] {
		blocks, failure := s.readBlocks(p, b.h, queries[i].shard, queries[i].blocks)
		if failure != nil {
			storeFailed = storeFailed || failure.Retryable() || failure.Code == dnc.CodeCanceled
			b.fail(from+i, from+i+1, failure)
			continue
		}
		b.find(&queries[i], blocks)
	}
	b.mu.Lock()
	if node := queries[0].node; storeFailed {
		b.failed[node]++
	} else {
		b.failed[node] = 0
	}
	b.mu.Unlock()
	if withHead {
		return s.isCurrent(parts[len(queries)], b.h)
	}
	return true, nil
}

// part is the HMGET of a shard query.
func (b *batchQuery) part(q *shardQuery) *redisconn.Part {
	s := b.numbers
	key := b.h.prefix + uintText(q.shard)
	args := make(redisconn.Cmd, 3, 3+q.blocks)
	args[0], args[1], args[2] = "hmget", key, markerField
	for i := q.from; i < q.to; i = s.run(i) {
		args = append(args, fieldNames[s.block(s.keys[i])%fields])
	}
	return part(key, args)
}

// find finds the numbers of a shard query in its blocks.
func (b *batchQuery) find(q *shardQuery, blocks []any) {
	s := b.numbers
	at := 0
	for i := q.from; i < q.to; at++ {
		end := s.run(i)
		text, _ := blocks[at].(string)
		switch {
		case len(text) == block.BitmapSize:
			for _, k := range s.keys[i:end] {
				line := s.line(k)
				s.found(k, text[line>>3]>>(7-line&7)&1 == 1)
			}
		default:
			for _, k := range s.keys[i:end] {
				s.found(k, block.Has(text, s.line(k)))
			}
		}
		i = end
	}
}
