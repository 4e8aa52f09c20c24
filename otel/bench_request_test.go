package dncotel_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	promexporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	dncotel "github.com/dnc-go/dnc/otel"
)

// BenchmarkAddedToRequest asks the platform in memory with and without the Observer in turns, as
// BenchmarkAdded does. There is no network, so the share of what is added is the largest there can be.
func BenchmarkAddedToRequest(b *testing.B) {
	platform := genesystest.New()
	campaign, err := platform.AddCampaign(`{"contactList":{"id":"` + platform.AddContactList("Spring", "phone") + `"}}`)
	require.NoError(b, err)
	prom, err := promexporter.New(promexporter.WithRegisterer(prometheus.NewRegistry()))
	require.NoError(b, err)
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(prom))
	b.Cleanup(func() { _ = meters.Shutdown(context.Background()) })
	observer, err := dncotel.GenesysObserver(dncotel.WithMeterProvider(meters))
	require.NoError(b, err)
	quiet := []genesys.Option{genesys.WithLimiter(nil), genesys.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))}
	plain, err := genesys.NewCampaignClient(platform.Source(), quiet...)
	require.NoError(b, err)
	observed, err := genesys.NewCampaignClient(platform.Source(), append(quiet, genesys.WithObserver(observer))...)
	require.NoError(b, err)

	var without, with []time.Duration
	ask := func(c *genesys.CampaignClient) time.Duration {
		start := time.Now()
		if _, err := c.Campaign(b.Context(), campaign); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	for i := 0; b.Loop(); i++ {
		if i%2 == 0 { // neither is always the first
			without = append(without, ask(plain))
			with = append(with, ask(observed))
		} else {
			with = append(with, ask(observed))
			without = append(without, ask(plain))
		}
	}
	slices.Sort(without)
	slices.Sort(with)
	p, o := without[len(without)/2], with[len(with)/2]
	b.ReportMetric(float64(p.Nanoseconds()), "ns/plain")
	b.ReportMetric(float64(o.Nanoseconds()), "ns/observed")
	b.ReportMetric(100*(float64(o)/float64(p)-1), "%added")
}
