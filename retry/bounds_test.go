package retry

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A nil function is an error, and nothing is called.
func TestNilFunctionsOfDo(t *testing.T) {
	require.ErrorContains(t, Do(t.Context(), Policy{}, nil), "nil")
	_, err := DoValue[int](t.Context(), Policy{}, nil)
	require.ErrorContains(t, err, "nil")
}

// An Error says how often was tried, what ended it, and the last error, each only if there is one.
func TestWhatAnErrorSays(t *testing.T) {
	last := errors.New("last")
	for want, e := range map[string]*Error{
		"retry: not tried: context canceled":                                        {why: []error{context.Canceled}},
		"retry: failed after 0 tries: <nil>":                                        {},
		"retry: failed after 1 try: last":                                           {Attempts: 1, Err: last},
		"retry: failed after 2 tries: last":                                         {Attempts: 2, Err: last},
		"retry: stopped after 2 tries, the retry budget is used up: last":           {Attempts: 2, Err: last, why: []error{ErrBudget}},
		"retry: failed after 1 try: context canceled":                               {Attempts: 1, Err: context.Canceled, why: []error{context.Canceled}},
		"retry: stopped after 1 try, the retry budget is used up: context canceled": {Attempts: 1, Err: context.Canceled, why: []error{context.Canceled, ErrBudget}},
	} {
		assert.Equal(t, want, e.Error())
	}
	e := &Error{Attempts: 1, Err: last, why: []error{ErrBudget}}
	require.ErrorIs(t, e, last)
	require.ErrorIs(t, e, ErrBudget)
	require.ErrorIs(t, &Error{why: []error{ErrBudget}}, ErrBudget)
}

// A try that took too long is a timeout for package net, too.
func TestATryThatTookTooLongIsATimeout(t *testing.T) {
	var err net.Error
	require.ErrorAs(t, errors.Join(&netTimeout{&timeoutError{after: time.Second}}), &err)
	assert.True(t, err.Timeout())
	require.ErrorIs(t, &timeoutError{}, context.DeadlineExceeded)
}

// netTimeout makes a net.Error of it, which wants one more method.
type netTimeout struct{ *timeoutError }

func (netTimeout) Temporary() bool { return false }

// The largest wait is kept as it is, and more is as much.
func TestTheLongestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"9223372036": 9_223_372_036 * time.Second, "9223372037": math.MaxInt64, "99999999999999999999": math.MaxInt64, "000000000000000000001": time.Second, "0": 0,
	} {
		got, ok := ParseRetryAfter(value, time.Time{})
		assert.True(t, ok, value)
		assert.Equal(t, want, got, value)
	}
}

// closing is a body whose Close fails.
type closing struct {
	io.Reader
	err error
}

func (c closing) Close() error { return c.err }

// The error of closing a body reaches the caller, and the context of the try is over then.
func TestClosingABody(t *testing.T) {
	broken := errors.New("broken")
	var ctx context.Context
	transport := &Transport{
		Policy: Policy{AttemptTimeout: time.Hour},
		Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			ctx = r.Context()
			return &http.Response{StatusCode: http.StatusOK, Body: closing{strings.NewReader("x"), broken}, Request: r}, nil
		}),
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x.example", http.NoBody)
	require.NoError(t, err)
	resp, err := transport.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, ctx.Err())
	require.ErrorIs(t, resp.Body.Close(), broken)
	require.ErrorIs(t, ctx.Err(), context.Canceled)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The marks say what they mark, and let it through.
func TestMarkedErrors(t *testing.T) {
	inner := errors.New("inner")
	for _, err := range []error{Permanent(inner), After(inner, time.Second)} {
		assert.Equal(t, "inner", err.Error())
		require.ErrorIs(t, err, inner)
	}
	v, said := judgeMarks(After(inner, 0))
	assert.True(t, said)
	assert.False(t, v.throttled, "no wait was asked for")
	v, _ = judgeMarks(After(inner, 1))
	assert.True(t, v.throttled)
	e := &limitError{wait: 2 * time.Second}
	assert.Equal(t, "retry: the rate limit allows the next request in 2s: "+ErrDeadline.Error(), e.Error())
	assert.Equal(t, 2*time.Second, e.RetryAfter())
}

// Waits double up to MaxDelay, and reach it exactly where it is a double.
func TestWaitsDouble(t *testing.T) {
	p := Policy{BaseDelay: time.Second, MaxDelay: 8 * time.Second}
	for failed, seconds := range map[int]float64{1: 1, 2: 2, 3: 4, 4: 8, 5: 8, 100: 8} {
		assert.InDelta(t, seconds, p.bound(failed).Seconds(), 0, failed)
	}
	p.MaxDelay = 6 * time.Second
	for failed, seconds := range map[int]float64{3: 4, 4: 6} {
		assert.InDelta(t, seconds, p.bound(failed).Seconds(), 0, failed)
	}
	assert.Zero(t, jitter(0))
	assert.Zero(t, jitter(-1))
	assert.Zero(t, jitter(1)/2)
}

// A segment of a path with a digit is an id, but a version is not.
func TestTheResourceOfARequest(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v2/outbound/campaigns/11":  "/api/v2/outbound/campaigns/*",
		"/api/v10/x":                     "/api/v10/x",
		"/api/v100/x":                    "/api/*/x",
		"/api/2/x":                       "/api/*/x",
		"/api/x2/x":                      "/api/*/x",
		"/api/v2/outbound/contacts/bulk": "/api/v2/outbound/contacts/bulk",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://x.example"+path, http.NoBody)
		require.NoError(t, err)
		assert.Equal(t, "GET x.example"+want, resourceOf(req))
	}
}
