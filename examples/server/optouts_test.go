package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/redistest"
)

func TestOptOuts(t *testing.T) {
	server := redistest.Start(t)
	server.Do(t, "SADD", "dnc:blacklist", "+14155550142")
	dir := filepath.Join(t.TempDir(), "optouts")
	s := start(t, nil, "-redis", server.URL(), "-geo-rules=false", "-optouts", dir)
	body := `{"phoneNumber":"+14155550199","source":"web","sourceId":"form-1"}`
	r := s.send(t, "POST", "/opt-outs", body)
	assert.Equal(t, 201, r.status)
	assert.Contains(t, r.body, `"duplicate":false`)
	assert.NotRegexp(t, canary, r.body)
	r = s.send(t, "POST", "/opt-outs", body)
	assert.Equal(t, 200, r.status)
	assert.Contains(t, r.body, `"duplicate":true`)
	r = s.send(t, "POST", "/validate", `[{"phoneNumber":"+14155550199"}]`)
	assert.Contains(t, r.body, `dnc_optouts`)
	require.NoError(t, redistest.Eventually(func() error {
		if server.Do(t, "SISMEMBER", "dnc:blacklist", "+14155550199") != int64(1) {
			return os.ErrNotExist
		}
		return nil
	}))
	for text, want := range map[string]string{"Alto": "opt-out", "who are you": "doubtful", "ok": "harmless"} {
		r = s.send(t, "POST", "/opt-outs", `{"phoneNumber":"+14155550198","source":"sms","text":"`+text+`"}`)
		assert.Contains(t, r.body, `"meaning":"`+want+`"`)
	}
	for _, bad := range []string{
		``, `[]`, `{}`, `{"phoneNumber":"+1415","source":"web"}`, `{"phoneNumber":"+14155550197"}`, `{"phoneNumber":"+14155550197","source":"W E B"}`,
		`{"phoneNumber":"+14155550197","source":"web","phoneNumber":"+14155550196"}`, `{"PhoneNumber":"+14155550197","source":"web"}`,
		`{"phoneNumber":14155550197,"source":"web"}`, `{"phoneNumber":"+14155550197","source":"web"}{}`, `{"phoneNumber":"+14155550197","source":"web"`,
	} {
		r = s.send(t, "POST", "/opt-outs", bad)
		assert.Equal(t, 400, r.status, bad)
		r.code(t)
	}
	for _, size := range []int{maxOptOut, maxBody} {
		r = s.send(t, "POST", "/opt-outs", `{"phoneNumber":"+14155550197","source":"mail","text":"`+strings.Repeat("x", size)+`"}`)
		assert.Equal(t, 413, r.status)
		assert.Contains(t, r.body, "16 KiB")
	}
	r = s.send(t, "GET", "/opt-outs", "")
	assert.Equal(t, 405, r.status)
}

func TestOptOutsSurviveARestartWithoutRedis(t *testing.T) {
	dir := t.TempDir()
	t.Run("before", func(t *testing.T) {
		r := start(t, nil, "-optouts", dir).send(t, "POST", "/opt-outs", `{"phoneNumber":"+14155550199","source":"web"}`)
		assert.Equal(t, 201, r.status)
	})
	r := start(t, nil, "-optouts", dir).send(t, "POST", "/validate", `[{"phoneNumber":"+14155550199"},{"phoneNumber":"+14155550100"}]`)
	assert.Contains(t, r.body, `"total":2,"blocked":1,"allowed":1`)
	r = start(t, nil).send(t, "POST", "/opt-outs", `{}`)
	assert.Equal(t, 404, r.status)
	assert.Equal(t, exitUsage, run(t.Context(), []string{"-optout-dnc-list", "x"}, func(string) string { return "" }, &logged, &logged))
}
