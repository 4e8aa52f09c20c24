package evidence

import (
	"crypto/hmac"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

// million is a batch of a million decisions, each about a number of its own.
func million(b *testing.B) []dnc.Decision {
	b.Helper()
	numbers := make([]dnc.Number, 1_000_000)
	for i := range numbers {
		numbers[i] = digits.Number(12_020_000_000 + uint64(i))
	}
	ds, err := list(b).CheckBatch(ctx, numbers)
	require.NoError(b, err)
	return ds
}

// perDecision reports bytes, time on the clock and time of the processor for each decision. The last
// does not depend on what else the machine does.
func perDecision(b *testing.B, used time.Duration, decisions int, bytes int64) {
	b.Helper()
	n := float64(b.N) * float64(decisions)
	b.ReportMetric(float64(bytes)/n, "bytes/decision")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/decision")
	b.ReportMetric(float64(used.Nanoseconds())/n, "cpu-ns/decision")
}

// BenchmarkBatch records a batch of a million decisions, beside what it cannot do without: an HMAC
// of each number, and the same bytes on the disk.
func BenchmarkBatch(b *testing.B) {
	ds := million(b)
	sample := b.TempDir() // a log with the batch once: its file is what the peers write
	f := newFixture(b)
	f.dir = sample
	l := f.open(b)
	require.NoError(b, l.recordDecisions(ctx, &dnc.Call{Campaign: "spring"}, nil, ds))
	require.NoError(b, l.Close())
	written, err := os.ReadFile(filepath.Join(sample, firstDay))
	require.NoError(b, err)

	b.Run("log", func(b *testing.B) {
		l := newFixture(b).open(b)
		used := cpuTime()
		for b.Loop() {
			if err := l.recordDecisions(ctx, &dnc.Call{Campaign: "spring"}, nil, ds); err != nil {
				b.Fatal(err)
			}
		}
		used = cpuTime() - used
		l.files.Lock()
		defer l.files.Unlock()
		perDecision(b, used, len(ds), l.size)
	})
	b.Run("hmac", func(b *testing.B) {
		mac := hmac.New(sha256.New, key.Secret)
		var sum []byte
		used := cpuTime()
		for b.Loop() {
			for i := range ds {
				mac.Reset()
				_, _ = mac.Write([]byte(ds[i].Number.E164()))
				sum = mac.Sum(sum[:0])
			}
		}
		perDecision(b, cpuTime()-used, len(ds), 0)
	})
	for _, each := range []int{wantBody, len(written)} {
		b.Run(map[bool]string{true: "fsync-once", false: "fsync-each-frame"}[each == len(written)], func(b *testing.B) {
			file, err := os.Create(filepath.Join(b.TempDir(), "peer"))
			require.NoError(b, err)
			defer func() { _ = file.Close() }()
			used, size := cpuTime(), int64(0)
			for b.Loop() {
				for at := 0; at < len(written); at += each {
					n, err := file.Write(written[at:min(at+each, len(written))])
					require.NoError(b, err)
					require.NoError(b, file.Sync())
					size += int64(n)
				}
			}
			perDecision(b, cpuTime()-used, len(ds), size)
		})
	}
}

// BenchmarkSingle records single decisions of many goroutines, each on the disk before it is given,
// beside as many bytes with an fsync for each decision.
func BenchmarkSingle(b *testing.B) {
	size := int64(0)
	b.Run("log", func(b *testing.B) {
		l := newFixture(b).open(b)
		c := Record(list(b), l, dnc.Call{Campaign: "spring"})
		n := number(b, 100)
		b.SetParallelism(64)
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if _, err := c.Check(ctx, n); err != nil {
					b.Fatal(err)
				}
			}
		})
		size = l.size / int64(b.N)
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
		b.ReportMetric(float64(size), "bytes/decision")
	})
	b.Run("fsync-each", func(b *testing.B) {
		file, err := os.Create(filepath.Join(b.TempDir(), "peer"))
		require.NoError(b, err)
		defer func() { _ = file.Close() }()
		record := make([]byte, size)
		for b.Loop() {
			_, err := file.Write(record)
			require.NoError(b, err)
			require.NoError(b, file.Sync())
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
	})
}
