package redistest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/dnc-go/dnc/internal/skip"
)

// patience is how long a server may take for what it is asked. It only bounds hanging.
const patience = 60 * time.Second

// Server is one redis-server process.
type Server struct {
	tb   testing.TB
	Port int
	dir  string
	args []string
	cmd  *exec.Cmd
	gone chan struct{} // closed when the process has ended
}

// Start runs a redis-server with more arguments, as "--maxmemory", "12mb". It persists nothing
// unless told to. The server is killed when the test ends.
func Start(tb testing.TB, args ...string) *Server {
	tb.Helper()
	s := &Server{tb: tb, dir: tb.TempDir(), args: args}
	tb.Cleanup(s.Kill)
	for try := 0; ; try++ {
		s.Port = freePort(tb)
		s.launch()
		if err := s.wait(); err == nil {
			return s
		} else if try == 5 {
			tb.Fatalf("redis-server does not start: %v\n%s", err, s.log())
		}
		s.Kill()
	}
}

// Binary is the path of redis-server, or the end of the test. A test fails without redis-server. With
// DNC_WITHOUT_REDIS=1 it is skipped, and make test counts what did not run.
func Binary(tb testing.TB) string {
	tb.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("DNC_WITHOUT_REDIS") == "1" {
			skip.Test(tb, "redis-server is missing, and DNC_WITHOUT_REDIS=1 is set")
		}
		tb.Fatal("redis-server was not found: run \"make test\", which installs it, or install your system's redis-server package")
	}
	return path
}

// freePort is a port that nobody listens on, and neither on the port 10,000 above it, which a
// cluster node takes for its bus.
func freePort(tb testing.TB) int {
	tb.Helper()
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // binds and is closed at once
		if err != nil {
			tb.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // a TCP listener has a TCP address
		_ = l.Close()
		if port > 50_000 {
			port -= 20_000
		}
		ok := true
		for _, p := range []int{port, port + 10_000} {
			l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(p)) //nolint:noctx // as above
			if ok = ok && err == nil; err == nil {
				_ = l.Close()
			}
		}
		if ok {
			return port
		}
	}
	tb.Fatal("no free port was found")
	return 0
}

func (s *Server) launch() {
	s.tb.Helper()
	args := append([]string{
		"--port", strconv.Itoa(s.Port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--dir", s.dir, "--logfile", filepath.Join(s.dir, "log"), "--daemonize", "no",
	}, s.args...)
	if len(s.args) > 0 && s.args[0] == "--sentinel" {
		args = []string{filepath.Join(s.dir, "sentinel.conf"), "--sentinel"}
	}
	s.cmd = exec.Command(Binary(s.tb), args...) //nolint:gosec,noctx // the binary that was looked up; Kill ends it
	s.gone = make(chan struct{})
	started := make(chan error)
	go parentThread(s.cmd, started, s.gone)
	if err := <-started; err != nil {
		s.tb.Fatalf("redis-server: %v", err)
	}
}

// wait returns when the server answers, also with an error, or has ended.
func (s *Server) wait() error {
	rdb := s.dial()
	defer func() { _ = rdb.Close() }()
	return Eventually(func() error {
		select {
		case <-s.gone:
			return fatal{errors.New("the process has ended")}
		default:
		}
		c, err := net.Dial("tcp", s.Addr()) //nolint:noctx // on the loopback; it spares the log go-redis's complaints
		if err != nil {
			return err
		}
		_ = c.Close()
		err = rdb.Ping(context.Background()).Err()
		if redis.HasErrorPrefix(err, "NOAUTH") || redis.HasErrorPrefix(err, "LOADING") || redis.HasErrorPrefix(err, "NOPERM") || redis.HasErrorPrefix(err, "MASTERDOWN") {
			return nil
		}
		return err
	})
}

type fatal struct{ error }

// Eventually tries until f returns nil, or patience is at an end.
func Eventually(f func() error) error {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f()
		if f, ok := err.(fatal); ok { //nolint:errorlint // made above, never wrapped
			return f.error
		}
		if err == nil {
			return nil
		}
		select {
		case <-deadline.C:
			return fmt.Errorf("not within %v: %w", patience, err)
		case <-tick.C:
		}
	}
}

func (s *Server) log() string {
	b, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(b)
}

// Addr is the host and port.
func (s *Server) Addr() string { return "127.0.0.1:" + strconv.Itoa(s.Port) }

// URL is the address as dnc.RedisOptions reads it.
func (s *Server) URL() string { return "redis://" + s.Addr() }

// Dir is the server's directory.
func (s *Server) Dir() string { return s.dir }

// Pid is the process's number.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

func (s *Server) dial() *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr: s.Addr(), Password: s.argument("--requirepass"), ContextTimeoutEnabled: true, DialTimeout: time.Second, ReadTimeout: 10 * time.Second, MaxRetries: -1, DialerRetries: 1,
		DisableIdentity: true, MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

// argument is what a server was started with.
func (s *Server) argument(name string) string {
	for i, a := range s.args {
		if a == name && i+1 < len(s.args) {
			return s.args[i+1]
		}
	}
	return ""
}

// Client is a client for preparing and looking after a test. It is closed when the test ends.
func (s *Server) Client(tb testing.TB) *redis.Client {
	tb.Helper()
	c := s.dial()
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// Do runs one command, which must succeed.
func (s *Server) Do(tb testing.TB, args ...any) any {
	tb.Helper()
	c := s.dial()
	defer func() { _ = c.Close() }()
	var v any
	err := Eventually(func() (err error) {
		v, err = c.Do(context.Background(), args...).Result()
		if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
			return err // nothing was sent: a busy machine resets new connections at times
		}
		if err != nil && !errors.Is(err, redis.Nil) {
			return fatal{err}
		}
		return nil
	})
	if err != nil {
		tb.Fatalf("%v: %v", args[0], err)
	}
	return v
}

// Kill ends the process without a chance to save, and waits until it has ended.
func (s *Server) Kill() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGKILL)
	<-s.gone
}

// Freeze stops the process as a machine that hangs: connections stay open and nothing is answered.
func (s *Server) Freeze() { _ = s.cmd.Process.Signal(FreezeSignal) }

// Thaw lets a frozen process go on.
func (s *Server) Thaw() { _ = s.cmd.Process.Signal(ThawSignal) }

// Restart kills the server and starts it on its port again, with other arguments if any are given.
// What it has not saved is gone.
func (s *Server) Restart(args ...string) {
	s.tb.Helper()
	s.Kill()
	if len(args) > 0 {
		s.args = args
	}
	s.launch()
	if err := s.wait(); err != nil {
		s.tb.Fatalf("redis-server does not come back: %v\n%s", err, s.log())
	}
}

// RestartLoading adds some data and restarts the server so that it takes a minute to load,
// answering LOADING meanwhile.
func (s *Server) RestartLoading() {
	s.tb.Helper()
	filler := strings.Repeat("x", 2048) // more than the bytes after which a loading server looks at its clients
	c := s.dial()
	_, err := c.Pipelined(context.Background(), func(p redis.Pipeliner) error {
		for i := range 2000 {
			p.Set(context.Background(), "filler:"+strconv.Itoa(i), filler, 0)
		}
		return nil
	})
	_ = c.Close()
	if err != nil {
		s.tb.Fatal(err)
	}
	s.Do(s.tb, "config", "set", "rdbcompression", "no")
	s.Do(s.tb, "save")
	s.Restart(append(append([]string{}, s.args...), "--key-load-delay", "30000", "--loading-process-events-interval-bytes", "1024")...)
	if !strings.Contains(s.info(), "loading:1") {
		s.tb.Fatal("the server is not loading: it needs more data")
	}
}

func (s *Server) info() string {
	c := s.dial()
	defer func() { _ = c.Close() }()
	return c.Info(context.Background(), "persistence").Val()
}
