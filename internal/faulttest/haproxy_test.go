//go:build haproxy

package faulttest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/redistest"
)

// startHAProxy runs HAProxy in TCP mode over a primary and its replica, and returns its address.
// check is the configuration of its health check.
func startHAProxy(t *testing.T, pair *redistest.Pair, check string) (addr string) {
	t.Helper()
	binary, err := exec.LookPath("haproxy")
	require.NoError(t, err, "the tag haproxy is for machines that have it")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr = l.Addr().String()
	require.NoError(t, l.Close())
	probe := ""
	if check != "" {
		probe = " check inter 200ms fall 1 rise 1"
	}
	config := filepath.Join(t.TempDir(), "haproxy.cfg")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
defaults
    mode tcp
    timeout connect 1s
    timeout client 1m
    timeout server 1m
listen redis
    bind %s
    balance roundrobin
%s
    server a %s%s
    server b %s%s
`, addr, check, pair.Primary.Addr(), probe, pair.Replica.Addr(), probe), 0o600))
	cmd := exec.Command(binary, "-f", config, "-db")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	require.NoError(t, redistest.Eventually(func() error {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err
	}))
	return addr
}

// HAProxy deals connections in turn to the primary and to a replica that was cut off.
func TestHAProxyInTurn(t *testing.T) {
	t.Parallel()
	pair, added := stale(t)
	addr := startHAProxy(t, pair, "")
	for _, protocol := range []int{2, 3} {
		c := newChecker(t, connect(t, "redis://"+addr, func(o *redis.UniversalOptions) { o.Protocol = protocol }))
		result := press(c, added, 16, 100)
		t.Logf("%v", result)
		assert.Zero(t, result.allow.Load(), "%v", result)
	}
}

// HAProxy asks for the role, as people configure it. It keeps the connections to the old primary
// after a failover.
func TestHAProxyFollowsTheRole(t *testing.T) {
	t.Parallel()
	pair := redistest.StartPair(t)
	load(t, pair.Primary)
	pair.Sync(t)
	addr := startHAProxy(t, pair, `    option tcp-check
    tcp-check connect
    tcp-check send info\ replication\r\n
    tcp-check expect string role:master`)
	c := newChecker(t, connect(t, "redis://"+addr, recommended))
	require.NoError(t, redistest.Eventually(func() error { return right(t, c) }))
	pair.Switch(t)
	added := number(t, 1)
	pair.Replica.Do(t, "sadd", "dnc:blacklist", added.E164())
	begin := time.Now()
	for healthy := 0; healthy < 3; healthy++ {
		result := press(c, added, 8, 20)
		require.Zero(t, result.allow.Load(), "%v after the failover: %v", time.Since(begin), result)
		if result.unknown.Load() > 0 {
			healthy = 0
		}
		require.Less(t, time.Since(begin), healed, "%v", result)
	}
	t.Logf("right again after %v", time.Since(begin).Round(time.Millisecond))
}
