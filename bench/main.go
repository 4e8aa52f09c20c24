// Bench compares the library with its peers on a real Redis, all in one run, in rounds that go
// through every variant in turn: what the machine does meanwhile hits all of them. It prints
// medians and ratios; only the ratios are firm.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

type sizes struct {
	rounds   int
	contacts int // of a batch, and members of the list
	singles  int // calls of a round
	naive    int // contacts that the naive variants get
	stream   int
	rules    int
	list     int   // numbers of the registry
	shuffled int   // of those, how many are imported in no order
	lists    []int // sizes that a registry grows through
	process  int   // numbers of a list that everything can hold in the process
}

func main() {
	rounds := flag.Int("rounds", 5, "rounds through all variants")
	quick := flag.Bool("quick", false, "small sizes, to see that it works; the targets are for the full ones")
	out := flag.String("out", "", "directory of performance.md, whose tables and pictures are renewed")
	follow := flag.Bool("follow", false, "only the table of Follow")
	archive := flag.Bool("archive", false, "only the table of archives of a registry")
	plan := flag.Bool("plan", false, "only the tables of a plan for a campaign of a million contacts")
	flag.Parse()
	size := sizes{
		rounds: *rounds, contacts: 1_000_000, singles: 3000, naive: 10_000, stream: 10_000_000, rules: 5000,
		list: 250_000_000, shuffled: 50_000_000, lists: []int{1_000_000, 10_000_000, 100_000_000, 250_000_000}, process: 10_000_000,
	}
	if *quick {
		size = sizes{
			rounds: 2, contacts: 20_000, singles: 100, naive: 500, stream: 200_000, rules: 500,
			list: 500_000, shuffled: 100_000, lists: []int{100_000, 200_000}, process: 100_000,
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	do := run
	if *follow {
		do = onlyFollow
	}
	if *archive {
		do = onlyArchive
	}
	if *plan {
		do = onlyPlan
	}
	err := do(ctx, size, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// onlyFollow prints the table of Follow, which takes a few seconds.
func onlyFollow(ctx context.Context, size sizes, _ string) error {
	env, err := newEnvironment(ctx, size)
	if err != nil {
		return err
	}
	defer env.close()
	var r report
	if err := following(ctx, env, &r); err != nil {
		return err
	}
	fmt.Println(r.text())
	return nil
}

func run(ctx context.Context, size sizes, out string) error {
	env, err := newEnvironment(ctx, size)
	if err != nil {
		return err
	}
	defer env.close()
	var r report
	said := 0
	progress := func() { // a line for each table, since all of it takes minutes
		for ; said < len(r.tables); said++ {
			fmt.Fprintln(os.Stderr, "bench:", r.tables[said].title)
		}
	}
	for _, part := range []func(context.Context, *environment, *report) error{single, batch, bySize, memory, following, streaming} {
		if err := part(ctx, env, &r); err != nil {
			return err
		}
		progress()
	}
	n, err := newNational(ctx, env)
	if err != nil {
		return err
	}
	defer n.close()
	for _, part := range []func(context.Context, *national, *report) error{
		nationalLoad, nationalBatch, nationalSizes, nationalCluster, nationalConcurrent, nationalSwap, contactGrowth, inProcess, prefixes, sparse, listGrowth,
	} {
		if err := part(ctx, n, &r); err != nil {
			return err
		}
		progress()
	}
	fmt.Println(r.text())
	if out != "" {
		return r.write(out)
	}
	return nil
}
