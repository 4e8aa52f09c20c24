package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// A Source returns tokens and renews them. Get one from [ClientCredentials.Source] or [FromOAuth2].
// Use one Source for everything with the same credentials, because the platform limits how many
// tokens it gives.
//
// It keeps one token and renews it before it expires. All callers that need a renewal share one.
// The renewal has a timeout of its own: when a caller's context ends, that caller returns, and the
// renewal goes on for the others. While a renewal fails or hangs, callers get the old token as long
// as it is valid. After a renewal has failed, the next one waits, 1 s at first and up to 30 s, or
// as long as the login server asked. Until then callers get the last error at once. The next
// renewal then makes only one try, because callers that try again would multiply its tries.
//
// The zero Source returns only an error. A Source is safe for concurrent use.
type Source struct {
	region    Region
	fetch     func(ctx context.Context, once bool) (Token, error)
	timeout   time.Duration // of one renewal; 0: none
	early     time.Duration
	logger    *slog.Logger      // nil: slog.Default()
	transport http.RoundTripper // nil if none was given

	mu       sync.Mutex
	token    Token
	issued   time.Time // when token was issued to us
	rejected int       // how many tokens in a row were refused at once
	running  *renewal
	failed   *Error    // of the last renewal; nil if it succeeded
	failures int       // in a row
	resume   time.Time // when the next renewal may start
}

func newSource(region Region, fetch func(ctx context.Context, once bool) (Token, error)) *Source {
	return &Source{
		region: region,
		fetch:  fetch,
		early:  defaultEarly,
	}
}

// Region is the region in which the tokens are valid.
func (s *Source) Region() Region { return s.region }

// Transport is ClientCredentials.Transport, or nil. By default genesys.NewCampaignClient uses it
// for its own requests too.
func (s *Source) Transport() http.RoundTripper { return s.transport }

// Token returns a token that is valid now and for some time, from memory if possible. Errors are of
// type [*Error]. If the context has ended, the error wraps the context's Err and its cause.
func (s *Source) Token(ctx context.Context) (Token, error) {
	if s == nil || s.fetch == nil {
		return Token{}, &Error{reason: "the source has no credentials", Err: ErrInvalidConfig}
	}
	if ctx.Err() != nil {
		return Token{}, leave(ctx)
	}
	s.mu.Lock()
	now := time.Now()
	if now.Before(s.renewAt()) {
		defer s.mu.Unlock()
		return s.token, nil
	}
	if s.running == nil {
		if now.Before(s.resume) {
			defer s.mu.Unlock()
			if now.Before(s.token.Expiry) {
				return s.token, nil
			}
			return Token{}, s.failed.later(s.resume.Sub(now))
		}
		s.start(ctx)
	}
	running, old := s.running, s.token
	s.mu.Unlock()
	return running.wait(ctx, old)
}

// Invalidate drops the token, if it is the one in memory, so that the next call of Token renews it.
// Call it when the API answers 401: a token can become invalid before it expires. For any other
// token it does nothing. So if many requests with one token fail, there is only one renewal.
func (s *Source) Invalidate(token Token) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if token.Value.IsZero() || !s.token.Value.equal(token.Value) {
		return
	}
	if time.Since(s.issued) > freshFor {
		s.rejected = 0
	}
	s.rejected++
	s.token = Token{}
	if s.rejected >= mostRejected {
		// Tokens that are refused as soon as they come are not cured by ever more logins.
		s.failed = &Error{reason: "the API refuses every new token", retryable: true}
		s.resume = time.Now().Add(backoff(s.rejected - mostRejected + 1))
	}
}

const (
	freshFor     = 10 * time.Second
	mostRejected = 20
)

// renewAt is when the token in memory is due: EarlyExpiry before its end, or after half its life if
// that is later: otherwise a token that lives shorter than EarlyExpiry is renewed at each call. It is
// the zero time if there is no token.
func (s *Source) renewAt() time.Time {
	if s.token.Value.IsZero() {
		return time.Time{}
	}
	half := s.token.Expiry.Sub(s.issued) / 2
	return s.token.Expiry.Add(-min(s.early, half))
}

// backoff is the pause after a number of failed renewals: 1, 2, 4, 8, 16 and then 30 s.
func backoff(failures int) time.Duration {
	if failures > 5 {
		return 30 * time.Second
	}
	return time.Second << (failures - 1)
}

// leave is the error of a caller whose context has ended.
func leave(ctx context.Context) *Error {
	err := ctx.Err()
	if cause := context.Cause(ctx); !errors.Is(err, cause) {
		err = errors.Join(err, cause)
	}
	return &Error{reason: "the caller's context ended before there was a token", Err: err}
}

// later is the same error with the wait that is left, where waiting helps.
func (e *Error) later(wait time.Duration) *Error {
	c := *e
	if c.retryable {
		c.wait = wait
	}
	return &c
}
