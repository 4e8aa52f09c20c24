package registry

import (
	"context"
	"strconv"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
)

const (
	loadBlocks = 128 // blocks of one pipeline
	loadLanes  = 2   // pipelines under way at once
)

// writer writes the blocks of a new version, in the background.
type writer struct {
	r   *Registry
	ctx context.Context //nolint:containedctx // of the one import that the writer lives for
	id  string
	old *head // the version in force, to compare with; nil: none

	open   *load
	jobs   chan *load
	free   chan *load
	lanes  sync.WaitGroup
	shards map[uint64]*tally
	set    block.Set

	mu     sync.Mutex
	err    error
	common uint64 // numbers that the old version has as well
}

// tally is what was written to a shard.
type tally struct {
	numbers uint64
	written [(fields + 63) / 64]uint64
}

// load is the blocks of one pipeline.
type load struct {
	blocks []written
	data   []byte
	shards []uint64 // of these, those that are written for the first time
}

type written struct {
	shard, field     uint64
	from, to, before int // data[from:to] is the block; data[before:from] is what had been written of it already
}

func (r *Registry) newWriter(ctx context.Context, id string, old *head) *writer {
	w := &writer{r: r, ctx: ctx, id: id, old: old, open: new(load), jobs: make(chan *load), free: make(chan *load, loadLanes+1), shards: map[uint64]*tally{}}
	for range loadLanes {
		w.free <- new(load)
		w.lanes.Go(func() {
			for l := range w.jobs {
				w.send(l)
				l.blocks, l.data, l.shards = l.blocks[:0], l.data[:0], l.shards[:0]
				w.free <- l
			}
		})
	}
	return w
}

func (w *writer) key(shard uint64) string {
	return w.r.key + ":" + w.id + ":" + strconv.FormatUint(shard, 10)
}

// isWritten reports whether a block was written already.
func (w *writer) isWritten(number uint64) bool {
	t := w.shards[number/fields]
	return t != nil && t.has(number%fields)
}

// matches reports whether a shard has the blocks that were written to it, and as many numbers.
func (t *tally) matches(c *contents) bool {
	for field, b := range c.blocks {
		if (b != "") != t.has(uint64(field)) {
			return false
		}
	}
	return c.numbers == t.numbers
}

func (t *tally) has(field uint64) bool { return t.written[field>>6]>>(field&63)&1 == 1 }

// put takes a block to write; before is what had been written of it already.
func (w *writer) put(number uint64, s *block.Set, before []byte) error {
	shard, field := number/fields, number%fields
	t := w.shards[shard]
	l := w.open
	if t == nil {
		t = new(tally)
		w.shards[shard] = t
		l.shards = append(l.shards, shard)
	}
	b := written{shard: shard, field: field, before: len(l.data)}
	l.data = append(l.data, before...)
	b.from = len(l.data)
	l.data = s.Append(l.data)
	b.to = len(l.data)
	l.blocks = append(l.blocks, b)
	t.numbers += uint64(s.Len()) //nolint:gosec // at most 10,000
	if before != nil {
		t.numbers -= uint64(block.Count(before)) //nolint:gosec // at most 10,000
	} else {
		t.written[field>>6] |= 1 << (field & 63)
	}
	if len(l.blocks) == loadBlocks {
		return w.hand()
	}
	return nil
}

// hand gives the open load to a lane. Before a shard is written it is put down as one to remove: an import that dies leaves nothing
// behind that the next does not find.
func (w *writer) hand() error {
	if err := w.failure(); err != nil {
		return err
	}
	if len(w.open.blocks) == 0 {
		return nil
	}
	if len(w.open.shards) > 0 {
		if err := w.r.announce(w.ctx, w.id, w.open.shards); err != nil {
			return err
		}
	}
	w.jobs <- w.open
	w.open = <-w.free
	return nil
}

func (w *writer) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

func (w *writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

// drain waits until everything that was put is written.
func (w *writer) drain() error {
	if err := w.hand(); err != nil {
		return err
	}
	idle := make([]*load, 0, loadLanes)
	for range loadLanes {
		idle = append(idle, <-w.free)
	}
	for _, l := range idle {
		w.free <- l
	}
	return w.failure()
}

// close ends the lanes.
func (w *writer) close() {
	close(w.jobs)
	w.lanes.Wait()
}

// send writes a load in one pipeline, and compares it with the old version.
func (w *writer) send(l *load) {
	if w.failure() != nil {
		return
	}
	defer func() { // the client runs the caller's hooks, in a goroutine that nobody else guards
		if p := recover(); p != nil {
			w.fail(w.r.panicked(p))
		}
	}()
	// The shards are put down again with each pipeline: another import may have removed all of this when the lease was lost.
	p := w.r.rdb.Pipeline()
	record := []any{"sadd", w.r.shardsKey(w.id)}
	writes, reads := []*redis.Cmd{p.Do(w.ctx, "sadd", w.r.importsKey(), w.id)}, []*redis.Cmd(nil)
	for i, b := range l.blocks {
		if i == 0 || b.shard != l.blocks[i-1].shard {
			record = append(record, strconv.FormatUint(b.shard, 10))
		}
	}
	writes = append(writes, p.Do(w.ctx, record...))
	var of [][]written
	for from := 0; from < len(l.blocks); {
		shard, to := l.blocks[from].shard, from
		name := strconv.FormatUint(shard, 10)
		write, read := []any{"hset", w.r.key + ":" + w.id + ":" + name}, []any{"hmget"}
		compare := false
		if w.old != nil {
			if _, compare = w.old.shards[shard]; compare {
				read = append(read, w.old.prefix+name)
			}
		}
		for to < len(l.blocks) && l.blocks[to].shard == shard {
			b := &l.blocks[to]
			write = append(write, fieldNames[b.field], l.data[b.from:b.to])
			read = append(read, fieldNames[b.field])
			to++
		}
		writes = append(writes, p.Do(w.ctx, write...))
		if compare {
			reads = append(reads, p.Do(w.ctx, read...))
			of = append(of, l.blocks[from:to])
		}
		from = to
	}
	_, _ = p.Exec(w.ctx)
	for _, cmd := range writes {
		if err := cmd.Err(); err != nil {
			w.fail(w.r.storeError(w.ctx, err))
			w.r.reload(w.ctx)
			return
		}
	}
	for i, cmd := range reads {
		if err := cmd.Err(); err != nil && !redis.HasErrorPrefix(err, "WRONGTYPE") {
			w.fail(w.r.storeError(w.ctx, err))
			return
		}
		w.compare(l, of[i], cmd)
	}
}

// compare counts what the blocks have in common with the old version. It is for the report alone: a block that cannot be read counts
// as empty.
func (w *writer) compare(l *load, blocks []written, cmd *redis.Cmd) {
	v, _ := cmd.Val().([]any)
	if len(v) != len(blocks) {
		return
	}
	common := 0
	for i, b := range blocks {
		if old, ok := v[i].(string); ok && block.Check(old) == nil {
			common += block.Common(l.data[b.from:b.to], old) - block.Common(l.data[b.before:b.from], old)
		}
	}
	w.mu.Lock()
	w.common += uint64(common)
	w.mu.Unlock()
}

// merge writes what is in memory, together with what was written of the same blocks already.
func (w *writer) merge(m *memory) error {
	m.flush()
	if err := w.drain(); err != nil {
		return err
	}
	numbers := m.blocks()
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
			set := m.cells[number].asSet(&w.set)
			delete(m.cells, number)
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
func (w *writer) readBack(numbers []uint64) ([][]byte, error) {
	out := make([][]byte, len(numbers))
	args := []any{"hmget", w.key(numbers[0] / fields)}
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
	reply, err := w.r.do(w.ctx, args...)
	if err != nil {
		return nil, err
	}
	v, ok := reply.([]any)
	if !ok || len(v) != len(at) {
		return nil, w.r.malformed("HMGET answers no array of its fields")
	}
	for i, x := range v {
		b, ok := x.(string)
		if !ok || block.Verify(b) != nil {
			return nil, w.lost(numbers[0]/fields, "has lost a block that was written")
		}
		out[at[i]] = []byte(b)
	}
	return out, nil
}

func (w *writer) lost(shard uint64, what string) *dnc.Error {
	return w.r.fail(dnc.CodeListIncomplete, "shard "+shardName(shard)+" of the new version "+what+
		": a failover, an eviction or something else removed it; import again")
}
