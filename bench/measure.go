package main

import (
	"context"
	"math"
	"runtime"
	"slices"
	"time"
)

// variant is one way of doing a job.
type variant struct {
	name string
	of   int // numbers a run checks
	run  func(ctx context.Context) error
}

// figures are those of a variant over all rounds.
type figures struct {
	name        string
	perNumber   []time.Duration // of each round
	allocs      float64         // a number, the least of the rounds
	p99         time.Duration   // of single calls
	median      time.Duration
	least, most time.Duration
}

// span is the slowest and the fastest round, in numbers a second.
func (f *figures) span() string {
	return count(int(float64(time.Second)/float64(f.most))) + " to " + count(int(float64(time.Second)/float64(f.least)))
}

func (f *figures) rate() float64 { return float64(time.Second) / float64(f.median) }

// rounds runs every variant in each round, in turn, and returns their figures.
func rounds(ctx context.Context, n int, variants []variant) ([]figures, error) {
	out := make([]figures, len(variants))
	for i := range out {
		out[i].name, out[i].allocs = variants[i].name, math.MaxFloat64
	}
	for round := range n + 1 { // the first warms up
		for i, v := range variants {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			if err := v.run(ctx); err != nil {
				return nil, err
			}
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			if round == 0 {
				continue
			}
			out[i].perNumber = append(out[i].perNumber, took/time.Duration(v.of))
			out[i].allocs = min(out[i].allocs, float64(after.Mallocs-before.Mallocs)/float64(v.of))
		}
	}
	for i := range out {
		f := &out[i]
		f.median, f.least, f.most = quantile(f.perNumber, 0.5), slices.Min(f.perNumber), slices.Max(f.perNumber)
	}
	return out, nil
}

// quantile is the value that the part q of them does not exceed.
func quantile(ds []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(ds))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// calls times single calls, a few of each variant in turn.
func calls(ctx context.Context, n int, variants []variant) ([]figures, error) {
	const burst = 20
	out := make([]figures, len(variants))
	for i := range out {
		out[i].name = variants[i].name
	}
	var before, after runtime.MemStats
	for i, v := range variants { // allocations first: the timing below allocates itself
		if err := v.run(ctx); err != nil { // what a first call looks at
			return nil, err
		}
		runtime.ReadMemStats(&before)
		for range 200 {
			if err := v.run(ctx); err != nil {
				return nil, err
			}
		}
		runtime.ReadMemStats(&after)
		out[i].allocs = float64(after.Mallocs-before.Mallocs) / 200
	}
	for range n / burst {
		for i, v := range variants {
			for range burst {
				begin := time.Now()
				if err := v.run(ctx); err != nil {
					return nil, err
				}
				out[i].perNumber = append(out[i].perNumber, time.Since(begin))
			}
		}
	}
	for i := range out {
		f := &out[i]
		f.median, f.p99 = quantile(f.perNumber, 0.5), quantile(f.perNumber, 0.99)
		f.least, f.most = quantile(f.perNumber, 0.05), quantile(f.perNumber, 0.95)
	}
	return out, nil
}
