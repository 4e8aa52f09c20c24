package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/dnc-go/dnc/internal/noquote"
	"github.com/dnc-go/dnc/internal/servertime"
	"github.com/dnc-go/dnc/retry"
)

// FromOAuth2 makes a [Source] of any [oauth2.TokenSource], for credentials of other kinds. With a
// nil TokenSource the Source returns only an error.
//
// An oauth2.TokenSource takes no context. A caller still returns when its context ends, but the
// renewal goes on until the TokenSource returns. Only one renewal runs at a time. A TokenSource
// with a cache of its own, such as [oauth2.ReuseTokenSource], returns the same token again after
// [Source.Invalidate]. A token without an expiry is renewed after 30 s.
func FromOAuth2(region Region, tokens oauth2.TokenSource) *Source {
	if tokens == nil {
		return newSource(region, nil)
	}
	return newSource(region, func(context.Context, bool) (Token, error) {
		got, err := tokens.Token()
		if err != nil {
			return Token{}, foreign(err)
		}
		if got == nil {
			return Token{}, &Error{reason: "the token source returned no token"}
		}
		now := time.Now()
		token := Token{Value: NewSecret(got.AccessToken), Expiry: now.Add(defaultLife)}
		if !got.Expiry.IsZero() && !now.Before(got.Expiry) {
			return Token{}, &Error{reason: "the token source's token has expired", retryable: true}
		}
		if !got.Expiry.IsZero() {
			token.Expiry = now.Add(min(got.Expiry.Sub(now), longestLife))
		}
		if !token.printable() {
			return Token{}, &Error{reason: "the token source's token cannot be sent in a header"}
		}
		return token, nil
	})
}

// foreign takes over an error of another token source. Of those that x/oauth2 and its HTTP client
// make only what quotes no reply is kept; a RetrieveError prints the response's body.
func foreign(err error) *Error {
	retrieve, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		if _, ours := errors.AsType[*Error](err); ours {
			return asError(err)
		}
		if u, failed := errors.AsType[*url.Error](err); failed {
			err = noquote.Error(u.Err)
		} else if strings.HasPrefix(err.Error(), "oauth2: ") {
			err = noquote.Error(err)
		}
		return asError(err)
	}
	x := &exchange{code: retrieve.ErrorCode}
	if retrieve.Response != nil {
		x.status = retrieve.Response.StatusCode
		x.wait, _ = retry.ParseRetryAfter(retrieve.Response.Header.Get("Retry-After"), servertime.Of(retrieve.Response.Header))
	}
	code := x.safeCode()
	x.read(retrieve.Body) // the platform throttles with a 400
	e := &Error{reason: "the token source failed", Status: x.status, Code: code, wait: x.wait}
	e.retryable = x.throttled || e.Status == http.StatusTooManyRequests || e.Status >= http.StatusInternalServerError
	return e
}

// OAuth2 returns the source as an [oauth2.TokenSource], for code that needs one. It asks for tokens
// with ctx, because the methods of that interface take no context.
//
// Give it to an [oauth2.Transport] directly. oauth2.NewClient and oauth2.ReuseTokenSource keep a
// copy of the token, which [Source.Invalidate] cannot drop. An oauth2.Token is printed in full by
// %+v.
func (s *Source) OAuth2(ctx context.Context) oauth2.TokenSource {
	return tokenFunc(func() (*oauth2.Token, error) {
		token, err := s.Token(ctx)
		if err != nil {
			return nil, fmt.Errorf("oauth2: %w", err)
		}
		return &oauth2.Token{AccessToken: token.Value.Reveal(), TokenType: "Bearer", Expiry: token.Expiry}, nil
	})
}

type tokenFunc func() (*oauth2.Token, error)

func (f tokenFunc) Token() (*oauth2.Token, error) { return f() }
