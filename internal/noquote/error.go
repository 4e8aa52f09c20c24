package noquote

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// Error is an error of net/http that quotes nothing, for one that did not go through [Transport].
func Error(err error) error { return clean(err, nil) }

// clean returns err if it is known to quote nothing, and else an error without its text that stands
// for the same: errors.Is gives the same answers, errors.As finds those parts of it that quote
// nothing, and Timeout says what it said. cause is the end of the request's context, which net/http
// returns as it is; it is the caller's own.
func clean(err, cause error) error {
	if err == nil || quotesNothing(err, cause) {
		return err
	}
	h := &hidden{is: func(target error) bool { return errors.Is(err, target) }}
	if e, ok := errors.AsType[net.Error](err); ok {
		h.timeout = e.Timeout()
	}
	h.known = known(err, cause)
	if len(h.known) == 0 {
		if p := ofProxy(err.Error()); p != nil {
			h.known = []error{p}
		} else if text := own.FindString(err.Error()); text != "" {
			h.known = []error{errors.New(text)}
		}
	}
	leaf := err
	for next := children(leaf); len(next) > 0; next = children(leaf) {
		leaf = next[0]
	}
	h.text = fmt.Sprintf("the exchange failed with a %T, whose text may quote the reply", leaf)
	if len(h.known) > 0 {
		h.text = "the exchange failed: " + h.known[0].Error()
	}
	return h
}

// own finds the beginning of a text that net/http makes of numbers and of words of its own. What is
// behind it may be the server's.
var own = regexp.MustCompile(`^(stream error: stream ID \d+; [A-Z_0-9]+` +
	`|connection error: [A-Z_0-9]+` +
	`|http2: server sent GOAWAY and closed the connection; LastStreamID=\d+, ErrCode=[A-Z_0-9]+` +
	`|net/http: server response headers exceeded \d+ bytes` +
	`|net/http: HTTP/1\.x transport connection broken: malformed (HTTP (response|status code|version)|MIME header))`)

// ofProxy is what net/http says where a proxy is at fault, in words that quote nothing. It has no
// types for these errors. They come before the request is sent, and say so where the text leaves no
// doubt.
func ofProxy(text string) error {
	needsLogin := http.StatusText(http.StatusProxyAuthRequired)
	before := func(err error) error { return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err} }
	switch {
	case strings.HasPrefix(text, "invalid proxy address "):
		return before(errors.New("the address of the proxy is not a URL: look at HTTPS_PROXY and HTTP_PROXY"))
	case text == needsLogin:
		return before(fmt.Errorf("the proxy answered %q: put name and password into its URL", needsLogin))
	}
	for status := http.StatusMultipleChoices; status < 600; status++ {
		if text != "" && text == http.StatusText(status) {
			return fmt.Errorf("a proxy answered %q", text)
		}
	}
	return nil
}

// hidden has no field that holds the error it hides: fmt prints fields.
type hidden struct {
	text    string
	timeout bool
	known   []error
	is      func(error) bool
}

func (h *hidden) Error() string        { return h.text }
func (h *hidden) Is(target error) bool { return h.is(target) }
func (h *hidden) Unwrap() []error      { return h.known }
func (h *hidden) Timeout() bool        { return h.timeout }
func (h *hidden) Temporary() bool      { return h.timeout }

// sentinels have texts of their own.
var sentinels = []error{
	io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed, os.ErrDeadlineExceeded, context.Canceled, context.DeadlineExceeded,
	http.ErrSchemeMismatch, http.ErrBodyReadAfterClose, http.ErrLineTooLong, gzip.ErrHeader, gzip.ErrChecksum,
}

// texts are those of errors of net/http that have no name to compare with, and tell what is wrong.
var texts = []string{
	"http: server closed idle connection",
	"http2: client connection lost",
	"http2: timeout awaiting response headers",
	"net/http: timeout awaiting response headers",
	"net/http: TLS handshake timeout",
	"net/http: request canceled",
	"net/http: request canceled while waiting for connection",
}

// quotesNothing is true for errors whose text is made by this side of the connection, through and
// through. What is not known is taken to quote: net/http makes some of its errors with fmt.Errorf.
func quotesNothing(err, cause error) bool {
	if same(err, cause) || slices.ContainsFunc(sentinels, func(s error) bool { return same(err, s) }) || slices.Contains(texts, err.Error()) {
		return true
	}
	switch e := err.(type) { //nolint:errorlint // Each layer is looked at by itself.
	case syscall.Errno, *net.DNSError, *net.AddrError, flate.CorruptInputError,
		tls.RecordHeaderError, *tls.CertificateVerificationError, x509.UnknownAuthorityError, x509.HostnameError, x509.CertificateInvalidError:
		return true
	case *net.OpError, *os.SyscallError:
	case interface{ Retryable() bool }: // made for package retry
	default:
		return fmt.Sprintf("%T", e) == "tls.alert"
	}
	return !slices.ContainsFunc(children(err), func(inner error) bool { return !quotesNothing(inner, cause) })
}

// known finds the largest parts of err that quote nothing. Of an error of the network the outside
// is kept in any case.
func known(err, cause error) []error {
	if quotesNothing(err, cause) {
		return []error{err}
	}
	if e, ok := err.(*net.OpError); ok { //nolint:errorlint // As above.
		c := *e
		c.Err = clean(e.Err, cause)
		return []error{&c}
	}
	var parts []error
	for _, inner := range children(err) {
		parts = append(parts, known(inner, cause)...)
	}
	return parts
}

func children(err error) []error {
	switch e := err.(type) { //nolint:errorlint // As above.
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return []error{inner}
		}
	case interface{ Unwrap() []error }:
		return slices.DeleteFunc(slices.Clone(e.Unwrap()), func(inner error) bool { return inner == nil })
	}
	return nil
}

// same is ==, which panics for errors that cannot be compared.
func same(a, b error) bool {
	both := a != nil && b != nil && reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable()
	return both && a == b //nolint:errorlint // This error itself, not what it wraps.
}
