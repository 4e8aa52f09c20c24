package genesys_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/retry"
)

// slow is a file that comes line by line, and at the end stops if it is to.
type slow struct {
	done  <-chan struct{}
	every time.Duration
	lines []string
	hang  bool
}

func (s *slow) Read(p []byte) (int, error) {
	wait := s.every
	if len(s.lines) == 0 {
		if !s.hang {
			return 0, io.EOF
		}
		wait = 1 << 62
	}
	select {
	case <-s.done:
		return 0, context.Canceled
	case <-time.After(wait):
	}
	n := copy(p, s.lines[0])
	s.lines = s.lines[1:]
	return n, nil
}

// downloads is a client to whom files come slowly.
func (b *bed) downloads(every time.Duration, rows int, hang bool) *genesys.CampaignClient {
	return b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
		resp, err := b.p.RoundTrip(r)
		if err != nil || !strings.HasPrefix(r.URL.Path, "/signed/") {
			return resp, err
		}
		s := &slow{done: r.Context().Done(), every: every, lines: []string{"PhoneNumber,ContactMethod,ExpirationDateTime\r\n"}, hang: hang}
		for range rows {
			s.lines = append(s.lines, "+14155550142,Phone,\r\n")
		}
		resp.Body = io.NopCloser(s)
		return resp, nil
	})))
}

func TestDownloadsThatStandStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list := b.p.AddDNCList("x")
		read := func(c *genesys.CampaignClient, pause time.Duration) (n int, last error) {
			var err error
			for _, err = range c.ExportDNCList(t.Context(), list) {
				if err == nil {
					n++
				}
				<-time.After(pause)
			}
			return n, err
		}
		start := time.Now()
		n, err := read(b.downloads(0, 3, true), 0)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "nothing came for 30s")
		assert.Equal(t, 3, n)
		assert.InDelta(t, 4*30, time.Since(start).Seconds(), 6, "it is opened again where it stands still")

		n, err = read(b.downloads(25*time.Second, 100, false), 0)
		require.NoError(t, err, "slow is not still")
		assert.Equal(t, 100, n)
		n, err = read(b.downloads(time.Second, 10, false), 10*time.Minute)
		require.NoError(t, err, "the reader may take its time")
		assert.Equal(t, 10, n)

		b.p.AddFault(genesystest.Fault{Path: "/signed/", Hang: true, Times: -1})
		start = time.Now()
		_, err = read(b.c, 0)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "nothing came for 30s")
		assert.InDelta(t, 4*30, time.Since(start).Seconds(), 6, "four tries")
		b.p.ClearFaults()
		b.p.AddFault(genesystest.Fault{Path: "/downloads/", Hang: true})
		_, err = read(b.c, 0)
		require.NoError(t, err, "the second try")
	})
}

func TestTriesEndByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for policy, want := range map[retry.Policy]time.Duration{
			{MaxAttempts: 1}: 30 * time.Second, {MaxAttempts: 1, AttemptTimeout: time.Second}: time.Second, {MaxAttempts: 1, AttemptTimeout: time.Minute}: time.Minute,
		} {
			b := newBed(t)
			b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Hang: true, Times: -1})
			start := time.Now()
			_, err := b.client(genesys.WithRetry(policy)).Campaign(t.Context(), b.campaign)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, want, time.Since(start))
		}
	})
}

func TestWaitForWhatHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, end := range []string{"off", "forced_off", "complete"} {
			b := newBed(t)
			b.p.SetStatus(b.campaign, "stopping")
			time.AfterFunc(10*time.Second, func() { b.p.SetStatus(b.campaign, end) })
			start := time.Now()
			_, err := b.c.WaitStatus(t.Context(), b.campaign, genesys.StatusOn)
			e, ok := errors.AsType[*genesys.StatusError](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, genesys.Status(end), e.Status)
			assert.Less(t, time.Since(start), 25*time.Second)
		}
		b := newBed(t)
		time.AfterFunc(time.Minute, func() { b.p.SetStatus(b.campaign, "on") })
		_, err := b.c.WaitStatus(t.Context(), b.campaign, genesys.StatusOn)
		require.NoError(t, err, "what was off from the beginning is waited for")
	})
}

// An export that somebody else had asked for is not what was asked for.
func TestExportOfSomebodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, behind := range []time.Duration{0, time.Hour, -time.Hour} { // the platform's clock
			b := newBed(t, genesystest.WithExportDelay(time.Minute))
			list := b.p.AddDNCList("x", numbers(2)...)
			b.p.AddFault(genesystest.Fault{Path: "/signed/", Skip: 1, Times: -1, Status: 500})
			began, polls := time.Now(), 0
			c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
				resp, err := b.p.RoundTrip(r)
				if err != nil || r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/export") {
					return resp, err
				}
				polls++
				stamp := func(at time.Time) string { return at.Add(-behind).UTC().Format(time.RFC3339Nano) }
				switch {
				case polls == 1:
					resp = answer(r, http.StatusNotFound, `{"code":"no.available.list.export.uri"}`)
				case polls < 5: // under way when ours was asked for
					resp = answer(r, http.StatusOK, fmt.Sprintf(`{"uri":"https://api.genesystest.invalid/api/v2/downloads/theirs","exportTimestamp":%q}`, stamp(began.Add(-time.Second))))
				case resp.StatusCode == http.StatusOK:
					data, err := io.ReadAll(resp.Body)
					require.NoError(t, err)
					var ours struct{ URI string }
					require.NoError(t, json.Unmarshal(data, &ours))
					resp = answer(r, http.StatusOK, fmt.Sprintf(`{"uri":%q,"exportTimestamp":%q}`, ours.URI, stamp(time.Now())))
				}
				if behind != 0 {
					resp.Header.Set("Date", time.Now().Add(-behind).UTC().Format(http.TimeFormat))
				}
				return resp, nil
			})))
			n := 0
			for _, err := range c.ExportDNCList(t.Context(), list) {
				require.NoError(t, err)
				n++
			}
			assert.Equal(t, 2, n)
			assert.Zero(t, b.p.CountRequests("", "/theirs"))
			assert.Less(t, time.Since(began), 5*time.Minute)
		}
	})
}

// The token goes to the API's host alone, also not to one that only looks like it. What another
// host offers of the API is asked for at the API's own: behind a gateway the platform does not know
// by which name it is reached.
func TestTokenGoesToTheAPIAlone(t *testing.T) {
	const api = "api.genesystest.invalid"
	for uri, host := range map[string]string{
		"https://api.genesystest.invalid/api/v2/downloads/x":               api,
		"https://API.genesystest.INVALID/api/v2/downloads/x":               api,
		"/api/v2/downloads/x":                                              api,
		"https://api.mypurecloud.com/api/v2/downloads/x":                   api,
		"https://api.genesystest.invalid:8443/api/v2/downloads/x":          api,
		"http://gateway.example/api/v2/downloads/x":                        api,
		"//evil.example/api/v2/downloads/x":                                api,
		"https://api.evil.example/api/v2/downloads/../x":                   "api.evil.example",
		"https://api.evil.example/api/v2/downloads/%2e%2e/x":               "api.evil.example",
		"https://api.evil.example/api/v2/outbound/x":                       "api.evil.example",
		"https://api.genesystest.invalid.evil.example/x":                   "api.genesystest.invalid.evil.example",
		"https://api.genesystest.invalid./x":                               "api.genesystest.invalid.",
		"https://login.genesystest.invalid/x":                              "login.genesystest.invalid",
		"https://evil.example/?https://api.genesystest.invalid/":           "evil.example",
		"https://evil.example/api.genesystest.invalid":                     "evil.example",
		"https://evil.example#@api.genesystest.invalid/api/v2/downloads/x": "evil.example",
		"https://evil.example\\u005c@api.genesystest.invalid/api/v2/x":     "", // no address at all
		"https://a:b@evil.example/x":                                       "",
		"http://evil.example/x":                                            "",
	} {
		b := newBed(t)
		list := b.p.AddDNCList("x")
		posted := false
		got := ""
		c := b.client(once, genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/export") && r.Method == http.MethodGet && posted:
				return answer(r, http.StatusOK, fmt.Sprintf(`{"uri":"%s","exportTimestamp":%q}`, uri, time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano))), nil
			case strings.HasSuffix(r.URL.Path, "/export"), strings.HasSuffix(r.URL.Path, "/dnclists/"+list):
				posted = posted || r.Method == http.MethodPost
				return b.p.RoundTrip(r)
			case strings.HasPrefix(r.URL.Path, "/oauth/"):
				return b.p.RoundTrip(r)
			}
			got = strings.ToLower(r.URL.Host)
			assert.Equal(t, got == api, r.Header.Get("Authorization") != "", uri)
			return answer(r, http.StatusOK, "PhoneNumber,ContactMethod,ExpirationDateTime\r\n"), nil
		})))
		for _, err := range c.ExportDNCList(t.Context(), list) {
			if host != "" {
				require.NoError(t, err, uri)
			}
		}
		assert.Equal(t, host, got, uri)
	}
}
