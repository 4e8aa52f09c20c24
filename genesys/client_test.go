package genesys_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/retry"
)

func TestOptionsThatCannotBeUsed(t *testing.T) {
	source := genesystest.New().Source()
	for name, o := range map[string]genesys.Option{
		"nil": nil, "retry": genesys.WithRetry(retry.Policy{MaxAttempts: -1}), "limiter": genesys.WithLimiter(rate.NewLimiter(1, 0)),
		"transport": genesys.WithTransport(nil), "chunk 0": genesys.WithChunkSize(0), "chunk 1001": genesys.WithChunkSize(1001),
	} {
		_, err := genesys.NewCampaignClient(source, o)
		require.ErrorIs(t, err, genesys.ErrInvalidInput, name)
	}
	for _, s := range []*auth.Source{nil, {}} {
		_, err := genesys.NewCampaignClient(s)
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
	}
}

// The table of what the platform may answer, and what a caller can tell of it.
func TestErrors(t *testing.T) {
	is := func(errs ...error) []error { return errs }
	for _, test := range []struct {
		status    int
		body      string
		header    string // Retry-After
		is        []error
		retryable bool
		tries     int
		wait      time.Duration
	}{
		{199, `{}`, "", nil, false, 1, 0}, // of a transport that hands on what net/http does not
		{400, `{"code":"bad.request","message":"no"}`, "", nil, false, 1, 0},
		{401, `{"code":"bad.credentials"}`, "", is(genesys.ErrUnauthorized), false, 2, 0},
		{403, `{"code":"missing.permissions","message":"You are missing: outbound:campaign:view"}`, "", is(genesys.ErrForbidden), false, 1, 0},
		{404, `{"code":"not.found"}`, "", is(genesys.ErrNotFound), false, 1, 0},
		{408, `{}`, "", nil, true, 4, 0},
		{409, `{"code":"invalid.update.wrong.version"}`, "", is(genesys.ErrConflict), true, 1, 0},
		{413, `{"message":"over the size limit"}`, "", is(genesys.ErrTooLarge), false, 1, 0},
		{429, `{"code":"too.many.requests.retry.after"}`, "", is(genesys.ErrRateLimited), true, 4, 0},
		{429, `{"code":"request.rate.limit.exceeded"}`, "", is(genesys.ErrRateLimited), true, 4, 0},
		{412, `{"code":"precondition.failed"}`, "", is(genesys.ErrConflict), true, 1, 0},
		{403, `<html>`, "", is(genesys.ErrForbidden), false, 1, 0},
		{429, `{}`, "3", is(genesys.ErrRateLimited), true, 4, 3 * time.Second},
		{429, `{}`, "10000000000", is(genesys.ErrRateLimited), true, 1, 1<<63 - 1},
		{429, `{}`, "-1", is(genesys.ErrRateLimited), true, 4, 0},
		{429, `{}`, "Sat, 01 Jan 2000 00:00:07 GMT", is(genesys.ErrRateLimited), true, 0, 0},
		{500, `oops`, "", nil, true, 4, 0},
		{501, `{}`, "", nil, false, 1, 0},
		{502, `<html>`, "", nil, true, 4, 0},
		{503, ``, "", nil, true, 4, 0},
		{504, `{}`, "", nil, true, 4, 0},
		{302, ``, "", is(genesys.ErrUnexpectedReply), false, 1, 0},
		{307, ``, "", is(genesys.ErrUnexpectedReply), false, 1, 0},
		{200, `<html>not what was asked for</html>`, "", is(genesys.ErrUnexpectedReply), false, 1, 0},
		{200, `{"id":"`, "", is(genesys.ErrUnexpectedReply), true, 4, 0}, // cut off
		{200, `[]`, "", is(genesys.ErrUnexpectedReply), false, 1, 0},
		{200, "{\"id\":\"\xff\"}", "", is(genesys.ErrUnexpectedReply), false, 1, 0},
	} {
		t.Run(fmt.Sprintf("%d %s %s", test.status, test.body, test.header), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t)
				f := genesystest.Fault{Path: "/campaigns/", Status: test.status, Body: test.body, Times: -1, Header: map[string]string{"Location": "https://elsewhere.example/x", "Inin-Correlation-Id": "corr"}}
				if test.header != "" {
					f.Header["Retry-After"] = test.header
				}
				b.p.AddFault(f)
				_, err := b.c.Campaign(t.Context(), b.campaign)
				e, ok := errors.AsType[*genesys.Error](err)
				require.True(t, ok, "%v", err)
				assert.Equal(t, test.status, e.Status)
				assert.Equal(t, "GET", e.Method)
				assert.Equal(t, "/api/v2/outbound/campaigns/"+b.campaign, e.Path)
				assert.Equal(t, "corr", e.CorrelationID)
				assert.False(t, e.Uncertain, "a read has no effect")
				all := is(genesys.ErrUnauthorized, genesys.ErrForbidden, genesys.ErrNotFound, genesys.ErrConflict, genesys.ErrTooLarge, genesys.ErrRateLimited,
					genesys.ErrUnexpectedReply, genesys.ErrCampaignStatus, genesys.ErrListFull, genesys.ErrInvalidInput, genesys.ErrNotVerified, genesys.ErrNotInternal)
				for _, sentinel := range all {
					assert.Equal(t, contains(test.is, sentinel), errors.Is(err, sentinel), "%v", sentinel)
				}
				assert.Equal(t, test.retryable, e.Retryable())
				if test.tries > 0 {
					assert.Equal(t, test.tries, b.p.CountRequests("", "/campaigns/"))
					assert.Equal(t, test.wait, e.RetryAfter())
				}
				for _, j := range b.p.Requests() {
					assert.Contains(t, j.Host, "genesystest.invalid")
				}
			})
		})
	}
}

func contains(list []error, err error) bool {
	return slices.Contains(list, err)
}

func TestMissingPermission(t *testing.T) {
	b := newBed(t)
	c := b.only("outbound:campaign:view")
	_, err := c.Campaign(t.Context(), b.campaign)
	require.NoError(t, err)
	err = c.StartCampaign(t.Context(), b.campaign)
	require.ErrorIs(t, err, genesys.ErrForbidden)
	e, _ := errors.AsType[*genesys.Error](err)
	assert.Equal(t, []string{"outbound:campaign:start"}, e.MissingPermissions)
	require.ErrorContains(t, err, "give the OAuth client a role with outbound:campaign:start")
	for body, want := range map[string]string{
		`{"code":"not.authorized","message":"no"}`: "403 not.authorized no; it names no permission: the OAuth client's role may lack one, or the division",
		`<html>blocked</html>`:                     "403 the reply is not JSON, so it was not the platform that answered: look at the region, gateways and proxies",
		``:                                         "403 the reply is not JSON",
	} {
		b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 403, Body: body})
		_, err = c.Campaign(t.Context(), b.campaign)
		require.ErrorContains(t, err, want)
	}
}

// endless is a body that never ends.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestBodiesAreBounded(t *testing.T) {
	for _, status := range []int{200, 400, 500} {
		b := newBed(t)
		body := &endless{}
		b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: status, Stream: func() io.Reader { return body }, Times: -1})
		_, err := b.client(once).Campaign(t.Context(), b.campaign)
		require.Error(t, err)
		assert.Less(t, body.read, int64(64<<20), "%d", status)
	}
	b := newBed(t)
	b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 400, Body: `{"message":"` + strings.Repeat("x", 1<<20) + `"}`})
	_, err := b.c.Campaign(t.Context(), b.campaign)
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 1000, "a megabyte is not quoted")
}

// A body that never comes ends with the try, and the call with its context.
func TestFrozenPlatform(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Hang: true, Times: -1})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := b.c.Campaign(ctx, b.campaign)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 10*time.Second, time.Since(start))

		cause := errors.New("the operator gave up")
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { stop(cause) })
		start = time.Now()
		_, err = b.c.Campaign(ctx, b.campaign)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

// One login serves a hundred callers; a revoked token costs one more, and no call.
func TestTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		hundred := func() {
			for range 100 {
				go func() {
					_, err := b.c.Campaign(t.Context(), b.campaign)
					assert.NoError(t, err)
				}()
			}
			synctest.Wait()
		}
		hundred()
		assert.Equal(t, 1, b.p.CountRequests("POST", "/oauth/token"))
		b.p.RevokeTokens()
		hundred()
		assert.Equal(t, 2, b.p.CountRequests("POST", "/oauth/token"))
		b.p.RevokeTokens()
		list := b.p.AddDNCList("x")
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(2), time.Time{}), "a body is sent again")
		require.Len(t, b.p.DNCEntries(list), 2)
	})
}

func TestLoginFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		wrong := b.p.AddClient()
		wrong.ClientSecret = auth.NewSecret("canary-secret")
		source, err := wrong.Source()
		require.NoError(t, err)
		c, err := genesys.NewCampaignClient(source)
		require.NoError(t, err)
		_, err = c.Campaign(t.Context(), b.campaign)
		e, ok := errors.AsType[*auth.Error](err)
		require.True(t, ok, "%v", err)
		assert.False(t, e.Retryable())
		assert.Equal(t, 1, b.p.CountRequests("POST", "/oauth/token"))
		g, ok := errors.AsType[*genesys.Error](err)
		require.True(t, ok)
		assert.False(t, g.Retryable())

		b = newBed(t)
		b.p.AddFault(genesystest.Fault{Path: "/oauth/token", Status: 400, Times: 2, Body: `{"error":"invalid_request","error_description":"rate limit exceeded; wait"}`})
		_, err = b.c.Campaign(t.Context(), b.campaign)
		require.NoError(t, err, "a throttled login passes")

		b = newBed(t)
		b.p.AddFault(genesystest.Fault{Path: "/oauth/token", Hang: true, Times: -1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err = b.c.Campaign(ctx, b.campaign)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
		<-time.After(time.Hour) // the renewal ends by its own timeout
	})
}

// 3,000 calls where 300 a minute are allowed see no 429 and take at most 11 minutes.
func TestStaysWithinTheRate(t *testing.T) {
	for name, sliding := range map[string]bool{"fixed window": false, "sliding window": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, genesystest.WithRateLimit(300, sliding))
				c, err := genesys.NewCampaignClient(b.p.Source())
				require.NoError(t, err)
				start := time.Now()
				for range 30 {
					go func() {
						for range 100 {
							_, err := c.Campaign(t.Context(), b.campaign)
							assert.NoError(t, err)
						}
					}()
				}
				for b.p.CountRequests("GET", "/campaigns/") < 3000 {
					<-time.After(time.Second)
				}
				took := time.Since(start)
				assert.LessOrEqual(t, took, 11*time.Minute)
				for _, e := range b.p.Requests() {
					require.NotEqual(t, http.StatusTooManyRequests, e.Status)
				}
			})
		})
	}
}

// Every failure that there is, and nothing personal in what it says.
func TestNothingPersonalIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		logger := slog.New(slog.NewJSONHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
		const number, token = "+14155550142", "Bearer canary-token-0123456789"
		for _, status := range []int{200, 302, 400, 401, 403, 404, 409, 413, 429, 500, 501, 503} {
			b := newBed(t)
			c := b.client(genesys.WithLogger(logger), genesys.WithRetry(retry.Policy{MaxAttempts: 2, Logger: logger}))
			list := b.p.AddDNCList("x")
			b.p.AddFault(genesystest.Fault{Path: "/api/", Times: -1, Status: status, Body: fmt.Sprintf(
				`{"code":"x","message":"number %s of (415) 555-0142 and 1 415 555 0142, %s\u000a","contextId":%q,"limit":{"key":%q}}`, number, token, number, number)})
			for _, err := range []error{
				c.AddDNCNumbers(t.Context(), list, []string{number}, time.Time{}),
				c.StartCampaign(t.Context(), b.campaign),
			} {
				if err != nil {
					fmt.Fprintf(&said, "%v %+v %#v\n", err, err, err)
				}
			}
			_, err := c.AddContacts(t.Context(), b.list, []genesys.Contact{{Data: map[string]string{"name": "x", "phone": number}}}, genesys.AddOptions{})
			fmt.Fprintf(&said, "%v %+v\n", err, err)
			for contact, err := range c.SearchContacts(t.Context(), b.list, genesys.ContactQuery{Column: "phone", Values: []string{number}}) {
				fmt.Fprintf(&said, "%v %+v %d %v\n", contact, contact, contact, err)
			}
		}
		for _, canary := range []string{"4155550142", "555-0142", "555 0142", "canary-token", "secret-of-", "token-"} {
			assert.NotContains(t, said.String(), canary)
		}
		assert.Contains(t, said.String(), "[redacted]")
	})
}
