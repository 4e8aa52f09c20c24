package redistest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
)

// Pair is a primary and a replica whose link can be cut. A replica that was cut off goes on
// answering with what it had (replica-serve-stale-data yes is the default of Redis).
type Pair struct {
	Primary, Replica *Server
	link             *Proxy
}

// StartPair starts both and waits until they are in sync. More arguments are for both.
func StartPair(tb testing.TB, args ...string) *Pair {
	tb.Helper()
	args = append([]string{"--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"}, args...)
	p := &Pair{Primary: Start(tb, args...)}
	p.link = StartProxy(tb, p.Primary)
	_, port, err := net.SplitHostPort(p.link.Addr())
	if err != nil {
		tb.Fatal(err)
	}
	p.Replica = Start(tb, append([]string{"--replicaof", "127.0.0.1 " + port}, args...)...)
	p.await(tb, "master_link_status:up")
	return p
}

// Sync waits until the replica has everything that the primary has.
func (p *Pair) Sync(tb testing.TB) {
	tb.Helper()
	p.await(tb, "master_link_status:up")
	rdb := p.Primary.Client(tb)
	n, err := rdb.Do(context.Background(), "wait", 1, 10_000).Int()
	if err != nil || n != 1 {
		tb.Fatalf("the replica is not in sync: %d, %v", n, err)
	}
}

// Cut takes the replica off the primary, and waits until it knows.
func (p *Pair) Cut(tb testing.TB) {
	tb.Helper()
	p.link.Refuse()
	p.link.Reset()
	p.await(tb, "master_link_status:down")
}

// Switch makes a primary of the replica, and of the primary a replica that reaches nobody.
func (p *Pair) Switch(tb testing.TB) {
	tb.Helper()
	p.Replica.Do(tb, "replicaof", "no", "one")
	p.Primary.Do(tb, "replicaof", "127.0.0.1", 1)
}

func (p *Pair) await(tb testing.TB, status string) {
	tb.Helper()
	if err := Eventually(func() error {
		text, _ := p.Replica.Do(tb, "info", "replication").(string)
		if !strings.Contains(text, status) {
			return errors.New("not yet: " + status)
		}
		return nil
	}); err != nil {
		tb.Fatal(fmt.Errorf("the replica: %w", err))
	}
}
