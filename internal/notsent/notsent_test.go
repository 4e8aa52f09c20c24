package notsent_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"

	"github.com/dnc-go/dnc/internal/notsent"
)

func TestIs(t *testing.T) {
	op := func(name string, err error) error { return &net.OpError{Op: name, Net: "tcp", Err: err} }
	reset := os.NewSyscallError("read", syscall.ECONNRESET)
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"nothing":                 {nil, false},
		"dial":                    {op("dial", errors.New("x")), true},
		"dial, wrapped":           {&url.Error{Op: "Post", Err: fmt.Errorf("x: %w", op("dial", errors.New("x")))}, true},
		"refused":                 {os.NewSyscallError("connect", syscall.ECONNREFUSED), true},
		"proxy":                   {op("proxyconnect", errors.New("x")), true},
		"proxy around a dial":     {op("proxyconnect", op("dial", errors.New("x"))), true},
		"proxy around a read":     {op("proxyconnect", op("read", reset)), true},
		"socks around a dial":     {op("socks connect", op("dial", errors.New("x"))), true},
		"other around a dial":     {op("remote", op("dial", errors.New("x"))), true},
		"no such host":            {&net.DNSError{IsNotFound: true}, true},
		"the resolver has failed": {op("dial", &net.DNSError{IsTimeout: true}), true},
		"read":                    {op("read", reset), false},
		"write":                   {op("write", reset), false},
		"reset":                   {syscall.ECONNRESET, false},
		"end":                     {io.ErrUnexpectedEOF, false},
		"joined":                  {errors.Join(io.EOF, op("dial", errors.New("x"))), true},
	} {
		if got := notsent.Is(test.err); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
