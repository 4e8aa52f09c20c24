package retry

import "sync"

const (
	budgetSize   = 100
	budgetRetry  = 10
	budgetReturn = 1
)

// Budget bounds the retries of all who share it to about a tenth of their calls. It holds 100 tokens; a retry takes 10, and a call that
// succeeds without one gives 1 back. The zero Budget is full. It must not be copied after use.
type Budget struct {
	mu   sync.Mutex
	used int
}

func (b *Budget) take() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used+budgetRetry > budgetSize {
		return false
	}
	b.used += budgetRetry
	return true
}

func (b *Budget) succeeded() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used = max(b.used-budgetReturn, 0)
}
