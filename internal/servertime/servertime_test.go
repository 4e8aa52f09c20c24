package servertime_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/dnc-go/dnc/internal/servertime"
)

func TestOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC)
		for value, want := range map[string]time.Time{
			"Mon, 23 Nov 2026 12:00:30 GMT": at, "Monday, 23-Nov-26 12:00:30 GMT": at, "": time.Now(), "soon": time.Now(), "2026-11-23T12:00:30Z": time.Now(),
		} {
			assert.True(t, want.Equal(servertime.Of(http.Header{"Date": {value}})), value)
		}
		assert.Equal(t, time.Now(), servertime.Of(nil))
	})
}
