package registry

import (
	"context"
	"sync"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
	"github.com/dnc-go/dnc/internal/redisconn"
)

// A pipeline's reply must arrive within the client's ReadTimeout, 300 ms with dnc.RedisOptions,
// also over a slow line. So its size follows what arrived before: it grows while replies take less
// than replyTime, and begins at what a line of 2 Mbit/s can carry.
const (
	leastReply  = 32 << 10 // bytes of one reply, about
	firstReply  = 64 << 10
	mostReply   = 1 << 20
	replyTime   = 60 * time.Millisecond
	replyGrowth = 4 // at most, from one reply to the next

	fieldBytes      = 16 // of a field's name and lengths in a reply
	readConnections = 2  // pipelines under way at once
)

// shardUse gets each shard that was read, or the problem with its fields: the end of a sentence
// about the shard. It must allow for calls at the same time.
type shardUse func(shard uint64, c *shardContents, problem string) *dnc.Error

// shardReader reads whole shards, in pipelines on several connections.
type shardReader struct {
	s       *store
	prefix  string // of the keys
	shards  []uint64
	markers map[uint64]uint64
	use     shardUse
	cancel  context.CancelFunc

	mu     sync.Mutex
	next   int // of the shards
	reply  int // bytes that the next pipeline may ask for
	failed error
}

// readShards reads all fields of shards. It ends with the first error. Small shards share a
// pipeline; a large one, of up to 1.25 MB, is read in parts.
func (s *store) readShards(ctx context.Context, prefix string, shards []uint64, use shardUse) error {
	markers, err := s.readMarkers(ctx, prefix, shards)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &shardReader{s: s, prefix: prefix, shards: shards, markers: markers, use: use, cancel: cancel, reply: firstReply}
	var connections sync.WaitGroup
	for range readConnections - 1 {
		connections.Go(func() { r.readAll(ctx) })
	}
	r.readAll(ctx)
	connections.Wait()
	return r.failed
}

func (r *shardReader) readAll(ctx context.Context) {
	for shards, whole := r.nextShards(); len(shards) > 0; shards, whole = r.nextShards() {
		var failure *dnc.Error
		if whole {
			failure = r.readWhole(ctx, shards)
		} else {
			failure = r.readInParts(ctx, shards[0])
		}
		if failure == nil {
			continue
		}
		r.mu.Lock()
		if r.failed == nil {
			r.failed = failure
			r.cancel()
		}
		r.mu.Unlock()
	}
}

// nextShards are the shards to read next, none when all are read or one has failed: as many as can
// be read whole, or one that must be read in parts.
func (r *shardReader) nextShards() (shards []uint64, whole bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed != nil || r.next == len(r.shards) {
		return nil, true
	}
	from, size := r.next, 0
	for r.next < len(r.shards) && r.next-from < maxFields {
		numbers, marked := r.markers[r.shards[r.next]]
		size += shardBytes(numbers)
		if size > r.reply || !marked {
			break
		}
		r.next++
	}
	if r.next > from {
		return r.shards[from:r.next], true
	}
	r.next++
	return r.shards[from:r.next], false
}

// shardBytes is about how long the reply for a shard of so many numbers is at most.
func shardBytes(numbers uint64) int {
	n := int(min(numbers, shardSize))
	return min(2*n, fields*block.BitmapSize) + min(n+1, fields)*fieldBytes
}

// readWhole reads small shards in one pipeline.
func (r *shardReader) readWhole(ctx context.Context, shards []uint64) *dnc.Error {
	parts := make([]*redisconn.Part, len(shards))
	for i, shard := range shards {
		key := r.prefix + uintText(shard)
		parts[i] = part(key, redisconn.Cmd{"hgetall", key})
	}
	asked := time.Now()
	r.s.conn.PipeEach(ctx, parts...)
	took, bytes := time.Since(asked), 0
	for i, p := range parts {
		f, failure := r.s.readMap(p)
		if failure != nil {
			return r.explain(ctx, failure)
		}
		c, problem := new(shardContents), ""
		for name, value := range f {
			bytes += len(value) + fieldBytes
			if wrong := c.add(name, value); problem == "" {
				problem = wrong
			}
		}
		if problem == "" {
			problem = c.check()
		}
		if failure := r.use(shards[i], c, problem); failure != nil {
			return failure
		}
	}
	r.arrived(bytes, took)
	return nil
}

// readInParts reads the fields of a large shard, some in each pipeline, and its marker with them.
func (r *shardReader) readInParts(ctx context.Context, shard uint64) *dnc.Error {
	c := new(shardContents)
	key := r.prefix + uintText(shard)
	for from := 0; from < fields; {
		to := min(from+max(r.replyBytes()/(block.BitmapSize+fieldBytes), 1), fields)
		p := part(key, append(redisconn.Cmd{"hmget", key, markerField}, fieldNames[from:to]...))
		asked := time.Now()
		r.s.conn.PipeEach(ctx, p)
		v, failure := r.s.readFields(p, to-from+1)
		if failure != nil {
			if failure.Code == dnc.CodeStoreTimeout && r.shrink() && r.s.ended(ctx) == nil {
				continue
			}
			return r.explain(ctx, failure)
		}
		took, bytes := time.Since(asked), 0
		if c.marker, c.marked = v[0].(string); !c.marked {
			break
		}
		for i, x := range v[1:] {
			b, ok := x.(string)
			if !ok {
				continue
			}
			bytes += len(b) + fieldBytes
			if problem := c.addBlock(from+i, b); problem != "" {
				return r.use(shard, c, problem)
			}
		}
		r.arrived(bytes, took)
		from = to
	}
	return r.use(shard, c, c.check())
}

func (r *shardReader) replyBytes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reply
}

// arrived fits the size of the next reply to how long the last one took.
func (r *shardReader) arrived(bytes int, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fits := mostReply
	if took > 0 {
		fits = int(min(float64(bytes)*float64(replyTime)/float64(took), mostReply))
	}
	switch {
	case fits < r.reply && took > replyTime:
		r.reply = max(fits, leastReply)
	case fits > r.reply && 2*bytes >= r.reply: // a small reply says little about a large one
		r.reply = min(fits, replyGrowth*r.reply)
	}
}

// shrink is for a reply that did not arrive in time: whether the next can be smaller.
func (r *shardReader) shrink() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reply == leastReply {
		return false
	}
	r.reply = leastReply
	return true
}

// explain says what to change where replies do not arrive in time.
func (r *shardReader) explain(ctx context.Context, e *dnc.Error) *dnc.Error {
	if e.Code != dnc.CodeStoreTimeout || r.s.ended(ctx) != nil {
		return e
	}
	slow := *e
	slow.Hint += "; a shard is read in replies of 32 kB and more: raise ReadTimeout of the client's options where the line is that slow"
	return &slow
}
