package retry_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/retry"
)

func ExampleTransport() {
	busy := 2
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if busy > 0 {
			busy--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "welcome")
	}))
	defer server.Close()

	client := &http.Client{Transport: &retry.Transport{
		Base:   server.Client().Transport, // leave it out for http.DefaultTransport
		Policy: retry.Policy{BaseDelay: time.Millisecond},
	}}
	resp, err := client.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode, string(body))
	// Output: 200 welcome
}

// A POST or PATCH is repeated after a failure only if it is marked, the way net/http has it.
func ExampleTransport_idempotent() {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		_, sent := r.Header["Idempotency-Key"]
		fmt.Println("request", requests, "has the header:", sent)
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer server.Close()
	client := &http.Client{Transport: &retry.Transport{
		Base:   server.Client().Transport,
		Policy: retry.Policy{MaxAttempts: 2, BaseDelay: time.Millisecond},
	}}

	for _, mark := range []bool{false, true} {
		req, _ := http.NewRequest(http.MethodPatch, server.URL, strings.NewReader(`{"action":"Add"}`))
		if mark {
			req.Header["Idempotency-Key"] = nil
		}
		resp, err := client.Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		_ = resp.Body.Close()
		fmt.Println("marked:", mark, "status:", resp.StatusCode)
	}
	// Output:
	// request 1 has the header: false
	// marked: false status: 502
	// request 2 has the header: false
	// request 3 has the header: false
	// marked: true status: 502
}

func ExampleLimitTransport() {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()

	limiter := rate.NewLimiter(rate.Every(time.Minute), 2)
	client := &http.Client{
		Timeout: time.Second,
		Transport: &retry.Transport{Base: &retry.LimitTransport{
			Base:    server.Client().Transport,
			Limiter: limiter,
		}},
	}
	for range 3 {
		resp, err := client.Get(server.URL)
		if err != nil {
			fmt.Println("no time for a third:", errors.Is(err, retry.ErrDeadline))
			continue
		}
		_ = resp.Body.Close()
		fmt.Println(resp.StatusCode)
	}
	// Output:
	// 200
	// 200
	// no time for a third: true
}

func ExampleParseRetryAfter() {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, value := range []string{"30", "Mon, 23 Nov 2026 12:01:00 GMT", "-1"} {
		fmt.Println(retry.ParseRetryAfter(value, now))
	}
	// Output:
	// 30s true
	// 1m0s true
	// 0s false
}
