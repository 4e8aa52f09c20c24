package registry

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
)

// Random coverage and numbers, against a model.
func TestAnyCoverage(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	seed := uint64(time.Now().UnixNano())
	t.Log(seed)
	random := rand.New(rand.NewPCG(seed, 0))
	number := func() uint64 {
		switch random.IntN(4) {
		case 0:
			size := 7 + random.IntN(9)
			return pow10[size-1] + random.Uint64N(9*pow10[size-1])
		case 1: // edges
			size := 7 + random.IntN(9)
			return []uint64{pow10[size-1], pow10[size-1] + 1, pow10[size]*1 - 1, 2*pow10[size-1] - 1}[random.IntN(4)]
		default:
			return 14150000000 + random.Uint64N(20_000_000)
		}
	}
	for round := range 60 {
		s.Do(t, "flushall")
		r := open(t, universal(t, s.URL()))
		var coverage []string
		for range 1 + random.IntN(5) {
			n := strconv.FormatUint(number(), 10)
			coverage = append(coverage, n[:1+random.IntN(len(n))])
		}
		in := func(v uint64) bool {
			for _, p := range coverage {
				if strings.HasPrefix(strconv.FormatUint(v, 10), p) {
					return true
				}
			}
			return false
		}
		under := func() uint64 { // a number near a prefix
			p := coverage[random.IntN(len(coverage))]
			size := max(7, len(p)) + random.IntN(16-max(7, len(p)))
			for len(p) < size {
				p += strconv.Itoa([]int{0, 9, random.IntN(10)}[random.IntN(3)])
			}
			v, _ := strconv.ParseUint(p, 10, 64)
			switch random.IntN(4) {
			case 0:
				v++
			case 1:
				v--
			}
			return max(min(v, digits.Max), digits.Min)
		}
		list := map[uint64]bool{}
		var vs []uint64
		covered := 0
		for range random.IntN(3000) {
			v := under()
			if random.IntN(3) == 0 {
				v = number()
			}
			vs = append(vs, v)
			if in(v) {
				list[v] = true
				covered++
			}
		}
		if random.IntN(2) == 0 {
			slices.Sort(vs)
		}
		imp := national()
		imp.Coverage, imp.AllowEmpty, imp.MaxRejected = coverage, true, len(vs)
		report, err := r.Replace(ctx, plain(vs...), imp)
		require.NoError(t, err)
		require.EqualValues(t, len(list), report.Numbers)
		require.EqualValues(t, len(vs)-covered, report.Rejected)
		// emptyPrefix against the model, by blocks
		imp.AllowEmpty = false
		_, err = r.Replace(ctx, plain(vs...), imp)
		want := false
		for _, p := range coverage {
			some := false
			for v := range list {
				some = some || strings.HasPrefix(strconv.FormatUint(v, 10), p)
			}
			want = want || !some && true
			if !some && err == nil {
				fine := false // finer than a block: judged by the block
				for v := range list {
					for size := max(len(p), 7); size <= 15; size++ {
						pv, _ := strconv.ParseUint(p, 10, 64)
						first := pv * pow10[size-len(p)]
						fine = fine || v/blockSize == first/blockSize
					}
				}
				require.True(t, fine, "prefix %s has no number", p)
			}
		}
		if !want {
			require.NoError(t, err)
		}
		snapshot, err := r.Snapshot(ctx)
		require.NoError(t, err)
		var ask []dnc.Number
		for range 400 {
			v := under()
			if random.IntN(2) == 0 {
				v = number()
			}
			if len(vs) > 0 && random.IntN(3) == 0 {
				v = vs[random.IntN(len(vs))]
			}
			ask = append(ask, digits.Number(v))
		}
		big := append([]dnc.Number{}, ask...)
		for len(big) < 6000 {
			big = append(big, ask...)
		}
		expect := func(n dnc.Number) dnc.Verdict {
			v := digits.Of(n)
			switch {
			case !in(v):
				return dnc.Unknown
			case list[v]:
				return dnc.Block
			}
			return dnc.Allow
		}
		for _, c := range []dnc.Checker{r, snapshot} {
			for _, batch := range [][]dnc.Number{ask, big} {
				ds, _ := c.CheckBatch(ctx, batch)
				for i, d := range ds {
					require.Equal(t, batch[i], d.Number)
					require.Equal(t, expect(batch[i]), d.Verdict, "round %d: %v of %v", round, digits.Of(batch[i]), coverage)
				}
			}
			for _, n := range ask[:50] {
				d, _ := c.Check(ctx, n)
				require.Equal(t, expect(n), d.Verdict)
			}
		}
		snapshot.Close()
	}
}
