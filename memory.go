package dnc

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
)

// Memory is a list in the process that answers as RedisChecker does. Use it for tests and examples,
// and in production for lists that fit into memory: about 40 bytes a number. A Memory that was
// never loaded is a missing list, and every number is Unknown, list_missing. The next check sees a
// change. A Memory is safe for concurrent use.
type Memory struct {
	list  string
	bad   *Error // what NewMemory was given and cannot be
	hit   Reasons
	clear Reasons

	mu      sync.RWMutex
	loaded  bool
	numbers map[Number]struct{}
	geo     *geoTable // nil: no geo rules are consulted
}

// NewMemory makes a list of numbers. Its name, such as "blacklist", is 1 to 64 of a-z, 0-9 and _.
// The reason of a listed number is dnc_<list>. If one of the numbers is the zero Number, the list
// is not complete, and every answer is Unknown.
func NewMemory(list string, numbers ...Number) *Memory {
	m := &Memory{
		list: list, loaded: len(numbers) > 0, numbers: make(map[Number]struct{}, len(numbers)),
		hit: ReasonsOf(Reason{Code: "dnc_" + list, List: list}), clear: ReasonsOf(Reason{Code: CodeAllowed, List: list}),
	}
	if !listName.MatchString(list) {
		m.bad = &Error{Code: CodeStoreMisconfigured, Hint: "a list's name is 1 to 64 of a-z, 0-9 and _"}
	}
	if err := m.Add(numbers...); err != nil && len(numbers) > 0 {
		m.bad = &Error{Code: CodeListIncomplete, List: list, Hint: "NewMemory was given an invalid number", Err: err}
	}
	return m
}

// Add puts numbers on the list. If one is the zero Number, Add adds none, and the error names its
// index. If nothing was ever loaded, the error is ErrListMissing: a few numbers would look like a
// complete list.
func (m *Memory) Add(numbers ...Number) error {
	if err := checkNumbers(numbers); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.loaded {
		return m.missing()
	}
	for _, n := range numbers {
		m.numbers[n] = struct{}{}
	}
	return nil
}

// Remove takes numbers off the list. A number that is not on it does no harm.
func (m *Memory) Remove(numbers ...Number) error {
	if err := checkNumbers(numbers); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.loaded {
		return m.missing()
	}
	for _, n := range numbers {
		delete(m.numbers, n)
	}
	return nil
}

// Replace loads the whole list from a sequence and returns how many different numbers it has. The
// old list stays in force until the sequence ends, and also if the sequence has an error. For an
// empty sequence the error is ErrListIncomplete, because it is usually a broken export. For an
// empty list use SetEmpty.
func (m *Memory) Replace(numbers iter.Seq2[Number, error]) (int, error) {
	if numbers == nil {
		return 0, badOption("Memory.Replace: the numbers are nil")
	}
	next := make(map[Number]struct{})
	row := 0
	for n, err := range numbers {
		row++
		if err == nil && n.IsZero() {
			err = ErrInvalidNumber
		}
		if err != nil {
			return 0, fmt.Errorf("dnc: list %q: entry %d: the old list stays: %w", m.list, row, err)
		}
		next[n] = struct{}{}
	}
	if len(next) == 0 {
		return 0, errEmptyList(m.list)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.numbers, m.loaded = next, true
	return len(next), nil
}

// SetEmpty makes the list empty and complete: it allows every number. An opt-out list can begin so.
// A new Memory without numbers is a missing list instead.
func (m *Memory) SetEmpty() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.numbers, m.loaded = make(map[Number]struct{}), true
}

// SetGeoRule sets the rule of a prefix, "+1900" or "1900". A Memory with at least one rule also
// asks the geo rules.
func (m *Memory) SetGeoRule(prefix string, rule GeoRule) error {
	digits, ok := cleanPrefix(prefix)
	if !ok {
		return errPrefix
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.geo == nil {
		m.geo = &geoTable{list: "geo_rules"}
	}
	*m.geo.rules.slot(digits) = m.geo.entry(rule)
	return nil
}

// Len is how many numbers are on the list.
func (m *Memory) Len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.numbers)
}

// Check answers for one number.
func (m *Memory) Check(ctx context.Context, n Number) (Decision, error) {
	ds, err := m.CheckBatch(ctx, []Number{n})
	return ds[0], err
}

// CheckBatch answers for many numbers, all from the same state of the list.
func (m *Memory) CheckBatch(ctx context.Context, ns []Number) ([]Decision, error) {
	if m == nil || m.hit == (Reasons{}) {
		return failBatch(ns, failed("the Memory was not made by NewMemory"))
	}
	if ended(ctx) != nil {
		return failBatch(ns, contextError(ctx, m.list))
	}
	if m.bad != nil {
		return failBatch(ns, m.bad)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	var trouble *Error
	if !m.loaded {
		trouble = m.missing()
	}
	a := answer{list: m.hit, clear: m.clear, trouble: trouble, geo: m.geo}
	ds := make([]Decision, len(ns))
	for i, n := range ns {
		_, listed := m.numbers[n]
		ds[i] = a.decide(n, listed)
	}
	return ds, a.err()
}

func (m *Memory) missing() *Error {
	return &Error{Code: CodeListMissing, List: m.list, Hint: "nothing was ever loaded into it: use Replace, or NewMemory with numbers"}
}

func errEmptyList(list string) *Error {
	return &Error{Code: CodeListIncomplete, List: list, Hint: "the new list is empty; the old one stays"}
}

var errPrefix = errors.New("dnc: a geo rule's prefix is 1 to 15 digits, the first not 0, with or without \"+\"")

func checkNumbers(ns []Number) error {
	for i, n := range ns {
		if n.IsZero() {
			return fmt.Errorf("%w: the one at index %d is the zero Number; nothing was changed", ErrInvalidNumber, i)
		}
	}
	return nil
}
