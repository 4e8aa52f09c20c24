package auth

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	testID     = "5ba1e0e5-1de5-4d3f-a1d0-7c2b9e3a4f10"
	testSecret = "canary-s3cr3t_of-the.client"
)

// login is a login server without a network: each request gets the next answer, and all further
// ones the last.
type login struct {
	mu       sync.Mutex
	answers  []func(*http.Request) (*http.Response, error)
	requests []*http.Request
	bodies   []string
}

func (l *login) RoundTrip(req *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(req.Body)
	l.mu.Lock()
	l.requests = append(l.requests, req)
	l.bodies = append(l.bodies, string(body))
	answer := l.answers[min(len(l.requests), len(l.answers))-1]
	l.mu.Unlock()
	return answer(req)
}

func (l *login) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.requests)
}

// reply answers with a status, a body, and header lines "Name: value".
func reply(status int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}}
		for _, line := range header {
			name, value, _ := strings.Cut(line, ": ")
			h.Set(name, value)
		}
		return &http.Response{
			StatusCode: status, Status: fmt.Sprint(status), Header: h, Request: req,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
}

// granted answers with a token that lives for an hour.
func granted(token string) func(*http.Request) (*http.Response, error) {
	return reply(200, fmt.Sprintf(`{"access_token":%q,"token_type":"bearer","expires_in":3600}`, token))
}

func failed(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// credentials are complete, for the given login.
func credentials(t *testing.T, answers ...func(*http.Request) (*http.Response, error)) (ClientCredentials, *login) {
	t.Helper()
	region, err := ParseRegion("eu-west-1")
	require.NoError(t, err)
	l := &login{answers: answers}
	return ClientCredentials{Region: region, ClientID: testID, ClientSecret: NewSecret(testSecret), Transport: l}, l
}

func source(t *testing.T, answers ...func(*http.Request) (*http.Response, error)) (*Source, *login) {
	t.Helper()
	c, l := credentials(t, answers...)
	s, err := c.Source()
	require.NoError(t, err)
	return s, l
}
