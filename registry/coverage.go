package registry

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dnc-go/dnc/internal/digits"
)

// The layout: a number's digits as an integer are cut into shard, field and line.
const (
	shardSize = 10_000_000 // numbers of a shard: for the North American Numbering Plan, an area code
	blockSize = 10_000     // numbers of a block: for the North American Numbering Plan, a central office code
	fields    = shardSize / blockSize

	maxShard = 99_999_999 // of a number of 15 digits

	minDigits, maxDigits = 7, 15 // of a number
)

// fieldNames are the fields as arguments of commands, so that a million of them allocate nothing.
var fieldNames = func() (names [fields]any) {
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}()

var pow10 = func() (p [16]uint64) {
	p[0] = 1
	for i := range p[1:] {
		p[i+1] = 10 * p[i]
	}
	return p
}()

// length is how many digits n has, of 1 to 15.
func length(n uint64) int {
	for i := 7; i < len(pow10); i++ {
		if n < pow10[i] {
			return i
		}
	}
	return len(pow10)
}

// coverage is the numbers that a list covers: those that begin with one of its prefixes.
type coverage struct {
	prefixes []uint64
	set      map[uint64]struct{} // prefixes do not begin with 0, so an integer is as good as its digits
	lengths  []int               // the lengths that prefixes have, ascending
}

const maxPrefixes = 100_000

func newCoverage(prefixes []string) (coverage, error) {
	c := coverage{set: make(map[uint64]struct{}, len(prefixes))}
	if len(prefixes) == 0 {
		return c, errors.New("there is no prefix: give the digits that every number it covers begins with, " +
			"\"1\" for all of North America, \"1415\" for one area code")
	}
	if len(prefixes) > maxPrefixes {
		return c, fmt.Errorf("it has more than %d prefixes", maxPrefixes)
	}
	for _, p := range prefixes {
		v, err := strconv.ParseUint(p, 10, 64)
		if err != nil || p[0] < '1' || p[0] > '9' || v > digits.Max {
			return c, fmt.Errorf("a prefix is 1 to 15 digits, not beginning with 0 and without \"+\"")
		}
		if _, again := c.set[v]; again {
			continue
		}
		c.set[v] = struct{}{}
		c.prefixes = append(c.prefixes, v)
		if !slices.Contains(c.lengths, len(p)) {
			c.lengths = append(c.lengths, len(p))
		}
	}
	slices.Sort(c.lengths)
	return c, nil
}

// has reports whether a number is covered.
func (c *coverage) has(n uint64) bool {
	size := length(n)
	for _, l := range c.lengths {
		if l > size {
			return false
		}
		if _, ok := c.set[n/pow10[size-l]]; ok {
			return true
		}
	}
	return false
}

// whole reports whether all numbers of a shard have the same answer, and that answer. Shard 0 is
// the numbers of 7 digits.
func (c *coverage) whole(shard uint64) (covered, same bool) {
	first := max(shard*shardSize, digits.Min)
	size := length(first)
	if len(c.lengths) == 0 || c.lengths[len(c.lengths)-1] <= size-7 {
		return c.has(first), true
	}
	return false, false
}

func (c *coverage) strings() []string {
	out := make([]string, len(c.prefixes))
	for i, p := range c.prefixes {
		out[i] = strconv.FormatUint(p, 10)
	}
	return out
}

// words reads a field that is a list of digits, separated by commas, blanks or as JSON has it.
func words(field string) []string {
	return strings.FieldsFunc(field, func(c rune) bool { return strings.ContainsRune(", \t\n\"[]", c) })
}
