package dnc

import "hash/maphash"

// listCopy is all members of a list. One goroutine changes it while others ask.
type listCopy struct {
	config *redisConfig
	seed   maphash.Seed

	listed     numberTable // members that numbers are asked as: the Numbers, or with formats the members' hashes
	misspelled numberTable // hashes of members that are numbers in another spelling
	odd        numberTable // hashes of members that are no numbers
	shape      *Error      // shows a misspelled member; only for the goroutine that changes
}

// newListCopy makes a copy with room for so many members.
func newListCopy(c *redisConfig, size int) *listCopy {
	l := &listCopy{config: c, seed: maphash.MakeSeed()}
	l.listed.reserve(size)
	return l
}

// has reports whether a number is on the list in any spelling.
func (l *listCopy) has(n Number) bool {
	if len(l.config.formats) == 0 {
		return l.listed.has(n.v)
	}
	for _, format := range l.config.formats {
		if h := l.hash(format(n)); l.listed.has(h) || l.odd.has(h) || l.misspelled.has(h) {
			return true
		}
	}
	return false
}

// hash is a member as a word of a table. Two members can have the same, once in 10,000,000 lists of
// a million: the size of the copy then differs from the list's, and the next load has another seed.
func (l *listCopy) hash(member string) uint64 { return maphash.String(l.seed, member) | 1<<63 }

func (l *listCopy) add(member string) {
	t, v := l.place(member)
	if t == &l.misspelled && l.shape == nil {
		l.shape = misspelledError(l.config.list, member)
	}
	t.add(v)
}

func (l *listCopy) remove(member string) {
	t, v := l.place(member)
	t.remove(v)
}

// block puts a number on the list from any goroutine.
func (l *listCopy) block(n Number) {
	if len(l.config.formats) == 0 {
		l.listed.add(n.v)
		return
	}
	l.listed.add(l.hash(l.config.member(n)))
}

// place is the table that a member belongs to, and its word there.
func (l *listCopy) place(member string) (*numberTable, uint64) {
	if len(l.config.formats) == 0 { // nearly always
		if n, err := ParseNumber(member); err == nil && n.isSpelled(member) {
			return &l.listed, n.v
		}
	}
	switch l.config.memberKind(member) {
	case asAsked:
		return &l.listed, l.hash(member)
	case otherSpelling:
		return &l.misspelled, l.hash(member)
	default:
		return &l.odd, l.hash(member)
	}
}

// size is the number of members without the marker.
func (l *listCopy) size() int { return l.listed.len() + l.misspelled.len() + l.odd.len() }

// trouble is why a list with these members has no answer, by the rules of RedisChecker.
func (l *listCopy) trouble() *Error {
	if l.misspelled.len() > 0 {
		return l.shape
	}
	if odd := l.odd.len(); odd > 0 && odd*10 >= l.size() {
		return oddError(l.config.list, odd, l.size())
	}
	return nil
}
