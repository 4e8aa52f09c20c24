package registry

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/dnc-go/dnc"
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
	total := uint64(0)
	err := r.walk(ctx, h.prefix, h.sortedShard, func(shard uint64, f map[string]string) *dnc.Error {
		c, problem := readContents(f)
		if problem != "" {
			return r.errIncomplete(h, shard, problem)
		}
		s := c.shelf()
		mu.Lock()
		defer mu.Unlock()
		total += c.numbers
		if shard < nearShards {
			t.near[shard] = s
		} else {
			t.far[shard] = s
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if total != h.count {
		return nil, r.fail(dnc.CodeListIncomplete, "version "+h.version+" has "+strconv.FormatUint(total, 10)+" numbers, and its head says "+
			strconv.FormatUint(h.count, 10)+": import the list again")
	}
	return t, nil
}

// shelf puts the blocks one after another.
func (c *contents) shelf() *shelf {
	s := new(shelf)
	data := make([]byte, 0, c.size)
	dense := c.fields > fields/4
	s.offset = append(s.offset, 0)
	for at, b := range c.blocks {
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
	return s
}
