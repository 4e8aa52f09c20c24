package tally_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/dnc-go/dnc/internal/tally"
)

func TestTally(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, count := tally.Start(t.Context())
		assert.Same(t, count, tally.Of(ctx))
		assert.Zero(t, count.Retries(), "no try is no retry")
		for range 3 {
			count.Try()
			end := count.Wait()
			time.Sleep(time.Second) // fake
			end()
		}
		assert.Equal(t, 2, count.Retries())
		assert.Equal(t, 3*time.Second, count.Waited())
	})
}

func TestWithoutATallyNothingIsCounted(t *testing.T) {
	none := tally.Of(t.Context())
	assert.Nil(t, none)
	none.Try()
	none.Wait()()
}
