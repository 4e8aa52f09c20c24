package registry

import (
	"context"
	"strconv"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
)

// contents are what a shard of a version holds.
type contents struct {
	blocks  [fields]string // "" where there is none
	fields  int            // how many there are
	size    int            // of all blocks, in bytes
	numbers uint64
}

// readContents reads the fields of a shard, all of them, and verifies each block and the marker. What is wrong is said as the end of a
// sentence about the shard; "" if nothing is.
func readContents(f map[string]string) (c contents, problem string) {
	marker, ok := f[markerField]
	if !ok {
		return c, "has no completeness marker"
	}
	for name, b := range f {
		if name == markerField {
			continue
		}
		at, err := strconv.ParseUint(name, 10, 16)
		if err != nil || at >= fields || strconv.FormatUint(at, 10) != name || b == "" || block.Verify(b) != nil {
			return c, "has a field that is no block"
		}
		c.blocks[at] = b
		c.fields++
		c.size += len(b)
		c.numbers += uint64(block.Count(b)) //nolint:gosec // at most 10,000
	}
	if strconv.FormatUint(c.numbers, 10) != marker {
		return c, "has another count than its completeness marker says"
	}
	return c, ""
}

const (
	walkBytes  = 1 << 20 // of one pipeline, about: it must arrive within the client's read timeout, also from afar
	walkShards = 128     // of one pipeline
)

// walker reads whole shards, in pipelines on several connections.
type walker struct {
	r      *Registry
	prefix string // of the keys
	shards []uint64
	use    func(shard uint64, f map[string]string) *dnc.Error
	cancel context.CancelFunc

	mu          sync.Mutex
	next        int // of the shards
	seen, bytes int // what has arrived: the size of pipelines follows it
	failed      error
}

// walk reads all fields of shards, and hands each shard to use, which must allow for calls at the same time. It ends with the first error.
// A shard of North America is about half a megabyte, those of other countries can be a few bytes: the first pipelines have one
// shard, the next as many as make about a megabyte.
func (r *Registry) walk(ctx context.Context, prefix string, shards []uint64, use func(shard uint64, f map[string]string) *dnc.Error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &walker{r: r, prefix: prefix, shards: shards, use: use, cancel: cancel}
	var lanes sync.WaitGroup
	for range loadLanes - 1 {
		lanes.Go(func() { w.lane(ctx) })
	}
	w.lane(ctx)
	lanes.Wait()
	return w.failed
}

func (w *walker) lane(ctx context.Context) {
	for part := w.take(); len(part) > 0; part = w.take() {
		if err := w.read(ctx, part); err != nil {
			w.mu.Lock()
			if w.failed == nil {
				w.failed = err
				w.cancel()
			}
			w.mu.Unlock()
		}
	}
}

// take is the shards of the next pipeline, none when all are read or one has failed.
func (w *walker) take() []uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed != nil {
		return nil
	}
	n := 1
	if w.seen > 0 {
		n = min(max(walkBytes*w.seen/max(w.bytes, 1), 1), walkShards)
	}
	from := w.next
	w.next = min(from+n, len(w.shards))
	return w.shards[from:w.next]
}

func (w *walker) read(ctx context.Context, part []uint64) (err error) {
	defer func() { // the client runs the caller's hooks, in a goroutine that nobody else guards
		if p := recover(); p != nil {
			err = w.r.panicked(p)
		}
	}()
	p := w.r.rdb.Pipeline()
	cmds := make([]*redis.Cmd, len(part))
	for i, s := range part {
		cmds[i] = p.Do(ctx, "hgetall", w.prefix+strconv.FormatUint(s, 10))
	}
	_, _ = p.Exec(ctx) // each command is looked at
	bytes := 0
	for i, cmd := range cmds {
		f, failure := w.r.readMap(ctx, cmd)
		if failure != nil {
			return failure
		}
		for name, b := range f {
			bytes += len(name) + len(b)
		}
		if failure := w.use(part[i], f); failure != nil {
			return failure
		}
	}
	w.mu.Lock()
	w.seen, w.bytes = w.seen+len(part), w.bytes+bytes
	w.mu.Unlock()
	return nil
}
