package registry

import (
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/dnc-go/dnc"
)

// headCache keeps the newest head that this process has seen. A head of a lower generation than it
// has seen is never taken for current.
type headCache struct {
	newest  atomic.Pointer[head] // nil: none was seen yet, or the list was deleted
	mu      sync.Mutex           // held while newest is replaced
	highest uint64               // the highest generation that was seen, under mu
}

func (c *headCache) load() *head { return c.newest.Load() }

// highestSeen is the highest generation that was seen.
func (c *headCache) highestSeen() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.highest
}

// accept makes the head of these fields the newest, unless a newer one was seen already. If that
// was before the fields were read, when least was the highest generation, then the server has an
// old copy. If it was meanwhile, by another goroutine, then the newer one is returned.
func (c *headCache) accept(s *store, f map[string]string, least uint64) (*head, *dnc.Error) {
	h, failure := s.parseHead(f)
	var gen uint64
	if h != nil {
		gen = h.gen
	} else {
		gen, _ = parseID(f[fieldGen]) // a list that was deleted has its generation still
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.newest.Load()
	switch {
	case gen >= least && gen < c.highest && known != nil:
		return known, nil
	case gen < c.highest && (h != nil || gen > 0):
		return nil, s.fail(dnc.CodeListStale, "the version in force is older than one that was seen already: the server was restored from "+
			"an old copy, or is not the primary any more; if it is the right one import the list again, or start this program anew")
	case h != nil && known != nil && gen == known.gen && (known.version != h.version || known.stamp != h.stamp):
		return nil, s.fail(dnc.CodeListStale, "the version in force is another one of the same generation as was seen before: the server was "+
			"restored from an old copy and imported to again; import once more, or start this program anew if it is the right one")
	case h == nil:
		if gen > c.highest {
			c.highest = gen
			c.newest.Store(nil)
		}
		return nil, failure
	case known != nil && known.gen == gen:
		return known, nil
	}
	c.highest = gen
	c.newest.Store(h)
	return h, nil
}

// after is the generation after gen: above every one that was seen, and not below the first.
func (c *headCache) after(gen string, first uint64) string {
	g, _ := parseID(gen)
	return strconv.FormatUint(max(g+1, c.highestSeen()+1, first), 10)
}
