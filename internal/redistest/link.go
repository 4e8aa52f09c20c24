package redistest

import (
	"bytes"
	"net"
	"sync/atomic"
	"time"
)

// link is one connection through a Proxy.
type link struct {
	proxy          *Proxy
	to             int
	client, server net.Conn
	forgotten      atomic.Bool // see Forget
	losing         atomic.Bool // the next answer is lost
}

// segment is the most that is written at once at a limited rate: about what one packet holds.
const segment = 1400

// reset ends both connections without a goodbye.
func (l *link) reset() {
	for _, c := range []net.Conn{l.client, l.server} {
		if t, ok := c.(*net.TCPConn); ok {
			_ = t.SetLinger(0)
		}
		_ = c.Close()
	}
}

func (l *link) spoil() Spoil {
	if s := l.proxy.spoil.Load(); s != nil {
		return *s
	}
	return Spoil{}
}

// forward carries requests to the server.
func (l *link) forward() {
	defer func() { _ = l.server.Close() }()
	buf := make([]byte, 32<<10)
	var tail []byte // the end of the last read, for a text that two reads share
	for {
		n, err := l.client.Read(buf)
		if err != nil {
			return
		}
		if l.forgotten.Load() || l.spoil().BlackHole {
			continue
		}
		if lose := l.proxy.lose.Load(); lose != nil {
			seen := bytes.ToLower(append(tail, buf[:n]...))
			if bytes.Contains(seen, lose.text) && lose.skip.Add(-1) == -1 && l.proxy.lose.CompareAndSwap(lose, nil) {
				l.losing.Store(true)
			}
			tail = bytes.Clone(seen[max(0, len(seen)-max(0, len(lose.text)-1)):])
		}
		if _, err := l.server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// back carries answers to the client.
func (l *link) back() {
	defer func() { _ = l.client.Close() }()
	buf := make([]byte, 32<<10)
	passed := 0
	for {
		n, err := l.server.Read(buf)
		if err != nil {
			return
		}
		s := l.spoil()
		switch {
		case l.losing.Load():
			l.proxy.lost.Add(1)
			l.reset()
			return
		case l.forgotten.Load(), s.Swallow, s.BlackHole:
			continue
		}
		cut := s.CutAfter > 0 && passed+n > s.CutAfter
		if cut {
			n = max(0, s.CutAfter-passed)
		}
		passed += n
		if !l.proxy.sleep(s.Delay) || !l.answer(buf[:n], s) || cut {
			return
		}
	}
}

// answer writes to the client in pieces and at a rate, and reports whether it could.
func (l *link) answer(out []byte, s Spoil) bool {
	piece := len(out)
	if s.Slices > 0 {
		piece = s.Slices
	}
	if s.Rate > 0 {
		piece = min(piece, segment)
	}
	due := time.Now()
	for len(out) > 0 {
		k := min(piece, len(out))
		if s.Rate > 0 {
			due = due.Add(time.Duration(k) * 8 * time.Second / time.Duration(s.Rate))
			if !l.proxy.sleep(time.Until(due)) {
				return false
			}
		}
		if _, err := l.client.Write(out[:k]); err != nil {
			return false
		}
		out = out[k:]
	}
	return true
}
