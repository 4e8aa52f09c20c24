package registry

import (
	"strconv"

	"github.com/dnc-go/dnc/internal/block"
)

// shardContents are what a shard of a version holds.
type shardContents struct {
	marker  string         // as it is written
	marked  bool           // there is one
	blocks  [fields]string // "" where there is none
	fields  int            // how many there are
	size    int            // of all blocks, in bytes
	numbers uint64
}

const noBlock = "has a field that is not a block"

// add takes one field of a shard's HASH. The problem is the end of a sentence about the shard, ""
// if there is none.
func (c *shardContents) add(name, value string) (problem string) {
	if name == markerField {
		c.marker, c.marked = value, true
		return ""
	}
	at, err := strconv.ParseUint(name, 10, 16)
	if err != nil || at >= fields || strconv.FormatUint(at, 10) != name {
		return noBlock
	}
	return c.addBlock(int(at), value)
}

func (c *shardContents) addBlock(field int, b string) (problem string) {
	if b == "" || block.Verify(b) != nil {
		return noBlock
	}
	c.blocks[field] = b
	c.fields++
	c.size += len(b)
	c.numbers += uint64(block.Count(b)) //nolint:gosec // at most 10,000
	return ""
}

// check compares what was added with the completeness marker.
func (c *shardContents) check() (problem string) {
	switch {
	case !c.marked:
		return "has no completeness marker"
	case strconv.FormatUint(c.numbers, 10) != c.marker:
		return "has another count than its completeness marker says"
	}
	return ""
}
