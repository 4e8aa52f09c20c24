package dnc_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// A caller that waits for another one's first look at the store leaves when its own context ends.
// It knows nothing, so its answer is Unknown.
func TestACallerLeavesTheFirstLookOfAnother(t *testing.T) {
	asked := make(chan struct{})
	var once sync.Once
	server := redistest.StartFake(t, func(cmd []string) (string, bool) {
		switch cmd[0] {
		case "scard", "sscan", "srandmember", "type", "smismember":
			once.Do(func() { close(asked) })
			return redistest.Hang, true
		}
		return "", false
	})
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), ReadTimeout: time.Minute, MaxRetries: -1, ContextTimeoutEnabled: true})
	checker, err := dnc.NewRedisChecker(rdb)
	require.NoError(t, err)
	n := number("+14155550123")

	done := make(chan dnc.Decision)
	go func() {
		d, _ := checker.Check(t.Context(), n)
		done <- d
	}()
	<-asked // the first caller looks
	second, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	d, err := checker.Check(second, n)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, dnc.Unknown, d.Verdict)
	assert.Equal(t, dnc.CodeStoreTimeout, d.Reason().Code)
	require.NoError(t, rdb.Close()) // which ends the first
	assert.Equal(t, dnc.Unknown, (<-done).Verdict)
}
