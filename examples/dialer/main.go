// Dialer decides 500 calls a second in the process, before each is made: the list from memory, and
// the calling hours where the person may be.
//
//	go run ./examples/dialer
//	go run ./examples/dialer -redis redis://127.0.0.1:6379/0
//	go run ./examples/dialer -redis redis://127.0.0.1:6379/0 -registry national
//
// Without -redis the list is a sample in memory. With it the list is the set dnc:blacklist, which
// dnc.Follow holds in the process and keeps current. With -registry a Snapshot of that registry is
// asked too, as examples/import loads it. Nothing is ever dialled.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
	"github.com/dnc-go/dnc/registry"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, time.Now)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "dialer:", err)
		os.Exit(1)
	}
}

// contact is one person of the sample campaign, and what is known of where they are.
type contact struct {
	number string
	where  dnc.Location
}

// sample are numbers from the range that is reserved for fiction.
var sample = []contact{
	{"+12025550123", dnc.Location{}},
	{"+14155550123", dnc.Location{}},                // on the sample list
	{"+18505550100", dnc.Location{}},                // two zones
	{"+13035550100", dnc.Location{Region: "US-FL"}}, // moved with the number
	{"+13645550100", dnc.Location{}},
	{"+18085550100", dnc.Location{}},
	{"+18005550100", dnc.Location{}}, // nothing tells the zone
	{"+33155501000", dnc.Location{}},
}

func run(ctx context.Context, args []string, out io.Writer, now func() time.Time) error {
	fs := flag.NewFlagSet("dialer", flag.ContinueOnError)
	url := fs.String("redis", "", "`URL` of Redis with the set dnc:blacklist (default: a sample list in memory)")
	name := fs.String("registry", "", "`name` of a registry in that Redis that is also asked")
	calls := fs.Int("calls", 1000, "how many calls to decide")
	rate := fs.Int("rate", 500, "calls a second")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() > 0 { // flags behind them were not read: the list would be the sample
		return errors.New("there are arguments that belong to no flag; -h lists the flags")
	}
	if *calls < 1 {
		return errors.New("-calls must be at least 1")
	}
	if *rate < 1 || *rate > 1_000_000 { // a ticker's interval must be above 0
		return errors.New("-rate must be 1 to 1000000 calls a second")
	}
	list, closeLists, err := openLists(ctx, *url, *name)
	if err != nil {
		return err
	}
	defer closeLists()
	hours, err := calltime.New(calltime.WithClock(now))
	if err != nil {
		return err
	}
	return dial(ctx, dnc.ProtectRule(dnc.All(dnc.RuleOf(list), hours)), *calls, *rate, out, now)
}

// openLists are lists that answer from the memory of this process, once they are loaded.
func openLists(ctx context.Context, url, name string) (dnc.Checker, func(), error) {
	if url == "" && name != "" {
		return nil, nil, errors.New("-registry needs -redis")
	}
	if url == "" {
		n, err := dnc.ParseNumber("+14155550123")
		return dnc.NewMemory("blacklist", n), func() {}, err
	}
	options, err := dnc.RedisOptions(url)
	if err != nil {
		return nil, nil, err
	}
	rdb := redis.NewUniversalClient(options)
	list, closeLists, err := load(ctx, rdb, name)
	if err != nil {
		_ = rdb.Close()
		return nil, nil, err
	}
	return list, func() {
		closeLists()
		_ = rdb.Close()
	}, nil
}

// load follows the set, and takes a Snapshot of the registry if there is a name.
func load(ctx context.Context, rdb dnc.RedisClient, name string) (dnc.Checker, func(), error) {
	set, err := dnc.Follow(ctx, rdb)
	if err != nil {
		return nil, nil, err
	}
	if err := set.Wait(ctx); err != nil {
		set.Close()
		return nil, nil, err
	}
	if name == "" {
		return set, set.Close, nil
	}
	national, err := registry.New(rdb, name)
	if err != nil {
		set.Close()
		return nil, nil, err
	}
	snapshot, err := national.Snapshot(ctx)
	if err != nil {
		set.Close()
		return nil, nil, err
	}
	return dnc.Union(set, snapshot), func() {
		snapshot.Close()
		set.Close()
	}, nil
}

// dial asks before each call. Only a call that may be made is an attempt.
func dial(ctx context.Context, rule dnc.Rule, calls, rate int, out io.Writer, now func() time.Time) error {
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	counts := map[dnc.Verdict]int{}
	for i := range calls {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		c := sample[i%len(sample)]
		n, err := dnc.ParseNumber(c.number)
		if err != nil {
			return err
		}
		d, err := rule.Check(ctx, dnc.Call{Number: n, Time: now(), Campaign: "spring", Purpose: "sales", Location: c.where})
		counts[d.Verdict]++
		if i < len(sample) {
			tell(out, d, err)
		}
		if d.Callable() {
			attempt(n)
		}
	}
	_, err := fmt.Fprintf(out, "calls decided: %d; %d may be made, %d blocked, %d unknown\n",
		calls, counts[dnc.Allow], counts[dnc.Block], counts[dnc.Unknown])
	return err
}

// attempt is where a dialer would place the call.
func attempt(dnc.Number) {}

// tell prints the decision, its reasons, and when the number can be called again.
func tell(out io.Writer, d dnc.Decision, err error) {
	next := "now"
	switch until := d.Until(); {
	case d.Callable():
	case until.IsZero():
		next = "not known"
	default:
		next = until.UTC().Format(time.RFC3339)
	}
	_, _ = fmt.Fprintf(out, "%v %v: %v; next opening: %s\n", d.Number, d.Verdict, d.Reasons, next)
	if err != nil {
		_, _ = fmt.Fprintf(out, "  %v\n", err)
	}
}
