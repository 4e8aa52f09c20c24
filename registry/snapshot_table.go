package registry

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
)

// table is a whole version in this process. It never changes. A number is found with three reads
// that depend on one another: the place of its shard, the place of its block, and the block.
type table struct {
	head   *head
	first  uint64            // the shard of places[0]
	places []uint32          // by shard: its place in shards, plus 1; 0: it has none
	far    map[uint64]uint32 // the same for shards beyond places
	shards []shardTable
}

// maxPlaces bounds the places: 4 MB. The shards of North America need 800.
const maxPlaces = 1 << 20

// shardTable is the packed blocks of one shard, one after another. Its index has an entry for each
// field where many fields have a block, and one for each block otherwise.
type shardTable struct {
	offset  []uint32 // block i is data[offset[i]:offset[i+1]]
	data    string
	fields  []uint16 // of the blocks, ascending; nil: offset has all of them
	covered bool     // all its numbers are
}

// block is the block of a field, "" if there is none.
func (s *shardTable) block(field uint64) string {
	if s.fields != nil {
		at, ok := slices.BinarySearch(s.fields, uint16(field)) //nolint:gosec // below 1,000
		if !ok {
			return ""
		}
		field = uint64(at) //nolint:gosec // an index
	}
	return s.data[s.offset[field]:s.offset[field+1]]
}

// newTable makes room for the shards of a head.
func newTable(h *head) *table {
	t := &table{head: h, shards: make([]shardTable, len(h.sorted))}
	if len(h.sorted) == 0 {
		return t
	}
	t.first = slices.Min(h.sorted)
	size := min(slices.Max(h.sorted)-t.first+1, maxPlaces)
	t.places = make([]uint32, size)
	for i, shard := range h.sorted {
		place := uint32(i) + 1
		if at := shard - t.first; at < size {
			t.places[at] = place
			continue
		}
		if t.far == nil {
			t.far = map[uint64]uint32{}
		}
		t.far[shard] = place
	}
	return t
}

// shard is the blocks of a shard, nil if it has none.
func (t *table) shard(shard uint64) *shardTable {
	var place uint32
	if at := shard - t.first; at < uint64(len(t.places)) {
		place = t.places[at]
	} else {
		place = t.far[shard]
	}
	if place == 0 {
		return nil
	}
	return &t.shards[place-1]
}

// find finds one number.
func (t *table) find(v uint64) outcome {
	number := v / blockSize
	s := t.shard(number / fields)
	if s == nil || !s.covered {
		if !t.head.coverage.has(v) {
			return outcomeUncovered
		}
		if s == nil {
			return outcomeClear
		}
	}
	if block.PackedHas(s.block(number%fields), int(v%blockSize)) {
		return outcomeListed
	}
	return outcomeClear
}

func (t *table) headOrNil() *head {
	if t == nil {
		return nil
	}
	return t.head
}

// loadTable reads all shards of a version, and verifies every block and every count.
func (s *store) loadTable(ctx context.Context, h *head) (*table, error) {
	t := newTable(h)
	var mu sync.Mutex
	total := uint64(0)
	err := s.readShards(ctx, h.prefix, h.sorted, func(shard uint64, c *shardContents, problem string) *dnc.Error {
		if problem != "" {
			return s.errIncomplete(h, shard, problem)
		}
		made := c.table()
		in, same := h.coverage.whole(shard)
		made.covered = in && same
		mu.Lock()
		defer mu.Unlock()
		total += c.numbers
		*t.shard(shard) = made
		return nil
	})
	if err != nil {
		return nil, err
	}
	if total != h.count {
		return nil, s.fail(dnc.CodeListIncomplete, "version "+h.version+" has "+strconv.FormatUint(total, 10)+" numbers, and its head says "+
			strconv.FormatUint(h.count, 10)+": import the list again")
	}
	return t, nil
}

// table puts the blocks one after another.
func (c *shardContents) table() (s shardTable) {
	data := make([]byte, 0, c.size) // packed blocks are not longer
	dense := c.fields > fields/4
	s.offset = append(make([]uint32, 0, c.fields+1), 0)
	if dense {
		s.offset = append(make([]uint32, 0, fields+1), 0)
	}
	for at, b := range c.blocks {
		if b == "" && !dense {
			continue
		}
		if !dense {
			s.fields = append(s.fields, uint16(at))
		}
		data = block.AppendPacked(data, b)
		s.offset = append(s.offset, uint32(len(data))) //nolint:gosec // at most 1,250,000
	}
	if s.fields == nil && !dense {
		s.fields = []uint16{}
	}
	s.data = string(data) // of the length that it has
	return s
}
