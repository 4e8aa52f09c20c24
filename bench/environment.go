package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/dnc-go/dnc"
)

// environment is a Redis with a list and geo rules on it, clients, and contacts.
type environment struct {
	size    sizes
	server  *exec.Cmd
	dir     string
	rdb     *redis.Client
	rueidis rueidis.Client
	plain   *dnc.RedisChecker
	geo     *dnc.RedisChecker
	memory  *dnc.Memory
	numbers []dnc.Number // contacts in random order, every sixth of them listed
	strings []string     // the same
	unlist  []dnc.Number // contacts of which none is listed
}

const (
	listKey = "dnc:blacklist"
	geoKey  = "dnc:geo_rules"
)

// contact is the i-th of a set of numbers that are spread over the area codes 201 to 989.
func contact(i int) string {
	x := uint64(i)*2654435761%6_300_000_000 + 2_010_000_000 //nolint:gosec // not negative
	return "+1" + strconv.FormatUint(x, 10)
}

func newEnvironment(ctx context.Context, size sizes) (*environment, error) {
	env := &environment{size: size}
	if err := env.start(ctx); err != nil {
		env.close()
		return nil, err
	}
	if err := env.fill(ctx); err != nil {
		env.close()
		return nil, err
	}
	return env, nil
}

func (e *environment) start(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	_ = l.Close()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if e.dir, err = os.MkdirTemp("", "dnc-bench-"); err != nil {
		return err
	}
	e.server = exec.CommandContext(ctx, "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", e.dir, "--loglevel", "warning") //nolint:gosec // a port
	if err := e.server.Start(); err != nil {
		return fmt.Errorf("redis-server: %w (make bench installs it)", err)
	}
	options, err := dnc.RedisOptions("redis://" + addr)
	if err != nil {
		return err
	}
	options.ReadTimeout, options.WriteTimeout = 5*time.Second, 5*time.Second // peers and list alike: this is no test of timeouts
	e.rdb = redis.NewClient(options.Simple())
	for range 200 {
		var c net.Conn
		if c, err = net.Dial("tcp", addr); err == nil { //nolint:noctx // on the loopback
			_ = c.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	e.rueidis, err = rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{addr}, DisableCache: true})
	return err
}

func (e *environment) fill(ctx context.Context) error {
	w, err := dnc.NewRedisWriter(e.rdb)
	if err != nil {
		return err
	}
	listed := make([]dnc.Number, e.size.contacts)
	for i := range listed {
		if listed[i], err = dnc.ParseNumber(contact(i)); err != nil {
			return err
		}
	}
	if _, err := w.Replace(ctx, func(yield func(dnc.Number, error) bool) {
		for _, n := range listed {
			if !yield(n, nil) {
				return
			}
		}
	}); err != nil {
		return err
	}
	for i := range e.size.rules {
		if err := w.SetGeoRule(ctx, "+2"+strconv.Itoa(10_000+i), dnc.GeoRule{RiskLevel: "high"}); err != nil {
			return err
		}
	}
	e.memory = dnc.NewMemory("blacklist", listed...)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range e.size.contacts {
		s := contact(e.size.contacts + i)
		if i%6 == 0 {
			s = contact(random.IntN(e.size.contacts))
		}
		e.strings = append(e.strings, s)
	}
	random.Shuffle(len(e.strings), func(i, k int) { e.strings[i], e.strings[k] = e.strings[k], e.strings[i] })
	for _, s := range e.strings {
		n, err := dnc.ParseNumber(s)
		if err != nil {
			return err
		}
		e.numbers = append(e.numbers, n)
	}
	for i := range min(10_000, e.size.contacts) {
		n, err := dnc.ParseNumber(contact(e.size.contacts + i))
		if err != nil {
			return err
		}
		e.unlist = append(e.unlist, n)
	}
	if e.plain, err = dnc.NewRedisChecker(e.rdb); err != nil {
		return err
	}
	e.geo, err = dnc.NewRedisChecker(e.rdb, dnc.WithGeoRules(geoKey))
	return err
}

func (e *environment) close() {
	if e.rueidis != nil {
		e.rueidis.Close()
	}
	if e.rdb != nil {
		_ = e.rdb.Close()
	}
	if e.server != nil && e.server.Process != nil {
		_ = e.server.Process.Kill()
		_ = e.server.Wait()
	}
	_ = os.RemoveAll(e.dir)
}
