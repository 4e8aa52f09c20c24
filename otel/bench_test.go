package dncotel_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	promexporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
	dncotel "github.com/dnc-go/dnc/otel"
)

// BenchmarkAdded asks a real Redis with and without the decorator in turns, and reports the medians
// and what the decorator adds, in percent of the plain check. The two kinds go in turns, so that
// what else the machine does falls on both alike.
func BenchmarkAdded(b *testing.B) {
	s := redistest.Start(b)
	plain, err := dnc.NewRedisChecker(s.Client(b), dnc.WithList("blacklist", "dnc:blacklist"))
	require.NoError(b, err)
	s.Do(b, "SADD", "dnc:blacklist", "+12025550100")
	prom, err := promexporter.New(promexporter.WithRegisterer(prometheus.NewRegistry()))
	require.NoError(b, err)
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(prom))
	b.Cleanup(func() { _ = meters.Shutdown(context.Background()) })
	decorated, err := dncotel.Checker(plain, "bench", dncotel.WithMeterProvider(meters))
	require.NoError(b, err)
	n, err := dnc.ParseNumber("+12025550147")
	require.NoError(b, err)
	_, err = plain.Check(b.Context(), n)
	require.NoError(b, err)

	var without, with []time.Duration
	ask := func(c dnc.Checker) time.Duration {
		start := time.Now()
		if _, err := c.Check(b.Context(), n); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	for i := 0; b.Loop(); i++ {
		if i%2 == 0 { // neither is always the first
			without = append(without, ask(plain))
			with = append(with, ask(decorated))
		} else {
			with = append(with, ask(decorated))
			without = append(without, ask(plain))
		}
	}
	slices.Sort(without)
	slices.Sort(with)
	p, d := without[len(without)/2], with[len(with)/2]
	b.ReportMetric(float64(p.Nanoseconds()), "ns/plain")
	b.ReportMetric(float64(d.Nanoseconds()), "ns/decorated")
	b.ReportMetric(100*(float64(d)/float64(p)-1), "%added")
}

// BenchmarkAlone is what the decorator costs by itself.
func BenchmarkAlone(b *testing.B) {
	prom, err := promexporter.New(promexporter.WithRegisterer(prometheus.NewRegistry()))
	require.NoError(b, err)
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(prom))
	b.Cleanup(func() { _ = meters.Shutdown(context.Background()) })
	c, err := dncotel.Checker(&dnc.Memory{}, "bench", dncotel.WithMeterProvider(meters))
	require.NoError(b, err)
	n, err := dnc.ParseNumber("+12025550147")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = c.Check(b.Context(), n)
	}
}
