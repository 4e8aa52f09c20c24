package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/dnc-go/dnc/internal/noquote"
	"github.com/dnc-go/dnc/retry"
)

// ClientCredentials are the id and the secret with which a service logs in (OAuth 2.0, RFC 6749,
// section 4.4). Region, ClientID and ClientSecret are required. Every other field has a default.
// Printing ClientCredentials does not show the secret.
type ClientCredentials struct {
	Region       Region
	ClientID     string
	ClientSecret Secret

	// Transport sends the login requests. nil means http.DefaultTransport. Redirects are never
	// followed.
	Transport http.RoundTripper

	// Retry says how a failed login is repeated. The zero Policy means 4 tries of at most 10 s,
	// waits of up to 1, 2 and 4 s, and a Retry-After of up to 20 s. If the login server throttles
	// without a Retry-After, the waits are 1, 2 and 4 s. After a renewal has failed, the next
	// renewals have one try each, until one succeeds.
	Retry retry.Policy

	// Timeout bounds one renewal with all its tries. 0 means 30 s.
	Timeout time.Duration

	// EarlyExpiry is how long before its end a token is renewed. It is at most half of the token's
	// lifetime. 0 means 60 s.
	EarlyExpiry time.Duration

	// Logger gets one Debug for each renewal and one Warn for each repeat. nil is slog.Default() at
	// the time of the message.
	Logger *slog.Logger
}

const (
	defaultTimeout = 30 * time.Second
	defaultEarly   = 60 * time.Second

	// throttledWait is the first wait for a login that throttles and does not say for how long, as
	// the platform's 400 does. Each further one is twice as long: callers wait for the token, and
	// most have seconds.
	throttledWait = time.Second
)

// Source checks the form of the credentials and returns a source of tokens. It sends nothing.
// Errors wrap [ErrInvalidConfig].
func (c ClientCredentials) Source() (*Source, error) {
	switch {
	case c.Region.IsZero():
		return nil, fmt.Errorf("%w: Region is missing", ErrInvalidConfig)
	case c.ClientID == "":
		return nil, fmt.Errorf("%w: ClientID is missing", ErrInvalidConfig)
	case c.ClientSecret.IsZero():
		return nil, fmt.Errorf("%w: ClientSecret is missing", ErrInvalidConfig)
	case c.Timeout < 0:
		return nil, fmt.Errorf("%w: Timeout is %v, want 0 (30 s) or more", ErrInvalidConfig, c.Timeout)
	case c.EarlyExpiry < 0:
		return nil, fmt.Errorf("%w: EarlyExpiry is %v, want 0 (60 s) or more", ErrInvalidConfig, c.EarlyExpiry)
	}
	if err := c.Retry.Validate(); err != nil {
		return nil, fmt.Errorf("%w: Retry: %w", ErrInvalidConfig, err)
	}
	given := c.Transport
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	if c.Retry == (retry.Policy{}) {
		c.Retry = retry.Policy{BaseDelay: time.Second, MaxDelay: 20 * time.Second, AttemptTimeout: 10 * time.Second}
	}
	if c.Retry.Logger == nil {
		c.Retry.Logger = c.Logger
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.EarlyExpiry == 0 {
		c.EarlyExpiry = defaultEarly
	}
	s := newSource(c.Region, c.login)
	s.transport = given
	s.timeout, s.early, s.logger = c.Timeout, c.EarlyExpiry, c.Logger
	return s, nil
}

// login asks for a token as often as the policy allows, or once.
func (c ClientCredentials) login(ctx context.Context, once bool) (Token, error) {
	if once {
		c.Retry.MaxAttempts = 1
	}
	throttled := throttledWait
	// The error that comes out is retry's; asError takes the *Error out of it.
	return retry.DoValue(ctx, c.Retry, func(ctx context.Context) (Token, error) {
		token, err := c.ask(ctx)
		if e, ok := errors.AsType[*Error](err); ok && e.throttled && e.wait <= 0 {
			e.wait, throttled = throttled, 2*throttled
		}
		return token, err
	})
}

// ask sends one request for a token.
func (c ClientCredentials) ask(ctx context.Context) (Token, error) {
	x := &exchange{base: noquote.Transport(c.Transport)}
	client := &http.Client{
		Transport: x,
		// A redirect would carry the secret to whatever host it names.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	config := clientcredentials.Config{
		ClientID:     c.ClientID,
		ClientSecret: c.ClientSecret.Reveal(),
		TokenURL:     c.Region.LoginURL() + "/oauth/token",
		AuthStyle:    oauth2.AuthStyleInHeader, // probing would send the secret twice, in two forms
	}
	sent := time.Now()
	got, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil || x.cut != nil {
		return Token{}, c.failure(x, err)
	}
	token := Token{Value: NewSecret(got.AccessToken), Expiry: sent.Add(sensible(x.life))}
	if !token.printable() {
		return Token{}, &Error{Status: x.status, reason: "the login's token cannot be sent in a header"}
	}
	return token, nil
}

// failure says what went wrong without quoting x/oauth2, whose errors print the body.
func (c ClientCredentials) failure(x *exchange, err error) *Error {
	e := &Error{Status: x.status, Code: x.safeCode(c.ClientSecret.Reveal(), c.ClientID), wait: x.wait}
	switch {
	case x.status == 0:
		e.reason, e.Err, e.retryable = "the login cannot be reached", err, true
	case x.throttled || x.status == http.StatusTooManyRequests:
		e.reason, e.retryable, e.throttled = "the login is throttled", true, true
	case x.status == http.StatusRequestTimeout || x.status >= 500 && x.status != http.StatusNotImplemented:
		e.reason, e.retryable = "the login failed", true
	case x.status >= 300 && x.status < 400:
		e.reason = "the login redirects, which is not followed"
	case e.Code != "" || x.status == http.StatusBadRequest || x.status == http.StatusUnauthorized:
		e.reason = "the login refused the credentials"
	case x.status >= 400:
		// A login says why in JSON (RFC 6749, section 5.2). Without that it may have been a proxy.
		e.reason = "something refused the credentials that may be no login: look at the region, gateways and proxies"
	case x.cut != nil:
		e.reason, e.Err = "the login's reply could not be read", x.cut
		e.retryable = !errors.Is(x.cut, errTooLong)
	default:
		e.reason = "the login's reply is not a token"
	}
	return e
}
