package retry

import "sync"

// The numbers of a budget are those of the AWS SDK for Go v2's standard retry mode: a bucket of
// 500, a repeat costs more after a failure than after throttling, a first try that succeeds gives 1
// back, a repeat that succeeds gives its cost back.
const (
	budgetCapacity  = 500
	budgetFailure   = 14
	budgetThrottled = 5
	budgetSuccess   = 1
)

// A Budget bounds the repeats of everything that shares it, usually one client. Each operation
// alone would still be tried MaxAttempts times; a budget notices that all of them fail, and then
// lets each be tried once, so that an outage is not answered with four times the traffic.
//
// It is a bucket of tokens, full at first. A repeat takes 14 tokens, or 5 when the server only
// throttled; an operation that succeeds at its first try puts 1 back, a repeat that succeeds puts
// its own cost back. While the bucket holds less than a repeat costs, nothing is repeated and the
// last response or error is returned with [ErrBudget].
//
// The zero value is a full budget of 500 tokens. It is safe for concurrent use and must not be
// copied after first use.
type Budget struct {
	mu       sync.Mutex
	capacity int
	spent    int
}

// NewBudget returns a full budget of the given number of tokens. A capacity below 1 means 500.
func NewBudget(capacity int) *Budget {
	return &Budget{capacity: max(capacity, 0)}
}

// take spends cost tokens, or none and reports false when there are fewer. A nil budget never ends.
func (b *Budget) take(cost int) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	capacity := b.capacity
	if capacity == 0 {
		capacity = budgetCapacity
	}
	if b.spent+cost > capacity {
		return false
	}
	b.spent += cost
	return true
}

// give puts tokens back, up to the capacity.
func (b *Budget) give(tokens int) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = max(b.spent-tokens, 0)
}
