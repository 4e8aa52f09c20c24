// Server answers over HTTP whether numbers may be dialled. It stands on the public API alone and is meant to be read and copied.
//
//	go run ./examples/server -redis redis://localhost:6379
//	curl -H 'Content-Type: application/json' -d '[{"phoneNumber":"+12125550123"}]' http://127.0.0.1:8080/validate
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// tokenVariable names the environment variable of the bearer token that callers must show. It is no flag: other users of the
// machine see those.
const tokenVariable = "DNC_BEARER_TOKEN" //nolint:gosec // the name of a variable, not a credential

type config struct {
	addr     string
	redis    urls
	geoRules bool
	country  string
	timeout  time.Duration
	token    string
}

// urls is a flag that may stand several times.
type urls []string

func (u *urls) String() string { return "" } // a URL may hold a password

func (u *urls) Set(s string) error {
	*u = append(*u, s)
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stderr, nil)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "server:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func parse(args []string, getenv func(string) string, stderr io.Writer) (config, error) {
	var c config
	f := flag.NewFlagSet("server", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&c.addr, "addr", "127.0.0.1:8080", "address to listen on; beyond loopback only with a bearer token in "+tokenVariable)
	f.Var(&c.redis, "redis", "`URL` of Redis; repeat it or separate with commas for a cluster (default: a list in memory with sample data)")
	f.BoolVar(&c.geoRules, "geo-rules", true, "consult the geo rules at dnc:geo_rules")
	f.StringVar(&c.country, "country", "", "country code of numbers in national form, as 1 (default: only numbers with + are read)")
	f.DurationVar(&c.timeout, "timeout", 5*time.Second, "time for one request to /validate")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	if f.NArg() > 0 {
		return c, fmt.Errorf("unknown argument %q", f.Arg(0))
	}
	if c.timeout <= 0 {
		return c, errors.New("-timeout must be above 0")
	}
	c.token = getenv(tokenVariable)
	if c.token == "" && !loopback(c.addr) {
		return c, fmt.Errorf("-addr %s is open to other machines: set a bearer token in %s, or listen on 127.0.0.1", c.addr, tokenVariable)
	}
	return c, nil
}

// loopback reports whether an address can be reached from this machine alone. No name but localhost is trusted to mean that.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || host == "" {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// run serves until ctx ends. ready, if there is one, gets the address that is listened on.
func run(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer, ready chan<- string) error {
	c, err := parse(args, getenv, stderr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	checker, closeChecker, err := newChecker(c, log)
	if err != nil {
		return err
	}
	defer closeChecker()

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           newHandler(c, checker, log),
		ReadHeaderTimeout: 2 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      c.timeout + 10*time.Second, // it runs from the end of the header: body, check and answer
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	log.Info("listening", "addr", listener.Addr().String(), "redis", len(c.redis) > 0)
	if ready != nil {
		ready <- listener.Addr().String()
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	log.Info("shutting down")
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout+5*time.Second)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		_ = server.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
