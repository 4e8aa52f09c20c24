// Package notsent tells errors of requests that cannot have reached a server.
package notsent

import (
	"errors"
	"net"
	"slices"
	"syscall"
)

// steps are the operations of package net, and of net/http with a proxy, that come before a request
// is sent.
var steps = []string{"dial", "proxyconnect", "socks connect"}

// Is reports whether an error says that no connection was established, so that the server cannot
// have acted.
func Is(err error) bool {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	for e := err; e != nil; {
		op, ok := errors.AsType[*net.OpError](e)
		if !ok {
			return false
		}
		if slices.Contains(steps, op.Op) {
			return true
		}
		e = op.Err
	}
	return false
}
