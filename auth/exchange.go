package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/servertime"
	"github.com/dnc-go/dnc/retry"
)

// maxReply bounds a login's reply, after decompression. A real one has about 200 bytes.
const maxReply = 64 << 10

// exchange is the transport of one request for a token. It is between x/oauth2 and the network to
// see what RetrieveError does not tell (Retry-After, a description in either of two fields), to
// bound the body, and to read expires_in, on whose odd forms x/oauth2 fails or makes a token that
// never dies.
type exchange struct {
	base http.RoundTripper

	status    int // 0 until there was a response
	code      string
	throttled bool
	wait      time.Duration
	life      time.Duration
	cut       error // why the body could not be read to its end
}

func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	// A login is asked once a day: a connection kept open, and its two goroutines, are of no use.
	req = req.Clone(req.Context())
	req.Close = true
	resp, err := x.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	x.status = resp.StatusCode
	x.wait, _ = retry.ParseRetryAfter(resp.Header.Get("Retry-After"), servertime.Of(resp.Header))

	var body []byte
	if resp.Body != nil {
		body, x.cut = io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
		_ = resp.Body.Close()
	}
	if len(body) > maxReply {
		body, x.cut = nil, errTooLong
	}
	body = x.read(body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Header = http.Header{
		"Content-Type": {"application/json"}, // x/oauth2 would read text/plain as a query string
		"Location":     resp.Header["Location"],
	}
	return resp, nil
}

var errTooLong = errors.New("the reply is longer than 64 KiB")

// read takes from a JSON object what is of interest, and returns the object without expires_in.
func (x *exchange) read(body []byte) []byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return body
	}
	text := func(field string) (s string) {
		_ = json.Unmarshal(fields[field], &s)
		return s
	}
	x.code = text("error")
	for _, field := range []string{"error_description", "description"} {
		// The platform throttles its login with a 400 of this text, not with a 429: its Terraform
		// provider, provider.go.
		if x.status == http.StatusBadRequest && strings.HasPrefix(strings.ToLower(text(field)), "rate limit exceeded") {
			x.throttled = true
		}
	}
	x.life = parseLife(fields["expires_in"])
	delete(fields, "expires_in")
	if rest, err := json.Marshal(fields); err == nil {
		return rest
	}
	return body
}

// parseLife reads expires_in: a number of seconds, or a string that holds one. Anything else is 0.
func parseLife(raw json.RawMessage) time.Duration {
	seconds, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	switch {
	case math.IsNaN(seconds) || seconds <= 0:
		return 0
	case seconds > longestLife.Seconds(): // also +Inf, which comes with an error
		return longestLife
	case err != nil:
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// safeCode returns the error code if it is one: what a server puts there may also be what it was
// sent.
func (x *exchange) safeCode(secrets ...string) string {
	if len(x.code) > 64 {
		return ""
	}
	for _, c := range []byte(x.code) {
		if (c < 'a' || c > 'z') && c != '_' && c != '.' {
			return ""
		}
	}
	for _, s := range secrets {
		if s != "" && strings.Contains(x.code, s) {
			return ""
		}
	}
	return x.code
}
