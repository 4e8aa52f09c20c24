package registry

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
)

// table is a whole version in this process. It never changes.
type table struct {
	head *head
	near []*shelf          // by shard below len(near)
	far  map[uint64]*shelf // the others
}

// shelf is the blocks of one shard, one after another. Its index has an entry for each field where most fields have a block, and for
// each block otherwise.
type shelf struct {
	data   string
	fields []uint16 // of the blocks, ascending; nil: offset has all of them
	offset []uint32 // block i is data[offset[i]:offset[i+1]]
}

const nearShards = 10_000 // those of the North American Numbering Plan are 1200 to 1999

// find is the block of a field, "" if there is none.
func (s *shelf) find(field uint64) string {
	if s.fields != nil {
		at, ok := slices.BinarySearch(s.fields, uint16(field)) //nolint:gosec // below 1,000
		if !ok {
			return ""
		}
		field = uint64(at) //nolint:gosec // an index
	}
	return s.data[s.offset[field]:s.offset[field+1]]
}

func (t *table) shelf(shard uint64) *shelf {
	if shard < uint64(len(t.near)) {
		return t.near[shard]
	}
	return t.far[shard]
}

// fetch reads all shards of a version, and verifies every block and every count.
func (r *Registry) fetch(ctx context.Context, h *head) (*table, error) {
	t := &table{head: h, near: make([]*shelf, nearShards), far: map[uint64]*shelf{}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	next, total := 0, uint64(0)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lane := func() {
		for {
			mu.Lock()
			from := next
			next = min(next+fetchShards, len(h.sortedShard))
			to, stop := next, failed != nil
			mu.Unlock()
			if from == to || stop {
				return
			}
			shelves, numbers, err := r.fetchShards(ctx, h, h.sortedShard[from:to])
			mu.Lock()
			if err != nil && failed == nil {
				failed = err
				cancel()
			}
			if err == nil {
				total += numbers
				for i, s := range shelves {
					if shard := h.sortedShard[from+i]; shard < nearShards {
						t.near[shard] = s
					} else {
						t.far[shard] = s
					}
				}
			}
			mu.Unlock()
		}
	}
	for range loadLanes - 1 {
		wg.Go(lane)
	}
	lane()
	wg.Wait()
	if failed != nil {
		return nil, failed
	}
	if total != h.count {
		return nil, r.fail(dnc.CodeListIncomplete, "version "+h.version+" has "+strconv.FormatUint(total, 10)+" numbers, and its head says "+
			strconv.FormatUint(h.count, 10)+": import the list again")
	}
	return t, nil
}

const fetchShards = 4 // of one pipeline: a shard of North America is about half a megabyte

func (r *Registry) fetchShards(ctx context.Context, h *head, shards []uint64) ([]*shelf, uint64, error) {
	p := r.rdb.Pipeline()
	cmds := make([]*redis.Cmd, len(shards))
	for i, s := range shards {
		cmds[i] = p.Do(ctx, "hgetall", h.prefix+strconv.FormatUint(s, 10))
	}
	_, _ = p.Exec(ctx)
	out := make([]*shelf, len(shards))
	total := uint64(0)
	for i, cmd := range cmds {
		f, failure := r.readMap(ctx, cmd)
		if failure != nil {
			return nil, 0, failure
		}
		s, n, failure := r.newShelf(h, shards[i], f)
		if failure != nil {
			return nil, 0, failure
		}
		out[i], total = s, total+n
	}
	return out, total, nil
}

func (r *Registry) newShelf(h *head, shard uint64, f map[string]string) (*shelf, uint64, *dnc.Error) {
	marker, ok := f[markerField]
	if !ok {
		return nil, 0, r.errIncomplete(h, shard, "has no completeness marker")
	}
	delete(f, markerField)
	var blocks [fields]string
	size, numbers := 0, uint64(0)
	for name, b := range f {
		at, err := strconv.ParseUint(name, 10, 16)
		if err != nil || at >= fields || strconv.FormatUint(at, 10) != name || block.Verify(b) != nil {
			return nil, 0, r.errIncomplete(h, shard, "has a field that is no block")
		}
		blocks[at] = b
		size += len(b)
		numbers += uint64(block.Count(b)) //nolint:gosec // at most 10,000
	}
	if strconv.FormatUint(numbers, 10) != marker {
		return nil, 0, r.errIncomplete(h, shard, "has another count than its completeness marker says")
	}
	s := new(shelf)
	data := make([]byte, 0, size)
	dense := len(f) > fields/4
	s.offset = append(s.offset, 0)
	for at, b := range blocks {
		if b == "" && !dense {
			continue
		}
		if !dense {
			s.fields = append(s.fields, uint16(at))
		}
		data = append(data, b...)
		s.offset = append(s.offset, uint32(len(data))) //nolint:gosec // at most 1,250,000
	}
	if s.fields == nil && !dense {
		s.fields = []uint16{}
	}
	s.data = string(data)
	return s, numbers, nil
}
