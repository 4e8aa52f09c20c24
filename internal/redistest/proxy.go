package redistest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy is a TCP proxy between clients and one or more servers. It decides to which server a
// connection goes, as a balancer, a DNS name or a Kubernetes Service does, and it spoils what the
// servers answer, as a bad network does. It reads no RESP.
type Proxy struct {
	servers []string
	addr    string
	spoil   atomic.Pointer[Spoil]
	lose    atomic.Pointer[losing] // see LoseReply
	lost    atomic.Int64
	stop    chan struct{} // closed when the test ends: nobody waits any longer
	wg      sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil: connections are refused
	rule     Rule
	accepted int
	links    map[*link]bool
	closed   bool
}

// Rule chooses the server of a connection. Connections are counted from 0 as they arrive, servers
// as they were given.
type Rule func(connection int) (server int)

// To is the rule that every connection goes to one server.
func To(server int) Rule { return func(int) int { return server } }

// RoundRobin is the rule that connections go to n servers in turn.
func RoundRobin(n int) Rule { return func(connection int) int { return connection % n } }

// FirstAlone is the rule that connection 0 goes to server 0, and all others to server 1.
func FirstAlone(connection int) int { return min(connection, 1) }

// Spoil is what a Proxy does to traffic. The zero Spoil lets everything through. Faults can be
// combined.
type Spoil struct {
	Swallow   bool          // requests are run and no answer arrives
	BlackHole bool          // no request arrives: connections are accepted, and nothing ever answers
	CutAfter  int           // this many bytes of answers arrive on a connection, then it ends
	Slices    int           // answers arrive in pieces of this many bytes
	Delay     time.Duration // answers arrive this much later
	Rate      int           // answers arrive at this many bits per second on each connection
}

// Addressed is a Server, a Fake, or another Proxy.
type Addressed interface{ Addr() string }

// StartProxy starts a proxy in front of one server.
func StartProxy(tb testing.TB, s Addressed) *Proxy {
	tb.Helper()
	return StartBalancer(tb, To(0), s)
}

// StartBalancer starts a proxy in front of several servers.
func StartBalancer(tb testing.TB, rule Rule, servers ...Addressed) *Proxy {
	tb.Helper()
	p := &Proxy{rule: rule, links: make(map[*link]bool), stop: make(chan struct{})}
	for _, s := range servers {
		p.servers = append(p.servers, s.Addr())
	}
	p.Accept(tb)
	tb.Cleanup(func() {
		close(p.stop)
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		p.Refuse()
		p.Reset()
		p.wg.Wait()
	})
	return p
}

// Addr is the proxy's host and port. They stay the same.
func (p *Proxy) Addr() string { return p.addr }

// URL is the proxy's address as dnc.RedisOptions reads it.
func (p *Proxy) URL() string { return "redis://" + p.addr }

// Set spoils from now on, on connections that exist as well.
func (p *Proxy) Set(s Spoil) { p.spoil.Store(&s) }

// Use has new connections follow another rule. Those that exist stay where they are.
func (p *Proxy) Use(rule Rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rule = rule
}

// Refuse closes the port: new connections are refused, those that exist stay.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
}

// Accept opens the port again.
func (p *Proxy) Accept(tb testing.TB) {
	tb.Helper()
	l, err := p.listen()
	if err != nil {
		tb.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener, p.addr = l, l.Addr().String()
	p.wg.Go(func() { p.accept(l) })
}

// listen listens on the proxy's port, and picks that the first time. It is none of those that the
// system hands out: while the proxy refuses connections, nobody else gets it.
func (p *Proxy) listen() (l net.Listener, err error) {
	if p.addr != "" {
		return net.Listen("tcp", p.addr) //nolint:noctx // closed with the test
	}
	for range 100 {
		l, err = net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(20_000+rand.IntN(10_000))) //nolint:noctx // as above
		if err == nil {
			break
		}
	}
	return l, err
}

// Reset ends every connection with a TCP reset.
func (p *Proxy) Reset() { p.each(func(*link) bool { return true }, (*link).reset) }

// ResetTo ends every connection to one server with a TCP reset.
func (p *Proxy) ResetTo(server int) {
	p.each(func(l *link) bool { return l.to == server }, (*link).reset)
}

// Forget does to every connection that exists what a firewall does to an idle one: nothing passes
// any more, and neither side is told. New connections work.
func (p *Proxy) Forget() {
	p.each(func(*link) bool { return true }, func(l *link) { l.forgotten.Store(true) })
}

// Count is the number of connections to a server that are open now.
func (p *Proxy) Count(server int) (n int) {
	p.each(func(l *link) bool { return l.to == server }, func(*link) { n++ })
	return n
}

// Accepted is the number of connections that arrived so far.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// LoseReply loses the reply to a request that holds a text, as the name of a command, in any case:
// the first after skip others. The empty text is in every request. The server runs the request; the
// client's connection is reset instead of an answer. Lost says that it has happened.
func (p *Proxy) LoseReply(text string, skip int) {
	l := &losing{text: []byte(strings.ToLower(text))}
	l.skip.Store(int64(skip))
	p.lose.Store(l)
}

// losing is which reply is to be lost.
type losing struct {
	text []byte
	skip atomic.Int64
}

// Lost is how many replies were lost by LoseReply.
func (p *Proxy) Lost() int { return int(p.lost.Load()) }

func (p *Proxy) each(which func(*link) bool, do func(*link)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		if which(l) {
			do(l)
		}
	}
}

func (p *Proxy) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		to := p.rule(p.accepted)
		p.accepted++
		p.mu.Unlock()
		server, err := net.Dial("tcp", p.servers[to]) //nolint:noctx // on the loopback
		if err != nil {
			_ = client.Close()
			continue
		}
		l := &link{proxy: p, to: to, client: client, server: server}
		p.mu.Lock()
		p.links[l] = true
		if p.closed {
			l.reset()
		}
		p.mu.Unlock()
		var both sync.WaitGroup
		both.Go(l.forward)
		both.Go(l.back)
		p.wg.Go(func() {
			both.Wait()
			p.mu.Lock()
			defer p.mu.Unlock()
			delete(p.links, l)
		})
	}
}

// sleep waits, and reports whether the test goes on.
func (p *Proxy) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-p.stop:
		return false
	}
}
