package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/redistest"
)

// The life of a server beside its Redis: nothing there yet, a list without rules, both, gone, and
// back.
func TestOnRealRedis(t *testing.T) {
	store := redistest.Start(t)
	s := start(t, nil, "-redis", store.URL())
	const body = `[{"phoneNumber":"+14155550123"},{"phoneNumber":"+14155550100"}]`
	health := func(want string) {
		t.Helper()
		r := s.send(t, "GET", "/healthz", "")
		if want == "ok" {
			assert.Equal(t, 200, r.status)
			assert.JSONEq(t, `{"status":"ok"}`, r.body)
			return
		}
		assert.Equal(t, 503, r.status)
		assert.Equal(t, want, r.code(t))
	}
	recovered := func() {
		t.Helper()
		require.NoError(t, redistest.Eventually(func() error {
			if r := s.send(t, "POST", "/validate", body); !strings.Contains(r.body, `"unknown":0`) {
				return assert.AnError
			}
			return nil
		}))
	}

	r := s.send(t, "POST", "/validate", body)
	assert.Equal(t, 503, r.status)
	assert.Contains(t, r.body, `"total":2,"blocked":2,"allowed":0,"unknown":2`)
	assert.Contains(t, r.body, `"reason":"list_missing"`)
	assert.Contains(t, r.body, `"fallback":true`)
	health("list_missing")

	store.Do(t, "sadd", "dnc:blacklist", "+14155550123")
	store.Do(t, "hset", "dnc:geo_rules", "+1900", `{"allowed":false,"riskLevel":"high"}`)
	recovered()
	assert.Contains(t, s.send(t, "POST", "/validate", body).body, `"total":2,"blocked":1,"allowed":1,"unknown":0`)
	health("ok")

	store.Kill()
	r = s.send(t, "POST", "/validate", body)
	assert.Equal(t, 503, r.status)
	assert.Contains(t, r.body, `"reason":"store_unavailable"`)
	health("store_unavailable")

	store.Restart()
	store.Do(t, "sadd", "dnc:blacklist", "+14155550123")
	store.Do(t, "hset", "dnc:geo_rules", "+1900", `{"allowed":false}`)
	recovered()
	health("ok")
	assert.NotRegexp(t, canary, logged.String())
}
