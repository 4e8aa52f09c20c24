package redistest

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy stands between a client and a server and spoils what the server answers.
type Proxy struct {
	listener net.Listener
	target   string
	spoil    atomic.Pointer[Spoil]
	mu       sync.Mutex
	conns    map[net.Conn]bool
	closed   bool
	wg       sync.WaitGroup
}

// Spoil is what a Proxy does to answers.
type Spoil struct {
	Swallow  bool // nothing arrives
	CutAfter int  // so many bytes arrive on a connection, then it is reset
	Slices   int  // answers arrive in pieces of so many bytes
}

// StartProxy starts a proxy in front of a server.
func StartProxy(tb testing.TB, s *Server) *Proxy {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed with the test
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{listener: l, target: s.Addr(), conns: make(map[net.Conn]bool)}
	p.wg.Go(p.accept)
	tb.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		p.Reset()
		p.wg.Wait()
	})
	return p
}

// URL is the proxy's address as dnc.RedisOptions reads it.
func (p *Proxy) URL() string { return "redis://" + p.listener.Addr().String() }

// Set spoils from now on; the zero Spoil lets everything through.
func (p *Proxy) Set(s Spoil) { p.spoil.Store(&s) }

// Reset ends every connection with a TCP reset.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if t, ok := c.(*net.TCPConn); ok {
			_ = t.SetLinger(0)
		}
		_ = c.Close()
	}
	clear(p.conns)
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target) //nolint:noctx // on the loopback
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns[client], p.conns[server] = true, true
		if p.closed {
			_, _ = client.Close(), server.Close()
		}
		p.mu.Unlock()
		p.wg.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() })
		p.wg.Go(func() { p.back(client, server) })
	}
}

func (p *Proxy) back(client, server net.Conn) {
	defer func() { _ = client.Close() }()
	buf := make([]byte, 32<<10)
	passed := 0
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		s := p.spoil.Load()
		if s == nil {
			s = &Spoil{}
		}
		out := buf[:n]
		switch {
		case s.Swallow:
			continue
		case s.CutAfter > 0 && passed+n > s.CutAfter:
			_, _ = client.Write(out[:max(0, s.CutAfter-passed)])
			return
		}
		passed += n
		step := len(out)
		if s.Slices > 0 {
			step = s.Slices
		}
		for len(out) > 0 {
			k := min(step, len(out))
			if _, err := client.Write(out[:k]); err != nil {
				return
			}
			out = out[k:]
		}
	}
}
