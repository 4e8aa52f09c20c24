package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
)

// server is a redis-server of this run. It persists nothing.
type server struct {
	cmd  *exec.Cmd
	dir  string
	addr string
	rdb  *redis.Client
}

func startServer(ctx context.Context, args ...string) (*server, error) {
	s := new(server)
	if err := s.start(ctx, args); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *server) start(ctx context.Context, args []string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	s.addr = "127.0.0.1:" + port
	if s.dir, err = os.MkdirTemp("", "dnc-bench-"); err != nil {
		return err
	}
	args = append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", s.dir, "--loglevel", "warning"}, args...)
	s.cmd = exec.CommandContext(ctx, "redis-server", args...) //nolint:gosec // a port, and words of this program
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("redis-server: %w (make bench installs it)", err)
	}
	options, err := clientOptions("redis://" + s.addr)
	if err != nil {
		return err
	}
	s.rdb = redis.NewClient(options.Simple())
	return until(func() error {
		c, err := net.Dial("tcp", s.addr) //nolint:noctx // on the loopback
		if err != nil {
			return err
		}
		return c.Close()
	})
}

// clientOptions are the library's own, with more time: this is no test of timeouts.
func clientOptions(url string) (*redis.UniversalOptions, error) {
	options, err := dnc.RedisOptions(url)
	if err != nil {
		return nil, err
	}
	options.ReadTimeout, options.WriteTimeout = 10*time.Second, 10*time.Second
	return options, nil
}

// freePort is a port that nobody listens on, below 50,000 because a cluster's bus is 10,000 above
// it.
func freePort() (string, error) {
	for range 1000 {
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
		if err != nil {
			return "", err
		}
		_, port, err := net.SplitHostPort(l.Addr().String())
		_ = l.Close()
		if n, _ := strconv.Atoi(port); err == nil && n < 50_000 {
			return port, nil
		}
	}
	return "", errors.New("no free port was found")
}

// until waits for what a server needs to start, a minute at most.
func until(f func() error) (err error) {
	for range 600 {
		if err = f(); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

func (s *server) close() {
	if s.rdb != nil {
		_ = s.rdb.Close()
	}
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
	_ = os.RemoveAll(s.dir)
}

// used is the server's used_memory in bytes.
func (s *server) used(ctx context.Context) (int64, error) {
	text, err := s.rdb.Info(ctx, "memory").Result()
	if err != nil {
		return 0, err
	}
	_, text, _ = strings.Cut(text, "used_memory:")
	text, _, _ = strings.Cut(text, "\r\n")
	return strconv.ParseInt(text, 10, 64)
}

// cluster is three servers that share the slots.
type cluster struct {
	nodes []*server
	rdb   *redis.ClusterClient
}

func startCluster(ctx context.Context) (*cluster, error) {
	c := new(cluster)
	if err := c.start(ctx); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *cluster) start(ctx context.Context) error {
	const nodes, slots = 3, 16384
	var urls []string
	for i := range nodes {
		s, err := startServer(ctx, "--cluster-enabled", "yes")
		if err != nil {
			return err
		}
		c.nodes = append(c.nodes, s)
		urls = append(urls, "redis://"+s.addr)
		if err := s.rdb.Do(ctx, "cluster", "addslotsrange", i*slots/nodes, (i+1)*slots/nodes-1).Err(); err != nil {
			return err
		}
		if err := s.rdb.Do(ctx, "cluster", "set-config-epoch", i+1).Err(); err != nil {
			return err
		}
	}
	_, first, _ := strings.Cut(c.nodes[0].addr, ":")
	for _, s := range c.nodes[1:] {
		if err := s.rdb.Do(ctx, "cluster", "meet", "127.0.0.1", first).Err(); err != nil {
			return err
		}
	}
	for _, s := range c.nodes {
		if err := until(func() error {
			text, err := s.rdb.ClusterInfo(ctx).Result()
			if err == nil && (!strings.Contains(text, "cluster_state:ok") || !strings.Contains(text, "cluster_known_nodes:3")) {
				err = errors.New("the cluster is not ready")
			}
			return err
		}); err != nil {
			return err
		}
	}
	options, err := clientOptions(strings.Join(urls, ","))
	if err != nil {
		return err
	}
	c.rdb = redis.NewClusterClient(options.Cluster())
	return nil
}

func (c *cluster) close() {
	if c.rdb != nil {
		_ = c.rdb.Close()
	}
	for _, s := range c.nodes {
		s.close()
	}
}
