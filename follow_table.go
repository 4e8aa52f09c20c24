package dnc

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// numberTable is a set of words with the highest bit set: Numbers as they lie in memory, or hashes
// of members. It is an open-addressed hash table of atomic words, so has takes no lock. Changes
// take one. A word takes 10 to 15 bytes.
type numberTable struct {
	slots atomic.Pointer[[]atomic.Uint64]

	mu     sync.Mutex
	live   int // words in the set
	filled int // slots that are not free: words, and what was removed
}

const (
	freeSlot    = 0
	removedSlot = 1
	leastSlots  = 64
)

// reserve makes room for so many words. Only for a table that is empty and not shared yet.
func (t *numberTable) reserve(n int) {
	slots := newSlots(n)
	t.slots.Store(&slots)
}

// newSlots are the slots for n words: two thirds of them are filled then.
func newSlots(n int) []atomic.Uint64 { return make([]atomic.Uint64, max(leastSlots, n+n/2)) }

// home is the first slot of a word. Numbers in sequence must spread evenly, so all bits are mixed.
func home(v uint64, slots int) int {
	v ^= v >> 32
	v *= 0x9e3779b97f4a7c15
	v ^= v >> 29
	v *= 0xbf58476d1ce4e5b9
	at, _ := bits.Mul64(v, uint64(slots)) //nolint:gosec // a length
	return int(at)                        //nolint:gosec // below slots
}

func (t *numberTable) has(v uint64) bool {
	p := t.slots.Load()
	if p == nil {
		return false
	}
	slots := *p
	for i := home(v, len(slots)); ; {
		switch slots[i].Load() {
		case v:
			return true
		case freeSlot:
			return false
		}
		if i++; i == len(slots) {
			i = 0
		}
	}
}

// add puts a word into the set.
func (t *numberTable) add(v uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.slots.Load(); p == nil || (t.filled+1)*5 > len(*p)*4 {
		t.rebuild()
	}
	slots := *t.slots.Load()
	at := -1 // the first slot that may be used
	for i := home(v, len(slots)); ; {
		switch slots[i].Load() {
		case v:
			return
		case removedSlot:
			if at < 0 {
				at = i
			}
		case freeSlot:
			if at < 0 {
				at = i
				t.filled++
			}
			slots[at].Store(v)
			t.live++
			return
		}
		if i++; i == len(slots) {
			i = 0
		}
	}
}

// remove takes a word out of the set.
func (t *numberTable) remove(v uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.slots.Load()
	if p == nil {
		return
	}
	slots := *p
	for i := home(v, len(slots)); ; {
		switch slots[i].Load() {
		case v:
			slots[i].Store(removedSlot)
			t.live--
			return
		case freeSlot:
			return
		}
		if i++; i == len(slots) {
			i = 0
		}
	}
}

// rebuild moves the words to new slots. Readers use the old ones until then.
func (t *numberTable) rebuild() {
	next := newSlots(t.live + t.live/8)
	if old := t.slots.Load(); old != nil {
		for i := range *old {
			v := (*old)[i].Load()
			if v <= removedSlot {
				continue
			}
			k := home(v, len(next))
			for next[k].Load() != freeSlot {
				if k++; k == len(next) {
					k = 0
				}
			}
			next[k].Store(v)
		}
	}
	t.filled = t.live
	t.slots.Store(&next)
}

func (t *numberTable) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live
}
