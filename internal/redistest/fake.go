package redistest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Fake speaks RESP and answers what a test wants, for replies that no real server gives.
type Fake struct {
	listener net.Listener
	reply    func(cmd []string) (reply string, ok bool)
	mu       sync.Mutex
	conns    map[net.Conn]bool
	wg       sync.WaitGroup
}

// Cut as a reply ends the connection after what is before it.
const Cut = "<cut>"

// Hang means no reply: the connection stays open.
const Hang = "<hang>"

// StartFake starts a server that gives reply's answers, in RESP, and plausible ones of a primary
// where ok is false: HELLO, ROLE, CLIENT, PING, MULTI and its queue. The replies of a transaction
// are joined as EXEC does; reply is asked for "multi" and "exec" first and may refuse, or answer as
// a whole.
func StartFake(tb testing.TB, reply func(cmd []string) (reply string, ok bool)) *Fake {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed with the test
	if err != nil {
		tb.Fatal(err)
	}
	f := &Fake{listener: l, reply: reply, conns: make(map[net.Conn]bool)}
	f.wg.Go(f.accept)
	tb.Cleanup(func() {
		_ = l.Close()
		f.mu.Lock()
		for c := range f.conns {
			_ = c.Close()
		}
		f.mu.Unlock()
		f.wg.Wait()
	})
	return f
}

// Addr is the host and port.
func (f *Fake) Addr() string { return f.listener.Addr().String() }

// URL is the address as dnc.RedisOptions reads it.
func (f *Fake) URL() string { return "redis://" + f.Addr() }

func (f *Fake) accept() {
	for {
		c, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.conns[c] = true
		f.mu.Unlock()
		f.wg.Go(func() { f.serve(c) })
	}
}

func (f *Fake) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	var queue [][]string
	multi := false
	for {
		cmd, err := readCommand(r)
		if err != nil {
			return
		}
		var out string
		switch name := cmd[0]; {
		case name == "multi":
			refusal, refused := f.reply(cmd)
			if out = refusal; !refused {
				multi, queue, out = true, nil, "+OK\r\n"
			}
		case name == "exec":
			multi = false
			out = f.exec(cmd, queue)
		case multi:
			queue = append(queue, cmd)
			out = "+QUEUED\r\n"
		default:
			out = f.answer(cmd)
		}
		before, _, cut := strings.Cut(out, Cut)
		if strings.Contains(out, Hang) {
			before, _, _ = strings.Cut(out, Hang)
		}
		if _, err := io.WriteString(c, before); err != nil || cut {
			return
		}
	}
}

func (f *Fake) exec(cmd []string, queue [][]string) string {
	if whole, ok := f.reply(cmd); ok {
		return whole
	}
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(queue))
	for _, q := range queue {
		b.WriteString(f.answer(q))
	}
	return b.String()
}

func (f *Fake) answer(cmd []string) string {
	if out, ok := f.reply(cmd); ok {
		return out
	}
	switch cmd[0] {
	case "hello":
		if len(cmd) > 1 && cmd[1] == "2" {
			return "*6\r\n+proto\r\n:2\r\n+mode\r\n+standalone\r\n+role\r\n+master\r\n"
		}
		return "%3\r\n+proto\r\n:3\r\n+mode\r\n+standalone\r\n+role\r\n+master\r\n"
	case "ping":
		return "+PONG\r\n"
	case "role":
		return "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"
	case "sscan":
		return "*2\r\n$1\r\n0\r\n*1\r\n$12\r\n+14155550100\r\n"
	case "srandmember":
		return "*1\r\n$12\r\n+14155550100\r\n"
	case "scard":
		return ":1000\r\n"
	case "smismember":
		return fmt.Sprintf("*%d\r\n", len(cmd)-2) + strings.Repeat(":0\r\n", len(cmd)-2)
	default:
		return "+OK\r\n"
	}
}

func readCommand(r *bufio.Reader) ([]string, error) {
	n, err := readLength(r, '*')
	if err != nil {
		return nil, err
	}
	cmd := make([]string, n)
	for i := range cmd {
		size, err := readLength(r, '$')
		if err != nil {
			return nil, err
		}
		b := make([]byte, size+2)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		cmd[i] = string(b[:size])
	}
	cmd[0] = strings.ToLower(cmd[0])
	return cmd, nil
}

func readLength(r *bufio.Reader, kind byte) (int, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, string(kind))))
	if err != nil || n < 1 && kind == '*' || n < 0 || n > 1<<20 {
		return 0, fmt.Errorf("no RESP command: %q", line)
	}
	return n, nil
}
