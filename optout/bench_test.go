package optout

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

// BenchmarkAdd is acknowledged opt-outs on a real disk, by how many callers there are. The goal is
// that 64 callers have many times the rate of one: they share syncs.
func BenchmarkAdd(b *testing.B) {
	for _, callers := range []int{1, 64} {
		name := map[int]string{1: "1 caller", 64: "64 callers"}[callers]
		b.Run(name, func(b *testing.B) {
			in := open(b, b.TempDir())
			var next atomic.Int64
			b.SetParallelism(callers)
			if callers == 1 {
				for b.Loop() {
					add(b, in, int(next.Add(1))%1_000_000, "")
				}
			} else {
				b.RunParallel(func(p *testing.PB) {
					for p.Next() {
						_, _ = in.Add(context.Background(), Request{Number: number(int(next.Add(1)) % 1_000_000), Source: "test"})
					}
				})
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "optouts/s")
		})
	}
}

// BenchmarkCheck is a check among 100,000 opt-outs.
func BenchmarkCheck(b *testing.B) {
	in := open(b, b.TempDir())
	var rs []Request
	for i := range 100_000 {
		if rs = append(rs, Request{Number: number(i), Source: "test"}); len(rs) == maxRequests {
			_, err := in.AddBatch(b.Context(), rs)
			require.NoError(b, err)
			rs = rs[:0]
		}
	}
	c := in.Checker()
	b.ReportAllocs()
	for b.Loop() {
		if d, _ := c.Check(b.Context(), number(5)); d.Verdict != dnc.Block {
			b.Fatal("it is not blocked")
		}
	}
}
