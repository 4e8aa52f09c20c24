package auth

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

// An error says what failed, the status, the code and the cause, and each only if there is one.
func TestWhatAnErrorSays(t *testing.T) {
	cause := errors.New("cause")
	for want, e := range map[string]*Error{
		"auth: no token":                          {reason: "no token"},
		"auth: no token: status 400":              {reason: "no token", Status: 400},
		"auth: no token (invalid_client)":         {reason: "no token", Code: "invalid_client"},
		"auth: no token: cause":                   {reason: "no token", Err: cause},
		"auth: no token: status 400 (x_y): cause": {reason: "no token", Status: 400, Code: "x_y", Err: cause},
	} {
		assert.Equal(t, want, e.Error())
		assert.Equal(t, e.Err, e.Unwrap())
	}
	assert.Equal(t, "[redacted]", fmt.Sprintf("%#v", NewSecret("s3cr3t")))
	assert.Equal(t, "[redacted]", NewSecret("s3cr3t").GoString())
}

// Each class of status is told by its own words.
func TestWhatALoginsStatusMeans(t *testing.T) {
	for status, says := range map[int]string{
		299: "not a token", 300: "redirects", 399: "redirects", 400: "refused the credentials", 404: "refused the credentials", 408: "the login failed",
		429: "throttled", 499: "refused the credentials", 500: "the login failed", 501: "refused the credentials", 502: "the login failed",
	} {
		synctest.Test(t, func(t *testing.T) {
			s, _ := source(t, reply(status, `{}`))
			_, err := s.Token(t.Context())
			require.ErrorContains(t, err, says, status)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s, _ := source(t, reply(200, `{"error":"invalid_scope"}`))
		_, err := s.Token(t.Context())
		require.ErrorContains(t, err, "refused the credentials", "a code in a reply of 200 is a refusal")
	})
}

// A proxy, a firewall or a wrong address says nothing about the credentials.
func TestRefusalOfSomethingElse(t *testing.T) {
	for body, other := range map[string]bool{`<html>`: true, ``: true, `{"message":"no"}`: true, `{"error":"unauthorized_client"}`: false} {
		for status, never := range map[int]bool{400: true, 401: true, 403: false, 404: false, 405: false, 407: false, 451: false, 501: false} {
			synctest.Test(t, func(t *testing.T) {
				s, _ := source(t, reply(status, body))
				_, err := s.Token(t.Context())
				require.ErrorContains(t, err, "refused the credentials")
				assert.Equal(t, other && !never, strings.Contains(err.Error(), "may be no login: look at the region"), "%d %s: %v", status, body, err)
			})
		}
	}
}

// What is as long as allowed is taken, and one more is not.
func TestBounds(t *testing.T) {
	domain := func(n int) string { // of n bytes, in labels of 50
		name := strings.Repeat(strings.Repeat("a", 49)+".", n/50+1)
		return name[:n-4] + ".net"
	}
	longest := 253 - len("login.")
	_, err := ParseRegion(domain(longest))
	require.NoError(t, err)
	_, err = ParseRegion(domain(longest + 1))
	require.ErrorIs(t, err, ErrInvalidConfig)
	_, err = CustomRegion("https://"+domain(253), "https://"+domain(253))
	require.NoError(t, err)
	_, err = CustomRegion("https://"+domain(254), "https://x.example")
	require.ErrorIs(t, err, ErrInvalidConfig)
	_, err = ParseRegion(strings.Repeat("a", 63) + ".net")
	require.NoError(t, err)
	for _, name := range []string{"A0Z9.EXAMPLE", "a0z9.net", "0.example.net"} {
		_, err = ParseRegion(name)
		require.NoError(t, err, name)
	}

	synctest.Test(t, func(t *testing.T) {
		begin, end := `{"access_token":"one","expires_in":60,"x":"`, `"}`
		body := func(n int) string { return begin + strings.Repeat("x", n-len(begin)-len(end)) + end }
		s, _ := source(t, reply(200, body(maxReply)))
		_, err := s.Token(t.Context())
		require.NoError(t, err)
		s, _ = source(t, reply(200, body(maxReply+1)))
		_, err = s.Token(t.Context())
		require.ErrorContains(t, err, "longer than 64 KiB")
	})
	for code, kept := range map[string]bool{
		strings.Repeat("a", 64): true, strings.Repeat("a", 65): false, "a_z.a": true, "a{": false, "A": false, "a1": false, "`": false,
	} {
		x := exchange{code: code}
		assert.Equal(t, kept, x.safeCode("") == code, code)
	}
	for c := range rune(0x100) {
		token := Token{Value: NewSecret("a" + string(c))}
		assert.Equal(t, c > ' ' && c <= '~', token.printable(), "%q", c)
	}
	assert.Equal(t, longestLife, parseLife([]byte("86400")))
	assert.Equal(t, longestLife, parseLife([]byte("86401")))
	assert.Zero(t, parseLife([]byte("0")))
	assert.Zero(t, parseLife([]byte("NaN")))
}

// A URL with a query or a fragment of any form is no origin, and the error does not repeat it.
func TestAnOriginIsNoMore(t *testing.T) {
	for bad, says := range map[string]string{
		"https://x.example?": "a query", "https://x.example?q": "a query", "https://x.example#": "a query", "https://x.example#f": "a query",
		"https://x.example:8x": "not a URL", "%zz": "not a URL", "https://[fe80::1%25eth0]": "not an address",
	} {
		_, err := CustomRegion(bad, "https://x.example")
		require.ErrorIs(t, err, ErrInvalidConfig, bad)
		require.ErrorContains(t, err, "API URL: ")
		assert.ErrorContains(t, err, says, bad) //nolint:testifylint // the others are looked at too
	}
	r, err := CustomRegion("https://X.example:8443", "https://login.example")
	require.NoError(t, err)
	assert.Equal(t, "x.example:8443", r.String())
}

// The errors of another token source are taken over, and say whether to try again.
func TestErrorsOfAnotherTokenSource(t *testing.T) {
	region, err := ParseRegion("mypurecloud.ie")
	require.NoError(t, err)
	refused := func(status int, body string) error {
		return &oauth2.RetrieveError{Response: &http.Response{StatusCode: status, Header: http.Header{}}, Body: []byte(body)}
	}
	ours := &Error{reason: "ours", Status: 418}
	for name, test := range map[string]struct {
		err       error
		says      string
		retryable bool
	}{
		"400":           {refused(400, ""), "status 400", false},
		"429":           {refused(429, ""), "status 429", true},
		"499":           {refused(499, ""), "status 499", false},
		"500":           {refused(500, ""), "status 500", true},
		"throttled":     {refused(400, `{"error_description":"Rate limit exceeded"}`), "status 400", true},
		"no response":   {&oauth2.RetrieveError{}, "the token source failed", false},
		"one of ours":   {fmt.Errorf("wrapped: %w", ours), "auth: ours: status 418", false},
		"a network's":   {&url.Error{Op: "Post", URL: "https://u:s3cr3t@x.example", Err: errors.New("refused")}, "no token", true},
		"one of oauth2": {errors.New("oauth2: s3cr3t"), "no token", true},
		"any other":     {errors.New("other"), "no token: other", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			_, err := FromOAuth2(region, tokens(func() (*oauth2.Token, error) { return nil, test.err })).Token(t.Context())
			e, ok := errors.AsType[*Error](err)
			require.True(t, ok, name)
			assert.Contains(t, e.Error(), test.says, name)
			assert.NotContains(t, e.Error(), "s3cr3t", name)
			assert.Equal(t, test.retryable, e.Retryable(), name)
		})
	}
	_, err = FromOAuth2(region, nil).Token(t.Context())
	require.ErrorContains(t, err, "no credentials")
}

// A token that was refused long after it was issued does not count with those that were refused at
// once. Twenty of these in a row end the logins for a second.
func TestRefusedTokensThatCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := func(s *Source, after time.Duration) error {
			token, err := s.Token(t.Context())
			if err != nil {
				return err
			}
			<-time.After(after)
			s.Invalidate(token)
			return nil
		}
		s, _ := source(t, granted("one"))
		for range 3 * mostRejected {
			require.NoError(t, refuse(s, freshFor+1))
		}
		for range mostRejected - 2 { // beside the last of those above
			require.NoError(t, refuse(s, freshFor))
		}
		require.NoError(t, refuse(s, 0))
		err := refuse(s, 0)
		require.ErrorContains(t, err, "refuses every new token")
		e, _ := errors.AsType[*Error](err)
		assert.True(t, e.Retryable())
		assert.Equal(t, time.Second, e.RetryAfter())
	})
	for failures, seconds := range map[int]float64{1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 30, 7: 30} {
		assert.InDelta(t, seconds, backoff(failures).Seconds(), 0)
	}
}

// What is told about a login: its retries by Logger, its failure by this package's error type alone.
func TestWhatALoginTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c, l := credentials(t, reply(503, ""), reply(400, `{"error":"invalid_client"}`))
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		s, err := c.Source()
		require.NoError(t, err)
		_, err = s.Token(t.Context())
		synctest.Wait()         // a renewal logs after it has woken its callers
		_, ours := err.(*Error) //nolint:errorlint // the error itself, and none that holds it
		assert.True(t, ours, "%T", err)
		assert.Contains(t, log.String(), "level=WARN")
		for _, req := range l.requests {
			assert.True(t, req.Close, "a login is too rare for a connection that stays open")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		region, err := ParseRegion("mypurecloud.ie")
		require.NoError(t, err)
		assert.Equal(t, region, FromOAuth2(region, nil).Region())
		expired := tokens(func() (*oauth2.Token, error) { return &oauth2.Token{AccessToken: "old", Expiry: time.Now()}, nil })
		_, err = FromOAuth2(region, expired).Token(t.Context())
		e, ours := errors.AsType[*Error](err)
		require.True(t, ours)
		assert.Contains(t, e.Error(), "has expired")
		assert.True(t, e.Retryable(), "the next token may live")
	})
	synctest.Test(t, func(t *testing.T) {
		region, err := ParseRegion("mypurecloud.ie")
		require.NoError(t, err)
		_, err = FromOAuth2(region, tokens(func() (*oauth2.Token, error) { runtime.Goexit(); return nil, nil })).Token(t.Context())
		e, ours := errors.AsType[*Error](err)
		require.True(t, ours)
		assert.Contains(t, e.Error(), "ended without a result")
		assert.True(t, e.Retryable())
	})
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c, _ := credentials(t, granted("one"))
		c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		s, err := c.Source()
		require.NoError(t, err)
		_, err = s.Token(t.Context())
		require.NoError(t, err)
		synctest.Wait()
		assert.Contains(t, log.String(), "got a token")
		assert.NotContains(t, log.String(), "one\n")
	})
}

// Whoever has a token that lives waits only for patience on a renewal that hangs.
func TestAHangingRenewalHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		s, _ := source(t, granted("one"), hang)
		_, err := s.Token(t.Context())
		require.NoError(t, err)
		<-time.After(time.Hour - defaultEarly)
		start := time.Now()
		_, err = s.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, patience, time.Since(start))
		<-time.After(defaultTimeout) // the renewal ends
	})
}
