package dnc

// trie finds the value of the longest prefix of a number. Nodes are 10 children and a value, all
// indexes into two slices, so that a table of thousands of prefixes is two allocations.
type trie[T any] struct {
	nodes  []trieNode
	values []T
}

type trieNode struct {
	child [10]int32 // index into nodes; 0: none, for the root is nobody's child
	value int32     // index into values plus 1; 0: none
}

// slot is the place of a prefix's value, made if it is not there. The empty prefix is the root and
// matches every number.
func (t *trie[T]) slot(prefix string) *T {
	if len(t.nodes) == 0 {
		t.nodes = append(t.nodes, trieNode{})
	}
	at := int32(0)
	for i := range len(prefix) {
		next := t.nodes[at].child[prefix[i]-'0']
		if next == 0 {
			next = int32(len(t.nodes)) //nolint:gosec // a table of 2^31 nodes does not fit
			t.nodes = append(t.nodes, trieNode{})
			t.nodes[at].child[prefix[i]-'0'] = next
		}
		at = next
	}
	if t.nodes[at].value == 0 {
		var zero T
		t.values = append(t.values, zero)
		t.nodes[at].value = int32(len(t.values)) //nolint:gosec // as above
	}
	return &t.values[t.nodes[at].value-1]
}

// longest is the value of the longest prefix of n, nil if there is none.
func (t *trie[T]) longest(n Number) *T {
	if len(t.nodes) == 0 {
		return nil
	}
	var buf [maxDigits + 1]byte
	i := len(buf)
	for d := n.digits(); d > 0; d /= 10 {
		i--
		buf[i] = byte(d % 10)
	}
	found, at := t.nodes[0].value, int32(0)
	for ; i < len(buf); i++ {
		if at = t.nodes[at].child[buf[i]]; at == 0 {
			break
		}
		if v := t.nodes[at].value; v != 0 {
			found = v
		}
	}
	if found == 0 {
		return nil
	}
	return &t.values[found-1]
}

// cleanPrefix reads a prefix as people write it: "+1900", "1900", "+1 (900)", in every Unicode form
// that ParseNumber reads. It returns the digits before the first character that belongs to no
// prefix, and whether the whole was read.
func cleanPrefix(s string) (digits string, ok bool) {
	var buf [maxDigits]byte
	b := buf[:0]
	signed := false
	s, _ = unwrap(s)
	for _, r := range s {
		c := classOf(r)
		switch {
		case c >= blank && c <= closing, c == ignored:
		case c == plus && !signed && len(b) == 0:
			signed = true
		case c < 10 && len(b) < maxDigits:
			b = append(b, '0'+c)
		default:
			return string(b), false
		}
	}
	return string(b), len(b) > 0 && b[0] != '0'
}
