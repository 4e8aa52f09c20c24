package registry

import (
	"slices"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
)

// memory collects numbers in any order. It groups them by the million, so that each block is looked up once for several numbers.
type memory struct {
	chunk  []dnc.Number
	sorter scratch
	cells  map[uint64]*cell // by block
}

// cell is a block in the making: its lines in any order while they are few, and a set of them from then on.
type cell struct {
	lines []uint16
	set   *block.Set
}

const (
	memoryChunk = sliceSize
	maxLines    = block.MaxSparse + 16 // of a cell without a set: some may be there twice
)

func newMemory() *memory {
	return &memory{chunk: make([]dnc.Number, 0, memoryChunk), cells: map[uint64]*cell{}}
}

func (m *memory) add(n dnc.Number) {
	if m.chunk = append(m.chunk, n); len(m.chunk) == cap(m.chunk) {
		m.flush()
	}
}

func (m *memory) flush() {
	s := &m.sorter
	for rest := m.chunk; len(rest) > 0; {
		taken := s.group(rest)
		rest = rest[taken:]
		for i := 0; i < len(s.keys); {
			end := s.run(i)
			c := m.cells[s.block(s.keys[i])]
			if c == nil {
				c = new(cell)
				m.cells[s.block(s.keys[i])] = c
			}
			c.add(s, s.keys[i:end])
			i = end
		}
	}
	m.chunk = m.chunk[:0]
}

func (c *cell) add(s *scratch, keys []uint64) {
	if c.set == nil && len(c.lines)+len(keys) > maxLines {
		set := c.asSet(new(block.Set))
		c.lines = c.lines[:0]
		if set.Len()+len(keys) > block.MaxSparse {
			c.set, c.lines = set, nil
		} else { // most of them were there twice
			set.Each(func(line int) { c.lines = append(c.lines, uint16(line)) }) //nolint:gosec // below 10,000
		}
	}
	if c.set != nil {
		for _, k := range keys {
			c.set.Add(s.line(k))
		}
		return
	}
	for _, k := range keys {
		c.lines = append(c.lines, uint16(s.line(k))) //nolint:gosec // below 10,000
	}
}

// asSet adds the cell's lines to a set.
func (c *cell) asSet(set *block.Set) *block.Set {
	if c.set != nil {
		return c.set
	}
	for _, l := range c.lines {
		set.Add(int(l))
	}
	return set
}

// blocks are the blocks that have a number, ascending.
func (m *memory) blocks() []uint64 {
	out := make([]uint64, 0, len(m.cells))
	for b := range m.cells {
		out = append(out, b)
	}
	slices.Sort(out)
	return out
}
