package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs the whole program, and checks at the end that it ends and has logged no number.
func start(t *testing.T, env map[string]string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan string, 1), make(chan error, 1)
	var log lockedBuffer
	go func() {
		done <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), func(k string) string { return env[k] }, &log, ready)
	}()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		require.NoError(t, <-done)
		assert.NotRegexp(t, `555\D?0[0-9]{3}`, log.String())
		assert.NotContains(t, log.String(), "secret")
	})
	select {
	case addr := <-ready:
		return "http://" + addr
	case err := <-done:
		done <- err
		t.Fatalf("the server did not start: %v", err)
		return ""
	}
}

func post(t *testing.T, url, body string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	return resp.StatusCode, strings.TrimSpace(string(text))
}

func TestValidate(t *testing.T) {
	url := start(t, nil) + "/validate"
	status, body := post(t, url, `[{"phoneNumber":"+1 (212) 555-0123","campaignId":"c1"},{"phoneNumber":"+12125550199"},
		{"campaignId":null,"phoneNumber":"+19005550100","name":{"first":["A"]}},{"phoneNumber":"nonsense"},{"phoneNumber":""}]`)
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"total":5,"blocked":4,"allowed":1,"unknown":0,"decisions":[
		{"phoneNumber":"+1 (212) 555-0123","blocked":true,"reason":"dnc_blacklist","verdict":"block","reasons":[{"code":"dnc_blacklist","list":"blacklist"}]},
		{"phoneNumber":"+12125550199","blocked":false,"reason":"allowed","verdict":"allow","reasons":[{"code":"allowed","list":"blacklist"}]},
		{"phoneNumber":"+19005550100","blocked":true,"reason":"geo_blocked_high","verdict":"block","reasons":[{"code":"geo_blocked_high","list":"geo_rules"}]},
		{"phoneNumber":"nonsense","blocked":true,"reason":"invalid_number","verdict":"block","reasons":[{"code":"invalid_number"}]},
		{"phoneNumber":"","blocked":true,"reason":"invalid_number","verdict":"block","reasons":[{"code":"invalid_number"}]}]}`, body)

	status, body = post(t, url, ` [ ] `, "Content-Type", "application/json; charset=utf-8")
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"total":0,"blocked":0,"allowed":0,"unknown":0,"decisions":[]}`, body)
}

func TestValidateWithoutGeoRulesAndWithACountry(t *testing.T) {
	url := start(t, nil, "-geo-rules=false", "-country", "1") + "/validate"
	status, body := post(t, url, `[{"phoneNumber":"(900) 555-0100"}]`)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `"allowed":1`)
}

func TestValidateRefuses(t *testing.T) {
	url := start(t, nil) + "/validate"
	contact := `{"phoneNumber":"+12125550123"}`
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"empty":               {``, 400},
		"null":                {`null`, 400},
		"an object":           {contact, 400},
		"a string":            {`"x"`, 400},
		"no object":           {`[1]`, 400},
		"null in it":          {`[null]`, 400},
		"number":              {`[{"phoneNumber":12125550123}]`, 400},
		"null number":         {`[{"phoneNumber":null}]`, 400},
		"missing":             {`[{}]`, 400},
		"another case":        {`[{"PhoneNumber":"+12125550123"}]`, 400},
		"long s":              {`[{"phoneNumber":"+12125550123","phoneNumber":"+12125550199"}]`, 400},
		"campaign":            {`[{"phoneNumber":"+12125550123","campaignId":7}]`, 400},
		"trailing":            {`[` + contact + `] x`, 400},
		"two arrays":          {`[` + contact + `][]`, 400},
		"cut":                 {`[` + contact, 400},
		"cut object":          {`[{"phoneNumber":"+12125550123"`, 400},
		"trailing comma":      {`[` + contact + `,]`, 400},
		"byte order mark":     {"\ufeff[" + contact + "]", 400},
		"not UTF-8":           {"[{\"phoneNumber\":\"+1212555\xff0123\"}]", 400},
		"NaN":                 {`[{"phoneNumber":NaN}]`, 400},
		"deep":                {strings.Repeat("[", 20_000), 400},
		"deep in it":          {`[{"phoneNumber":"x","a":` + strings.Repeat("[", 20_000), 400},
		"too many":            {"[" + strings.Repeat(contact+",", maxContacts) + contact + "]", 413},
		"too large":           {`[{"phoneNumber":"` + strings.Repeat("x", maxBody) + `"}]`, 413},
		"too large, nonsense": {strings.Repeat(" ", maxBody+1), 413},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := post(t, url, c.body)
			assert.Equal(t, c.status, status)
			var p problem
			require.NoError(t, json.Unmarshal([]byte(body), &p))
			assert.NotEmpty(t, p.Code)
			assert.NotEmpty(t, p.Message)
			assert.NotContains(t, body, "555")
			if status == 413 {
				assert.Contains(t, body, "50000 contacts")
				assert.Contains(t, body, "8 MiB")
			}
		})
	}
	status, body := post(t, url, "["+strings.Repeat(contact+",", maxContacts-1)+contact+"]")
	assert.Equal(t, http.StatusOK, status, "%.200s", body)
	assert.Contains(t, body[:40], `"total":50000`)
}

func TestOtherRequests(t *testing.T) {
	base := start(t, nil)
	for _, c := range []struct {
		method, path string
		headers      []string
		status       int
	}{
		{"GET", "/validate", nil, 405},
		{"PUT", "/validate", nil, 405},
		{"POST", "/healthz", nil, 405},
		{"GET", "/", nil, 404},
		{"GET", "/healthz", nil, 200},
		{"HEAD", "/healthz", nil, 200},
		{"POST", "/validate/", nil, 404},
		{"POST", "/validate", []string{"Content-Type", "text/plain"}, 415},
		{"POST", "/validate", []string{"Content-Type", ""}, 415},
		{"POST", "/validate", []string{"Content-Encoding", "gzip"}, 415},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, strings.NewReader("[]"))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(c.headers); i += 2 {
			r.Header.Set(c.headers[i], c.headers[i+1])
		}
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		_ = resp.Body.Close()
		assert.Equal(t, c.status, resp.StatusCode, "%s %s", c.method, c.path)
		if c.method != "HEAD" {
			assert.True(t, json.Valid(body), "%s", body)
		}
		if c.status == 405 {
			assert.NotEmpty(t, resp.Header.Get("Allow"))
		}
	}
}

func TestToken(t *testing.T) {
	base := start(t, map[string]string{tokenVariable: "secret"})
	for header, want := range map[string]int{"Bearer secret": 200, "bearer secret": 200, "": 401, "Bearer": 401, "Bearer wrong": 401, "Basic secret": 401, "secret": 401} {
		status, _ := post(t, base+"/validate", `[]`, "Authorization", header)
		assert.Equal(t, want, status, header)
	}
	resp, err := http.Get(base + "/healthz")
	require.NoError(t, err)
	_ = resp.Body.Close()
	assert.Equal(t, http.StatusOK, resp.StatusCode, "health needs no token")
}

func TestRefusesToStart(t *testing.T) {
	for _, args := range [][]string{
		{"-addr", ":8080"},
		{"-addr", "0.0.0.0:0"},
		{"-addr", "[::]:0"},
		{"-addr", "192.0.2.1:80"},
		{"-addr", "example.com:80"},
		{"-addr", "localhost.example:1"},
		{"-addr", "x"},
		{"-timeout", "0"},
		{"-timeout", "x"},
		{"-nonsense"},
		{"extra"},
		{"-redis", "nonsense"},
		{"-redis", "redis://u:secret@h:x"},
		{"-redis", "rediss://h:1?skip_verify=true"},
		{"-addr", "127.0.0.1:99999"},
	} {
		var log lockedBuffer
		err := run(t.Context(), args, func(string) string { return "" }, &log, nil)
		require.Error(t, err, "%v", args)
		assert.NotContains(t, err.Error(), "secret")
	}
}

func TestOnRedis(t *testing.T) {
	s := redistest.Start(t)
	base := start(t, nil, "-redis", s.URL())
	body := `[{"phoneNumber":"+12125550123"},{"phoneNumber":"+12125550199"},{"phoneNumber":"bad"}]`

	status, text := post(t, base+"/validate", body[:len(body)-len(`,{"phoneNumber":"bad"}]`)]+"]")
	assert.Equal(t, http.StatusServiceUnavailable, status, "nothing could be decided")
	assert.Contains(t, text, `"total":2,"blocked":2,"allowed":0,"unknown":2`)
	assert.Contains(t, text, `"fallback":true`)
	resp, err := http.Get(base + "/healthz")
	require.NoError(t, err)
	_ = resp.Body.Close()
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	status, _ = post(t, base+"/validate", body)
	assert.Equal(t, http.StatusOK, status, "one was decided: it is no number")

	s.Do(t, "sadd", "dnc:blacklist", "+12125550123")
	s.Do(t, "hset", "dnc:geo_rules", "+1", `{"allowed":true}`)
	require.NoError(t, redistest.Eventually(func() error {
		if status, text := post(t, base+"/validate", body); status != 200 || !strings.Contains(text, `"total":3,"blocked":2,"allowed":1,"unknown":0`) {
			return fmt.Errorf("%d %s", status, text)
		}
		return nil
	}))
	s.Kill()
	status, text = post(t, base+"/validate", body[:len(body)-len(`,{"phoneNumber":"bad"}]`)]+"]")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, text, `"reason":"store_unavailable"`)
}

// The request's deadline ends a check, and so does a client that goes away.
func TestDeadline(t *testing.T) {
	hang := dnc.CheckerFunc(func(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		<-ctx.Done()
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Reasons: []dnc.Reason{{Code: dnc.CodeStoreTimeout}}}
		}
		return ds, ctx.Err()
	})
	h := newHandler(config{timeout: 1}, hang, slog.New(slog.DiscardHandler))
	r := httptest.NewRequest(http.MethodPost, "/validate", strings.NewReader(`[{"phoneNumber":"+12125550123"}]`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Contains(t, w.Body.String(), `"verdict":"unknown"`)
}
