package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

func TestValidate(t *testing.T) {
	s := start(t, nil, "-country", "1")
	r := s.send(t, "POST", "/validate", `[{"phoneNumber":"(415) 555-0123","campaignId":"c"},{"phoneNumber":"+14155550100"},{"phoneNumber":"+1 900 555 0100"},
		{"phoneNumber":"no <number>"}]`)
	assert.Equal(t, 200, r.status)
	assert.JSONEq(t, `{"total":4,"blocked":3,"allowed":1,"unknown":0,"invalid":1,
		"causes":{"it has letters: write digits in their place; an extension is marked by x, ext. or #":1},"decisions":[
		{"phoneNumber":"(415) 555-0123","blocked":true,"reason":"dnc_blacklist","verdict":"block","reasons":[{"code":"dnc_blacklist","list":"blacklist"}]},
		{"phoneNumber":"+14155550100","blocked":false,"reason":"allowed","verdict":"allow","reasons":[{"code":"allowed","list":"blacklist"}]},
		{"phoneNumber":"+1 900 555 0100","blocked":true,"reason":"geo_blocked_high","verdict":"block","reasons":[{"code":"geo_blocked_high","list":"geo_rules"}]},
		{"phoneNumber":"no <number>","blocked":true,"reason":"invalid_number","verdict":"block",
			"cause":"it has letters: write digits in their place; an extension is marked by x, ext. or #","reasons":[{"code":"invalid_number"}]}]}`, r.body)
	assert.Equal(t, "no-store", r.header.Get("Cache-Control"))

	r = s.send(t, "POST", "/validate", `[]`, "Content-Type: application/json; charset=UTF-8")
	assert.Equal(t, 200, r.status)
	assert.JSONEq(t, `{"total":0,"blocked":0,"allowed":0,"unknown":0,"decisions":[]}`, r.body)

	r = start(t, nil, "-geo-rules=false").send(t, "POST", "/validate", `[{"phoneNumber":"+19005550100"},{"phoneNumber":"(415) 555-0123"}]`)
	assert.Contains(t, r.body, `"total":2,"blocked":1,"allowed":1,"unknown":0,"invalid":1`)
	assert.Contains(t, r.body, "for national forms use a Parser with a Country", "the cause of a forgotten -country")
}

func TestErrorsAreJSON(t *testing.T) {
	s := start(t, nil)
	big := strings.Repeat(" ", maxBody)
	for _, test := range []struct {
		method, path, body string
		headers            []string
		status             int
		code               string
	}{
		{"POST", "/", "[]", nil, 404, "not_found"},
		{"GET", "/validate/+14155550100", "", nil, 404, "not_found"},
		{"POST", "/validate/", "[]", nil, 404, "not_found"},
		{"POST", "//validate", "[]", nil, 404, "not_found"},
		{"GET", "/validate", "", nil, 405, "method_not_allowed"},
		{"+14155550100", "/validate", "", nil, 405, "method_not_allowed"},
		{"POST", "/healthz", "", nil, 405, "method_not_allowed"},
		{"POST", "/validate", "[]", []string{"Content-Type: "}, 415, "unsupported_media_type"},
		{"POST", "/validate", "[]", []string{"Content-Type: text/json"}, 415, "unsupported_media_type"},
		{"POST", "/validate", "[]", []string{"Content-Type: application/json; charset=latin1"}, 415, "unsupported_media_type"},
		{"POST", "/validate", "[]", []string{"Content-Encoding: gzip"}, 415, "unsupported_media_type"},
		{"POST", "/validate", "[", nil, 400, "malformed"},
		{"POST", "/validate", "[]" + big, nil, 413, "too_large"},
		{"POST", "/validate", "[" + strings.Repeat(`{"phoneNumber":""},`, maxContacts) + `{"phoneNumber":""}]`, nil, 413, "too_large"},
	} {
		r := s.send(t, test.method, test.path, test.body, test.headers...)
		assert.Equal(t, test.status, r.status, "%s %s", test.method, test.path)
		assert.Equal(t, test.code, r.code(t))
		switch test.status {
		case 405:
			assert.NotEmpty(t, r.header.Get("Allow"))
		case 413:
			assert.Contains(t, r.body, "50,000 contacts and 8 MiB")
		}
	}
	assert.Equal(t, 200, s.send(t, "POST", "/validate", "[]"+big[2:], "Content-Encoding: identity").status, "8 MiB is not too much")
	assert.Equal(t, 200, s.send(t, "HEAD", "/healthz", "").status)
}

// A body that says no length, as chunked ones do, is cut off at the limit.
func TestBodyWithoutLength(t *testing.T) {
	s := start(t, nil)
	body := io.MultiReader(strings.NewReader("["), strings.NewReader(strings.Repeat(" ", maxBody)), strings.NewReader("]"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/validate", body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 413, resp.StatusCode)
}

// A client that looks for the answer when it has sent everything gets one, also if the first byte
// was wrong.
func TestRefusedBodiesAreRead(t *testing.T) {
	s := start(t, nil)
	for _, test := range []struct {
		size   int
		status string
	}{{maxBody, "400"}, {12 << 20, "413"}} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
		require.NoError(t, err)
		_, err = fmt.Fprintf(conn, "POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			test.size, strings.Repeat("x", test.size))
		require.NoError(t, err)
		line, err := bufio.NewReader(conn).ReadString('\n')
		require.NoError(t, err)
		assert.Contains(t, line, test.status)
		require.NoError(t, conn.Close())
	}
}

func TestToken(t *testing.T) {
	s := start(t, map[string]string{"DNC_BEARER_TOKEN": "hunter2\n"})
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer hunter", "Bearer hunter22", "Basic hunter2", "hunter2", "Bearer hunter2 x"} {
		r := s.send(t, "POST", "/validate", "[]", "Authorization: "+header)
		assert.Equal(t, 401, r.status, header)
		assert.Equal(t, "unauthorized", r.code(t))
		assert.Equal(t, "Bearer", r.header.Get("WWW-Authenticate"))
	}
	for _, header := range []string{"Bearer hunter2", "bearer hunter2", "BEARER  hunter2"} {
		assert.Equal(t, 200, s.send(t, "POST", "/validate", "[]", "Authorization: "+header).status, header)
	}
	assert.Equal(t, 200, s.send(t, "GET", "/healthz", "").status, "who asks for health has no token")
	assert.NotContains(t, logged.String(), "hunter")
}

// stub answers what a store that is in trouble makes of every number.
func stub(d func(n dnc.Number) (dnc.Decision, error)) dnc.Checker {
	return dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		out := make([]dnc.Decision, len(ns))
		var err error
		for i, n := range ns {
			var e error
			if out[i], e = d(n); e != nil {
				err = e
			}
		}
		return out, err
	})
}

func serveOne(c dnc.Checker, method, path, body string) *httptest.ResponseRecorder {
	h := newAPI(config{validateTimeout: time.Second}, dnc.RuleOf(c), campaigns{}, slog.New(slog.NewTextHandler(&logged, nil)))
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWhenNothingCanBeDecided(t *testing.T) {
	known, err := dnc.ParseNumber("+14155550100")
	require.NoError(t, err)
	down := stub(func(n dnc.Number) (dnc.Decision, error) {
		if n == known {
			return dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeAllowed})}, nil
		}
		return dnc.Decision{Number: n, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeStoreTimeout, List: "blacklist"})}, errors.New("down")
	})
	for _, checker := range []dnc.Checker{down, dnc.Fallback(down)} {
		w := serveOne(checker, "POST", "/validate", `[{"phoneNumber":"+14155550101"},{"phoneNumber":"+14155550102"}]`)
		assert.Equal(t, 503, w.Code)
		assert.Contains(t, w.Body.String(), `{"total":2,"blocked":2,"allowed":0,"unknown":2,"decisions":[{"phoneNumber":"+14155550101","blocked":true,"reason":"store_timeout"`)
		assert.Equal(t, 200, serveOne(checker, "POST", "/validate", `[{"phoneNumber":"+14155550101"},{"phoneNumber":"+14155550100"}]`).Code)
		assert.Equal(t, 200, serveOne(checker, "POST", "/validate", `[{"phoneNumber":"+14155550101"},{"phoneNumber":"n/a"}]`).Code)
		w = serveOne(checker, "GET", "/healthz", "")
		assert.Equal(t, 503, w.Code)
		assert.JSONEq(t, `{"status":"unavailable","code":"store_timeout","message":"numbers cannot be decided now; the log has the cause"}`, w.Body.String())
	}
}

// The request's own deadline is the checker's.
func TestDeadline(t *testing.T) {
	var left time.Duration
	c := dnc.CheckerFunc(func(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
		return dnc.NewMemory("blacklist").CheckBatch(ctx, ns)
	})
	serveOne(c, "POST", "/validate", `[{"phoneNumber":"+14155550101"}]`)
	assert.Positive(t, left)
	assert.LessOrEqual(t, left, time.Second)
}

func TestLimitsOfConnections(t *testing.T) {
	s := newHTTPServer(http.NotFoundHandler(), config{validateTimeout: 5 * time.Second}, slog.Default())
	assert.Equal(t, []time.Duration{2 * time.Second, 5 * time.Second, 10 * time.Second, time.Minute},
		[]time.Duration{s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout})
	assert.Equal(t, 16<<10, s.MaxHeaderBytes)
	assert.Greater(t, newHTTPServer(nil, config{validateTimeout: time.Minute}, slog.Default()).WriteTimeout, time.Minute)
}

// A request under way when the signal comes is answered.
func TestGracefulShutdown(t *testing.T) {
	asked, proceed := make(chan struct{}), make(chan struct{})
	c := dnc.CheckerFunc(func(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		close(asked)
		<-proceed
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := dnc.ParseNumber("+14155550142")
		if err != nil {
			return nil, err
		}
		return dnc.NewMemory("blacklist", n).CheckBatch(ctx, ns)
	})
	cfg := config{validateTimeout: 5 * time.Second}
	log := slog.New(slog.NewTextHandler(&logged, nil))
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done, answered := make(chan error, 1), make(chan string, 1)
	go func() { done <- serve(ctx, l, newAPI(cfg, dnc.RuleOf(c), campaigns{}, log), cfg, log) }()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	const body = `[{"phoneNumber":"+14155550100"}]`
	_, err = fmt.Fprintf(conn, "POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	require.NoError(t, err)
	<-asked
	cancel()
	go func() {
		line, _ := bufio.NewReader(conn).ReadString('\n')
		answered <- line
	}()
	for { // the listener is closed before requests are waited for
		probe, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", l.Addr().String())
		if err != nil {
			break
		}
		_ = probe.Close()
	}
	close(proceed)
	assert.Equal(t, "HTTP/1.1 200 OK\r\n", <-answered)
	require.NoError(t, <-done)
}

// reasonsOf is the reason of each decision of a report.
func reasonsOf(t *testing.T, body string) []string {
	t.Helper()
	var report dnc.Report
	require.NoError(t, json.Unmarshal([]byte(body), &report))
	reasons := make([]string, 0, len(report.Decisions))
	for _, c := range report.Decisions {
		reasons = append(reasons, c.Decision.Reason().Code)
	}
	return reasons
}
