package registry

import (
	"slices"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
)

// collector holds numbers that come in any order. It groups them by the million, so that each block
// is searched for once for several numbers.
type collector struct {
	chunk  []dnc.Number
	sorter scratch
	blocks map[uint64]*blockLines
}

// blockLines is a block in the making: its lines in any order while they are few, and a set of them
// from then on.
type blockLines struct {
	lines []uint16
	set   *block.Set
}

const (
	collectorChunk = sliceSize
	maxLines       = block.MaxSparse + 16 // of a block without a set: some may be there twice
)

func newCollector() *collector {
	return &collector{chunk: make([]dnc.Number, 0, collectorChunk), blocks: map[uint64]*blockLines{}}
}

func (c *collector) add(n dnc.Number) {
	if c.chunk = append(c.chunk, n); len(c.chunk) == cap(c.chunk) {
		c.flush()
	}
}

// flush puts the chunk into the blocks.
func (c *collector) flush() {
	s := &c.sorter
	for rest := c.chunk; len(rest) > 0; {
		taken := s.group(rest)
		rest = rest[taken:]
		for i := 0; i < len(s.keys); {
			end := s.run(i)
			number := s.block(s.keys[i])
			b := c.blocks[number]
			if b == nil {
				b = new(blockLines)
				c.blocks[number] = b
			}
			b.add(s, s.keys[i:end])
			i = end
		}
	}
	c.chunk = c.chunk[:0]
}

func (b *blockLines) add(s *scratch, keys []uint64) {
	if b.set == nil && len(b.lines)+len(keys) > maxLines {
		set := b.asSet(new(block.Set))
		b.lines = b.lines[:0]
		if set.Len()+len(keys) > block.MaxSparse {
			b.set, b.lines = set, nil
		} else { // most of them were there twice
			set.Each(func(line int) { b.lines = append(b.lines, uint16(line)) }) //nolint:gosec // below 10,000
		}
	}
	if b.set != nil {
		for _, k := range keys {
			b.set.Add(s.line(k))
		}
		return
	}
	for _, k := range keys {
		b.lines = append(b.lines, uint16(s.line(k))) //nolint:gosec // below 10,000
	}
}

// asSet is the block's lines as a set: its own, or the one that is given.
func (b *blockLines) asSet(set *block.Set) *block.Set {
	if b.set != nil {
		return b.set
	}
	for _, l := range b.lines {
		set.Add(int(l))
	}
	return set
}

// sorted are the blocks that have a number, ascending.
func (c *collector) sorted() []uint64 {
	out := make([]uint64, 0, len(c.blocks))
	for number := range c.blocks {
		out = append(out, number)
	}
	slices.Sort(out)
	return out
}
