package main

import (
	"context"
	"math/rand/v2"
	"strconv"

	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/dnc-go/dnc"
)

// environment is a Redis with a list and geo rules on it, clients, and contacts.
type environment struct {
	size    sizes
	server  *server
	rdb     *redis.Client
	rueidis rueidis.Client
	plain   *dnc.RedisChecker
	geo     *dnc.RedisChecker
	memory  *dnc.Memory
	numbers []dnc.Number // contacts in random order, every sixth of them listed
	strings []string     // the same
	unlist  []dnc.Number // contacts, none of them listed
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

func (e *environment) start(ctx context.Context) (err error) {
	if e.server, err = startServer(ctx); err != nil {
		return err
	}
	e.rdb = e.server.rdb
	e.rueidis, err = rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{e.server.addr}, DisableCache: true})
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
	if e.server != nil {
		e.server.close()
	}
}
