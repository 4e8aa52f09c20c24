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

// A Budget bounds the repeats of all operations that share it, usually those of one client. In an
// outage every operation fails. Without a budget each would be tried MaxAttempts times, which is
// four times the traffic. With it, each is soon tried only once.
//
// It is a bucket of tokens that is full at first. A repeat takes 14 tokens, or 5 if the server
// answered 429. An operation that succeeds at its first try puts 1 token back. A repeat that
// succeeds puts back what it took. If the bucket has too few tokens for a repeat, nothing is
// repeated: [Transport] returns the last response or error, and [Do] an error that wraps
// [ErrBudget].
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
