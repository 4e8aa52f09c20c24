package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// errExposed is what listen refuses.
var errExposed = errors.New("without a bearer token in DNC_BEARER_TOKEN the server listens only on loopback, for example -addr 127.0.0.1:8080")

// listen opens -addr. Without a token it opens only what other machines cannot reach. A host name
// is resolved once, and the address that was judged is the one that is opened: between two look-ups
// a name can change its meaning.
func listen(ctx context.Context, c config) (net.Listener, error) {
	host, port, err := net.SplitHostPort(c.addr)
	if err != nil {
		return nil, errors.New("-addr must be host:port, such as 127.0.0.1:8080")
	}
	addr := c.addr
	if c.token == "" {
		ip, err := loopback(ctx, host)
		if err != nil {
			return nil, err
		}
		addr = net.JoinHostPort(ip.String(), port)
	}
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("-addr: %w", err)
	}
	return listener, nil
}

// loopback is the address that a host means, if every address it means is one of this machine
// alone.
func loopback(ctx context.Context, host string) (netip.Addr, error) {
	if host == "" { // all addresses
		return netip.Addr{}, errExposed
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host) // hands an address back as it is
	if err != nil || len(ips) == 0 {
		return netip.Addr{}, errors.New("-addr: the host name is unknown")
	}
	chosen := ips[0].Unmap()
	for _, ip := range ips {
		ip = ip.Unmap()
		if !ip.IsLoopback() {
			return netip.Addr{}, errExposed
		}
		if ip.Is4() && !chosen.Is4() { // what clients of "localhost" try for sure
			chosen = ip
		}
	}
	return chosen, nil
}
