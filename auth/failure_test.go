package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/dnc-go/dnc/retry"
)

// endless is a body that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.read += len(p)
	return len(p), nil
}

func (e *endless) Close() error { return nil }

// What a login may answer, how often it is asked, and what the caller learns.
func TestLoginFailures(t *testing.T) {
	const throttled = `{"error":"invalid_request","error_description":"Rate limit exceeded; 300 per minute"}`
	for name, test := range map[string]struct {
		answer    func(*http.Request) (*http.Response, error)
		asked     int
		status    int
		code      string
		retryable bool
	}{
		"wrong secret, 400":      {reply(400, `{"error":"invalid_client","error_description":"wrong `+testSecret+`"}`), 1, 400, "invalid_client", false},
		"wrong secret, 401":      {reply(401, `{"error":"invalid_client"}`), 1, 401, "invalid_client", false},
		"a secret as the code":   {reply(400, `{"error":"`+testSecret+`"}`), 1, 400, "", false},
		"throttled as 400":       {reply(400, throttled), 4, 400, "invalid_request", true},
		"throttled, description": {reply(400, `{"error":"invalid_request","description":"rate limit exceeded; wait"}`), 4, 400, "invalid_request", true},
		"throttled as 429":       {reply(429, `{}`), 4, 429, "", true},
		"429 for a while":        {reply(429, `{}`, "Retry-After: 2"), 4, 429, "", true},
		"429 for a long time":    {reply(429, `{}`, "Retry-After: 3600"), 1, 429, "", true},
		"500":                    {reply(500, `oops `+testSecret), 4, 500, "", true},
		"501":                    {reply(501, ``), 1, 501, "", false},
		"503":                    {reply(503, `<html>`), 4, 503, "", true},
		"302":                    {reply(302, ``, "Location: https://evil.example/oauth/token"), 1, 302, "", false},
		"307":                    {reply(307, ``, "Location: https://evil.example/oauth/token"), 1, 307, "", false},
		"connection refused":     {failed(errors.New("refused")), 4, 0, "", true},
		"html":                   {reply(200, `<html>`), 1, 200, "", false},
		"empty":                  {reply(200, ``), 1, 200, "", false},
		"truncated":              {reply(200, `{"access_token":"x`), 1, 200, "", false},
		"no token":               {reply(200, `{"token_type":"bearer","expires_in":60}`), 1, 200, "", false},
		"empty token":            {reply(200, `{"access_token":"","expires_in":60}`), 1, 200, "", false},
		"token with a newline":   {reply(200, `{"access_token":"a\r\nX: y","expires_in":60}`), 1, 200, "", false},
		"token with a blank":     {reply(200, `{"access_token":"a b","expires_in":60}`), 1, 200, "", false},
		"a megabyte":             {reply(200, `{"access_token":"`+strings.Repeat("x", 1<<20)+`"}`), 1, 200, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, l := source(t, test.answer)
				_, err := s.Token(t.Context())
				e, ok := errors.AsType[*Error](err)
				require.True(t, ok, "%v", err)
				assert.Equal(t, test.asked, l.count())
				assert.Equal(t, test.status, e.Status)
				assert.Equal(t, test.code, e.Code)
				assert.Equal(t, test.retryable, e.Retryable())
				assert.NotContains(t, err.Error(), "s3cr3t")
				for _, r := range l.requests {
					assert.Equal(t, "login.mypurecloud.ie", r.URL.Host, "nothing is sent elsewhere")
				}
			})
		})
	}
}

func TestEndlessLogin(t *testing.T) {
	body := &endless{}
	s, _ := source(t, func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, Request: req}, nil
	})
	_, err := s.Token(t.Context())
	require.Error(t, err)
	assert.Less(t, body.read, 1<<20)
}

// A login that fails is not asked again by every call: the pauses grow to 30 s.
func TestAFailingLoginIsNotHammered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, l := credentials(t, reply(401, `{"error":"invalid_client"}`))
		s, err := c.Source()
		require.NoError(t, err)
		for range 10_000 {
			_, err := s.Token(t.Context())
			require.Error(t, err)
			<-time.After(10 * time.Millisecond)
		}
		assert.LessOrEqual(t, l.count(), 9, "in 100 s")
		_, err = s.Token(t.Context())
		require.ErrorContains(t, err, "invalid_client", "and the reason is not lost")
	})
}

// through is a client's transport that needs a token first, as the API's does.
type through struct{ source *Source }

func (s through) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := s.source.Token(req.Context()); err != nil {
		return nil, err
	}
	return reply(200, "")(req)
}

// The retries of those who need a token do not multiply with those of the login.
func TestRetriesDoNotMultiply(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		most   int
		least  time.Duration // until the callers give up
	}{
		"throttled, no Retry-After": {reply(400, `{"error":"invalid_request","description":"rate limit exceeded; wait"}`), 7, 15 * time.Second},
		"429, no Retry-After":       {reply(429, ``), 7, 15 * time.Second},
		"429, Retry-After in past":  {reply(429, ``, "Retry-After: Fri, 31 Dec 1999 23:00:00 GMT"), 7, 15 * time.Second},
		"429, Retry-After: 5":       {reply(429, ``, "Retry-After: 5"), 7, 15 * time.Second},
		"503":                       {reply(503, ``), 7, time.Second},
		"connection refused":        {failed(errors.New("refused")), 7, time.Second},
	} {
		for _, callers := range []int{1, 100} {
			synctest.Test(t, func(t *testing.T) {
				s, l := source(t, test.answer)
				client := &retry.Transport{Base: through{s}}
				start := time.Now()
				var wg sync.WaitGroup
				for range callers {
					wg.Go(func() {
						_, err := client.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.mypurecloud.ie/x", nil))
						assert.Error(t, err)
					})
				}
				wg.Wait()
				assert.LessOrEqual(t, l.count(), test.most, "%s, %d callers", name, callers)
				assert.GreaterOrEqual(t, time.Since(start), test.least, "%s, %d callers", name, callers)
			})
		}
	}
}

// A login that is throttled once costs seconds, in one flight for all callers; the waits grow.
func TestThrottledLogin(t *testing.T) {
	const throttled = `{"error":"invalid_request","error_description":"rate limit exceeded; try again"}`
	synctest.Test(t, func(t *testing.T) {
		for times, most := range map[int]time.Duration{1: 2 * time.Second, 2: 5 * time.Second, 3: 10 * time.Second} {
			answers := append(slices.Repeat([]func(*http.Request) (*http.Response, error){reply(400, throttled)}, times), granted("one"))
			s, l := source(t, answers...)
			start := time.Now()
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
					defer cancel()
					_, err := s.Token(ctx)
					assert.NoError(t, err)
				})
			}
			wg.Wait()
			assert.Equal(t, times+1, l.count())
			assert.LessOrEqual(t, time.Since(start), most)
			assert.GreaterOrEqual(t, time.Since(start), time.Duration(1<<times-1)*time.Second)
		}
	})
}

// What another token source says of the platform's throttling is understood, too.
func TestThrottledTokenSource(t *testing.T) {
	region, err := ParseRegion("eu-west-1")
	require.NoError(t, err)
	s := FromOAuth2(region, tokenFunc(func() (*oauth2.Token, error) {
		return nil, &oauth2.RetrieveError{
			Response: &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}}, ErrorCode: "invalid_request",
			Body: []byte(`{"error":"invalid_request","description":"rate limit exceeded; try again"}`),
		}
	}))
	_, err = s.Token(t.Context())
	e, ok := errors.AsType[*Error](err)
	require.True(t, ok)
	assert.True(t, e.Retryable())
	assert.Equal(t, "invalid_request", e.Code)
}

func TestALoginRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := source(t, reply(503, ""), failed(io.ErrUnexpectedEOF), granted("one"))
		token, err := s.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "one", token.Value.Reveal())
		assert.Equal(t, 3, l.count())
	})
}

// A renewal that fails or hangs takes nothing from a token that is still alive.
func TestTheOldTokenServesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		for _, answer := range []func(*http.Request) (*http.Response, error){hang, reply(401, `{}`), reply(500, "")} {
			s, _ := source(t, granted("one"), answer)
			_, err := s.Token(t.Context())
			require.NoError(t, err)
			<-time.After(59*time.Minute + 10*time.Second)
			start := time.Now()
			token, err := s.Token(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "one", token.Value.Reveal())
			assert.LessOrEqual(t, time.Since(start), 50*time.Second)
			<-time.After(time.Minute)
			_, err = s.Token(t.Context())
			require.Error(t, err, "dead is dead")
			<-time.After(time.Hour)
		}
	})
}

func TestLifetimes(t *testing.T) {
	for raw, want := range map[string]time.Duration{
		`3600`: time.Hour, `"3600"`: time.Hour, `1.5`: 1500 * time.Millisecond, `0`: time.Minute, `null`: time.Minute, `-5`: time.Minute, `"soon"`: time.Minute,
		`1e300`: 24 * time.Hour, `999999999999`: 24 * time.Hour, `{}`: time.Minute, `[]`: time.Minute, `true`: time.Minute, `9`: 9 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			s, _ := source(t, reply(200, `{"access_token":"one","expires_in":`+raw+`}`))
			token, err := s.Token(t.Context())
			require.NoError(t, err, raw)
			assert.Equal(t, want, time.Until(token.Expiry), raw)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s, _ := source(t, reply(200, `{"access_token":"one"}`))
		token, err := s.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, time.Minute, time.Until(token.Expiry), "absent is not for ever")
	})
}

// Tokens that the API refuses as soon as they come do not become a storm of logins.
func TestTokensThatAreAllRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := source(t, granted("one"))
		for range 1000 {
			if token, err := s.Token(t.Context()); err == nil {
				s.Invalidate(token)
			}
			<-time.After(10 * time.Millisecond)
		}
		assert.Less(t, l.count(), 40)
	})
}

func TestCredentialsThatCannotBeUsed(t *testing.T) {
	good, _ := credentials(t, granted("one"))
	for name, change := range map[string]func(*ClientCredentials){
		"region": func(c *ClientCredentials) { c.Region = Region{} }, "id": func(c *ClientCredentials) { c.ClientID = "" },
		"secret": func(c *ClientCredentials) { c.ClientSecret = Secret{} }, "retry": func(c *ClientCredentials) { c.Retry = retry.Policy{MaxAttempts: -1} },
		"timeout": func(c *ClientCredentials) { c.Timeout = -1 }, "early": func(c *ClientCredentials) { c.EarlyExpiry = -1 },
	} {
		c := good
		change(&c)
		_, err := c.Source()
		require.ErrorIs(t, err, ErrInvalidConfig, name)
	}
	var none *Source
	for _, s := range []*Source{none, {}, FromOAuth2(Region{}, nil)} {
		_, err := s.Token(t.Context())
		require.ErrorIs(t, err, ErrInvalidConfig)
	}
	none.Invalidate(Token{})
}

func TestTheTransportIsHandedOn(t *testing.T) {
	c, l := credentials(t, granted("one"))
	s, err := c.Source()
	require.NoError(t, err)
	assert.Equal(t, http.RoundTripper(l), s.Transport())
	c.Transport = nil
	s, err = c.Source()
	require.NoError(t, err)
	assert.Nil(t, s.Transport())
}

// tokens is an oauth2.TokenSource.
type tokens func() (*oauth2.Token, error)

func (f tokens) Token() (*oauth2.Token, error) { return f() }

func TestFromOAuth2(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		region, err := ParseRegion("mypurecloud.ie")
		require.NoError(t, err)
		calls := 0
		s := FromOAuth2(region, tokens(func() (*oauth2.Token, error) {
			calls++
			return &oauth2.Token{AccessToken: fmt.Sprint("t", calls), Expiry: time.Now().Add(time.Hour)}, nil
		}))
		assert.Equal(t, region, s.Region())
		for range 5 {
			token, err := s.Token(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "t1", token.Value.Reveal())
		}
		back, err := s.OAuth2(t.Context()).Token()
		require.NoError(t, err)
		assert.Equal(t, "t1", back.AccessToken)
		assert.Equal(t, "Bearer", back.Type())

		for name, bad := range map[string]func() (*oauth2.Token, error){
			"nil":     func() (*oauth2.Token, error) { return nil, nil },
			"empty":   func() (*oauth2.Token, error) { return &oauth2.Token{}, nil },
			"expired": func() (*oauth2.Token, error) { return &oauth2.Token{AccessToken: "x", Expiry: time.Now().Add(-1)}, nil },
			"panic":   func() (*oauth2.Token, error) { panic("canary-s3cr3t") },
			"error": func() (*oauth2.Token, error) {
				return nil, &oauth2.RetrieveError{Response: &http.Response{StatusCode: http.StatusBadRequest}, Body: []byte("canary-s3cr3t"), ErrorCode: "invalid_client"}
			},
		} {
			_, err := FromOAuth2(region, tokens(bad)).Token(t.Context())
			require.Error(t, err, name)
			assert.NotContains(t, err.Error(), "s3cr3t", name)
		}
		_, err = FromOAuth2(region, nil).OAuth2(t.Context()).Token()
		require.Error(t, err)
	})
}

// Secrets and tokens are in nothing that anybody writes.
func TestNothingSecretIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		log := slog.New(slog.NewJSONHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
		for _, answer := range []func(*http.Request) (*http.Response, error){
			granted("canary-t0ken"), reply(400, testSecret), reply(200, "canary-t0ken"), reply(500, testSecret), reply(302, "", "Location: https://x/?"+testSecret),
			reply(400, `{"error":"canary-t0ken","error_description":"`+testSecret+`"}`),
		} {
			c, _ := credentials(t, answer)
			c.Logger = log
			s, err := c.Source()
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			token, err := s.Token(ctx)
			cancel()
			synctest.Wait() // the renewal logs after it has answered
			for _, v := range []any{c, &c, s, token, &token, token.Value, struct{ inner any }{token}, struct{ c ClientCredentials }{c}, err} {
				for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
					_, _ = fmt.Fprintf(&said, verb, v)
				}
				log.Info("x", "v", v)
				_ = json.NewEncoder(&said).Encode(v)
			}
		}
		for _, canary := range []string{"s3cr3t", "t0ken", fmt.Sprintf("%x", "s3cr3t"), fmt.Sprintf("%x", "t0ken")} {
			assert.NotContains(t, said.String(), canary)
		}
	})
}
