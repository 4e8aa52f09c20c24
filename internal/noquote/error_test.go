package noquote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type spoken struct{ inner error }

func (spoken) Error() string   { return "spoken" }
func (spoken) Retryable() bool { return true }
func (s spoken) Unwrap() error { return s.inner }

type list []error // cannot be compared

func (list) Error() string { return "canary" }

func TestClean(t *testing.T) {
	cause := errors.New("the user hung up")
	quote := textproto.ProtocolError("malformed MIME header line: canary")
	reset := &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	for _, err := range []error{
		nil, io.EOF, io.ErrUnexpectedEOF, context.Canceled, context.DeadlineExceeded, cause, reset,
		spoken{},
		spoken{reset},
		&net.DNSError{Err: "no such host", Name: "host", IsNotFound: true},
	} {
		assert.Equal(t, err, clean(err, cause), "as it is")
	}
	for name, test := range map[string]struct {
		err  error
		text string
	}{
		"alone":          {quote, "the exchange failed with a textproto.ProtocolError, whose text may quote the reply"},
		"wrapped":        {fmt.Errorf("broken: %w", quote), "the exchange failed with a textproto.ProtocolError, whose text may quote the reply"},
		"no type":        {errors.New("canary"), "the exchange failed with a *errors.errorString, whose text may quote the reply"},
		"not comparable": {list{}, "the exchange failed with a noquote.list, whose text may quote the reply"},
		"network inside": {fmt.Errorf("canary: %w", reset), "the exchange failed: read tcp: read: connection reset by peer"},
		"network around": {
			&net.OpError{Op: "proxyconnect", Net: "tcp", Err: errors.New("canary")},
			"the exchange failed: proxyconnect tcp: the exchange failed with a *errors.errorString, whose text may quote the reply",
		},
		"end of context": {fmt.Errorf("canary: %w", cause), "the exchange failed: the user hung up"},
		"joined":         {errors.Join(quote, io.ErrUnexpectedEOF), "the exchange failed: unexpected EOF"},
		"spoken":         {spoken{quote}, "the exchange failed with a textproto.ProtocolError, whose text may quote the reply"},
	} {
		err := clean(test.err, cause)
		require.EqualError(t, err, test.text, name)
		for _, is := range []error{quote, reset, cause, io.ErrUnexpectedEOF, syscall.ECONNRESET} {
			assert.Equal(t, errors.Is(test.err, is), errors.Is(err, is), "%s: %v", name, is)
		}
		_, raw := errors.AsType[textproto.ProtocolError](err)
		assert.False(t, raw, "%s: what quotes cannot be had", name)
		_, op := errors.AsType[*net.OpError](test.err)
		_, got := errors.AsType[*net.OpError](err)
		assert.Equal(t, op, got, name)
		assert.NotContains(t, fmt.Sprintf("%+v %#v", err, err), "canary", name)
	}

	late := clean(fmt.Errorf("canary: %w", &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}), nil)
	e, ok := errors.AsType[net.Error](late)
	require.True(t, ok)
	assert.True(t, e.Timeout())
}
