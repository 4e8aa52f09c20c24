package registry

import (
	"context"
	"slices"
	"sync"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
	"github.com/dnc-go/dnc/internal/redisconn"
)

const (
	writeBlocks      = 128 // of one pipeline
	writeConnections = 2   // pipelines under way at once
)

// blockWriter writes the blocks of a new version, in the background.
type blockWriter struct {
	s   *store
	ctx context.Context //nolint:containedctx // of the one import that the writer lives for
	id  string
	old *head // the version in force, to compare with; nil: none

	open    *writeBatch
	batches chan *writeBatch
	free    chan *writeBatch
	senders sync.WaitGroup
	shards  map[uint64]*shardTally
	set     block.Set

	mu     sync.Mutex
	err    error
	common uint64 // numbers that the old version has as well
}

// shardTally is what was written to a shard.
type shardTally struct {
	numbers uint64
	written [(fields + 63) / 64]uint64
}

func (t *shardTally) has(field uint64) bool { return t.written[field>>6]>>(field&63)&1 == 1 }

// matches reports whether a shard has the blocks that were written to it, and as many numbers.
func (t *shardTally) matches(c *shardContents) bool {
	for field, b := range c.blocks {
		if (b != "") != t.has(uint64(field)) {
			return false
		}
	}
	return c.numbers == t.numbers
}

// writeBatch is the blocks of one pipeline.
type writeBatch struct {
	blocks []blockWrite
	data   []byte
	shards []uint64 // of these, those that are written for the first time
}

type blockWrite struct {
	shard, field     uint64
	from, to, before int // data[from:to] is the block; data[before:from] is what had been written of it already
}

func newBlockWriter(ctx context.Context, s *store, id string, old *head) *blockWriter {
	w := &blockWriter{
		s: s, ctx: ctx, id: id, old: old, open: new(writeBatch), shards: map[uint64]*shardTally{},
		batches: make(chan *writeBatch), free: make(chan *writeBatch, writeConnections+1),
	}
	for range writeConnections {
		w.free <- new(writeBatch)
		w.senders.Go(func() {
			for b := range w.batches {
				w.send(b)
				b.blocks, b.data, b.shards = b.blocks[:0], b.data[:0], b.shards[:0]
				w.free <- b
			}
		})
	}
	return w
}

// isWritten reports whether a block was written already.
func (w *blockWriter) isWritten(number uint64) bool {
	t := w.shards[number/fields]
	return t != nil && t.has(number%fields)
}

// sortedShards are the shards that were written, ascending.
func (w *blockWriter) sortedShards() []uint64 {
	out := make([]uint64, 0, len(w.shards))
	for shard := range w.shards {
		out = append(out, shard)
	}
	slices.Sort(out)
	return out
}

// put takes a block to write; before is what had been written of it already.
func (w *blockWriter) put(number uint64, s *block.Set, before []byte) error {
	shard, field := number/fields, number%fields
	t := w.shards[shard]
	open := w.open
	if t == nil {
		t = new(shardTally)
		w.shards[shard] = t
		open.shards = append(open.shards, shard)
	}
	b := blockWrite{shard: shard, field: field, before: len(open.data)}
	open.data = append(open.data, before...)
	b.from = len(open.data)
	open.data = s.Append(open.data)
	b.to = len(open.data)
	open.blocks = append(open.blocks, b)
	t.numbers += uint64(s.Len()) //nolint:gosec // at most 10,000
	if before != nil {
		t.numbers -= uint64(block.Count(before)) //nolint:gosec // at most 10,000
	} else {
		t.written[field>>6] |= 1 << (field & 63)
	}
	if len(open.blocks) == writeBlocks {
		return w.sendOpen()
	}
	return nil
}

// sendOpen gives the open batch to a sender. Before a shard is written it is recorded, so that the
// next import finds and removes what an import that dies leaves.
func (w *blockWriter) sendOpen() error {
	if err := w.failure(); err != nil {
		return err
	}
	if len(w.open.blocks) == 0 {
		return nil
	}
	if len(w.open.shards) > 0 {
		if err := w.s.recordShards(w.ctx, w.id, w.open.shards); err != nil {
			return err
		}
	}
	w.batches <- w.open
	w.open = <-w.free
	return nil
}

func (w *blockWriter) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

func (w *blockWriter) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

// finish waits until everything that was put is written.
func (w *blockWriter) finish() error {
	if err := w.sendOpen(); err != nil {
		return err
	}
	idle := make([]*writeBatch, 0, writeConnections)
	for range writeConnections {
		idle = append(idle, <-w.free)
	}
	for _, b := range idle {
		w.free <- b
	}
	return w.failure()
}

// close ends the senders.
func (w *blockWriter) close() {
	close(w.batches)
	w.senders.Wait()
}

// send writes a batch in one pipeline for each node, and compares it with the old version.
func (w *blockWriter) send(b *writeBatch) {
	if w.failure() != nil {
		return
	}
	// The shards are recorded again with each pipeline: another import may have removed all of this
	// when the lease was lost.
	var shards []uint64
	for i, one := range b.blocks {
		if i == 0 || one.shard != b.blocks[i-1].shard {
			shards = append(shards, one.shard)
		}
	}
	writes := w.s.record(w.id, shards)
	var reads []*redisconn.Part
	var of [][]blockWrite
	for from := 0; from < len(b.blocks); {
		to := from
		for to < len(b.blocks) && b.blocks[to].shard == b.blocks[from].shard {
			to++
		}
		write, read := w.parts(b, b.blocks[from:to])
		writes = append(writes, write)
		if read != nil {
			reads, of = append(reads, read), append(of, b.blocks[from:to])
		}
		from = to
	}
	if failure := w.s.doAll(w.ctx, slices.Concat(writes, reads)...); failure != nil && !onlyWrongType(writes, reads) {
		w.fail(failure)
		return
	}
	for i, p := range reads {
		if p.Fault == nil {
			w.compare(b, of[i], p)
		}
	}
}

// onlyWrongType reports whether the writes are done, and something else has written to shards of
// the old version.
func onlyWrongType(writes, reads []*redisconn.Part) bool {
	for _, p := range writes {
		if p.Fault != nil {
			return false
		}
	}
	for _, p := range reads {
		if p.Fault != nil && !p.Fault.WrongType {
			return false
		}
	}
	return true
}

// parts write blocks of one shard, and read the same blocks of the old version: nil if it has no
// such shard.
func (w *blockWriter) parts(b *writeBatch, blocks []blockWrite) (write, read *redisconn.Part) {
	shard := blocks[0].shard
	key := w.s.keys.shard(w.id, shard)
	cmd := redisconn.Cmd{"hset", key}
	for _, one := range blocks {
		cmd = append(cmd, fieldNames[one.field], b.data[one.from:one.to])
	}
	write = part(key, cmd)
	if w.old == nil {
		return write, nil
	}
	if _, exists := w.old.shards[shard]; !exists {
		return write, nil
	}
	key = w.s.keys.shard(w.old.version, shard)
	cmd = redisconn.Cmd{"hmget", key}
	for _, one := range blocks {
		cmd = append(cmd, fieldNames[one.field])
	}
	return write, part(key, cmd)
}

// compare counts what the blocks have in common with the old version. It is for the report alone: a
// block that cannot be read counts as empty.
func (w *blockWriter) compare(b *writeBatch, blocks []blockWrite, p *redisconn.Part) {
	v, _ := p.Replies[0].([]any)
	if len(v) != len(blocks) {
		return
	}
	common := 0
	for i, one := range blocks {
		if old, ok := v[i].(string); ok && block.Check(old) == nil {
			common += block.Common(b.data[one.from:one.to], old) - block.Common(b.data[one.before:one.from], old)
		}
	}
	w.mu.Lock()
	w.common += uint64(common)
	w.mu.Unlock()
}

// writeCollected writes what was collected, together with what was written of the same blocks
// already.
func (w *blockWriter) writeCollected(c *collector) error {
	c.flush()
	if err := w.finish(); err != nil {
		return err
	}
	numbers := c.sorted()
	for from := 0; from < len(numbers); {
		to := from
		for to < len(numbers) && to-from < maxFields && numbers[to]/fields == numbers[from]/fields {
			to++
		}
		before, err := w.readBack(numbers[from:to])
		if err != nil {
			return err
		}
		for i, number := range numbers[from:to] {
			w.set.Reset()
			set := c.blocks[number].asSet(&w.set)
			delete(c.blocks, number)
			if before[i] != nil {
				set.Merge(before[i])
			}
			if err := w.put(number, set, before[i]); err != nil {
				return err
			}
		}
		from = to
	}
	return nil
}

// readBack reads the blocks, of one shard, that were written already.
func (w *blockWriter) readBack(numbers []uint64) ([][]byte, error) {
	out := make([][]byte, len(numbers))
	shard := numbers[0] / fields
	key := w.s.keys.shard(w.id, shard)
	args := redisconn.Cmd{"hmget", key}
	var at []int
	for i, n := range numbers {
		if w.isWritten(n) {
			args = append(args, fieldNames[n%fields])
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return out, nil
	}
	p := part(key, args)
	w.s.conn.PipeEach(w.ctx, p)
	v, failure := w.s.readFields(p, len(at))
	if failure != nil {
		return nil, failure
	}
	for i, x := range v {
		b, ok := x.(string)
		if !ok || block.Verify(b) != nil {
			return nil, w.errLost(shard, "has lost a block that was written")
		}
		out[at[i]] = []byte(b)
	}
	return out, nil
}

func (w *blockWriter) errLost(shard uint64, what string) *dnc.Error {
	return w.s.fail(dnc.CodeListIncomplete, "shard "+shardName(shard)+" of the new version "+what+
		": a failover, an eviction or something else removed it; import again")
}
