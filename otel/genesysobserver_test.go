package dncotel_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	dncotel "github.com/dnc-go/dnc/otel"
	"github.com/dnc-go/dnc/retry"
)

// platform is a Genesys Cloud in memory with a client that is measured.
type platform struct {
	*genesystest.Platform
	client         *genesys.CampaignClient
	list, campaign string
}

func newPlatform(t *testing.T, opts []dncotel.Option, more ...genesys.Option) *platform {
	t.Helper()
	observer, err := dncotel.GenesysObserver(opts...)
	require.NoError(t, err)
	p := &platform{Platform: genesystest.New()}
	p.list = p.AddContactList("Spring", "phone")
	p.campaign, err = p.AddCampaign(`{"contactList":{"id":"` + p.list + `"}}`)
	require.NoError(t, err)
	all := append([]genesys.Option{genesys.WithLimiter(nil), genesys.WithObserver(observer)}, more...)
	p.client, err = genesys.NewCampaignClient(p.Source(), all...)
	require.NoError(t, err)
	return p
}

const campaignLabels = `method="GET",.*route="/api/v2/outbound/campaigns/\{id\}"`

func TestCampaignClientMetrics(t *testing.T) {
	t.Parallel()
	out := export(t)
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t, out.opts, genesys.WithLimiter(rate.NewLimiter(1, 1)))
		read := func(ctx context.Context) error {
			_, err := p.client.Campaign(ctx, p.campaign)
			return err
		}
		require.NoError(t, read(t.Context()))
		p.AddFault(genesystest.Fault{Status: 503, Times: 2})
		require.NoError(t, read(t.Context()))
		p.AddFault(genesystest.Fault{Status: 503, Times: 4})
		require.Error(t, read(t.Context()))
		p.AddFault(genesystest.Fault{Drop: true, Times: 4})
		require.Error(t, read(t.Context()))
		p.AddFault(genesystest.Fault{Status: 200, Header: map[string]string{"Content-Type": "text/html"}, Body: "<p>"})
		require.Error(t, read(t.Context()))
		p.AddFault(genesystest.Fault{Status: 404, Body: `{"code":"not.found"}`})
		require.Error(t, read(t.Context()))

		soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		require.ErrorIs(t, read(soon), retry.ErrRateLimitWait)

		p.AddFault(genesystest.Fault{Hang: true})
		short, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		require.ErrorIs(t, read(short), context.DeadlineExceeded)
	})
	lines(
		t, out.text(),
		`dnc_genesys_request_duration_seconds_count\{`+campaignLabels+`,status="2xx"\} 2`,
		`dnc_genesys_request_duration_seconds_count\{`+campaignLabels+`,status="4xx"\} 1`,
		`dnc_genesys_request_duration_seconds_count\{`+campaignLabels+`,status="5xx"\} 1`,
		`dnc_genesys_request_duration_seconds_count\{`+campaignLabels+`,status="failed"\} 2`,
		`dnc_genesys_request_duration_seconds_count\{`+campaignLabels+`,status="busy"\} 1`,
		`dnc_genesys_request_duration_seconds_count\{`+campaignLabels+`,status="canceled"\} 1`,
		`dnc_genesys_retries_total\{`+campaignLabels+`\} 8`,
		`dnc_genesys_wait_seconds_total\{`+campaignLabels+`\} 1?[0-9]\.?[0-9]*`,
	)
}

func TestCampaignClientSpans(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	p := newPlatform(t, []dncotel.Option{dncotel.WithTracerProvider(traces)}, genesys.WithRetry(retry.Policy{MaxAttempts: 1}))
	ctx, caller := traces.Tracer("test").Start(t.Context(), "caller")
	_, err := p.client.Campaign(ctx, p.campaign)
	require.NoError(t, err)
	p.AddFault(genesystest.Fault{Status: 500, Body: `{"message":"+` + canary + `"}`})
	_, err = p.client.Campaign(ctx, p.campaign)
	require.Error(t, err)
	caller.End()

	got := spans.GetSpans()
	require.Len(t, got, 3)
	for i, want := range []struct {
		status sdktrace.Status
		code   int
	}{{sdktrace.Status{}, 200}, {sdktrace.Status{Code: otelcodes.Error, Description: "5xx"}, 500}} {
		s := got[i]
		assert.Equal(t, "GET /api/v2/outbound/campaigns/{id}", s.Name)
		assert.Equal(t, trace.SpanKindClient, s.SpanKind)
		assert.Equal(t, want.status, s.Status)
		assert.Equal(t, caller.SpanContext().SpanID(), s.Parent.SpanID())
		assert.Empty(t, s.Events)
		assert.Contains(t, s.Attributes, attribute.Int("http.response.status_code", want.code))
		assert.Contains(t, s.Attributes, attribute.String("url.template", "/api/v2/outbound/campaigns/{id}"))
		assert.Contains(t, s.Attributes, attribute.Int("dnc.genesys.retries", 0))
	}
}

// What a CampaignClient never says is not a label either: an Observer is a function that anybody can
// call.
func TestOperationsAreBounded(t *testing.T) {
	t.Parallel()
	out := export(t)
	observer, err := dncotel.GenesysObserver(out.opts...)
	require.NoError(t, err)
	for _, op := range [][2]string{
		{"GET", "/contacts/" + canary}, {"GET", "/a?number=1"}, {"get" + national, "/a"}, {"GET", ""}, {"SECRET", "/secret"},
	} {
		_, end := observer(t.Context(), op[0], op[1])
		end(genesys.Observation{Status: 200})
	}
	for _, route := range slices.Repeat([]string{"/a", "/b"}, 2) {
		for i := range 300 {
			_, end := observer(t.Context(), "GET", route+string(rune('a'+i/26))+string(rune('a'+i%26)))
			end(genesys.Observation{Status: 999})
		}
	}
	text := out.text()
	lines(
		t, text,
		`dnc_genesys_request_duration_seconds_count\{method="other",.*route="other",status="2xx"\} 5`,
		`dnc_genesys_request_duration_seconds_count\{method="GET",.*route="/aaa",status="failed"\} 2`,
	)
	assert.NotContains(t, text, `route="/b`)
	assert.NotContains(t, text, "secret")
	assert.NotContains(t, text, "SECRET")
	assert.NotContains(t, out.all(t), national)
}

func TestCampaignClientOptions(t *testing.T) {
	t.Parallel()
	_, err := dncotel.GenesysObserver(nil)
	require.ErrorIs(t, err, dncotel.ErrInvalidOption)
}
