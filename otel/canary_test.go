package dncotel_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	promexporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	dncotel "github.com/dnc-go/dnc/otel"
	"github.com/dnc-go/dnc/retry"
)

const (
	canary   = "12025550147"
	national = "2025550147"
)

// outputs is everything that exporters write.
type outputs struct {
	opts     []dncotel.Option
	registry *prometheus.Registry
	meters   *sdkmetric.MeterProvider
	stdout   bytes.Buffer
}

func export(t *testing.T) *outputs {
	t.Helper()
	out := &outputs{registry: prometheus.NewRegistry()}
	prom, err := promexporter.New(promexporter.WithRegisterer(out.registry))
	require.NoError(t, err)
	std, err := stdoutmetric.New(stdoutmetric.WithWriter(&out.stdout))
	require.NoError(t, err)
	spans, err := stdouttrace.New(stdouttrace.WithWriter(&out.stdout))
	require.NoError(t, err)
	out.meters = sdkmetric.NewMeterProvider(sdkmetric.WithReader(prom), sdkmetric.WithReader(sdkmetric.NewPeriodicReader(std)))
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	t.Cleanup(func() {
		_ = out.meters.Shutdown(context.Background())
		_ = traces.Shutdown(context.Background())
	})
	out.opts = []dncotel.Option{dncotel.WithMeterProvider(out.meters), dncotel.WithTracerProvider(traces)}
	return out
}

// text is what /metrics serves.
func (o *outputs) text() string {
	w := httptest.NewRecorder()
	promhttp.HandlerFor(o.registry, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

// all is what every exporter wrote.
func (o *outputs) all(t *testing.T) string {
	t.Helper()
	text := o.text()
	require.NoError(t, o.meters.ForceFlush(t.Context()))
	return text + o.stdout.String()
}

func number(t *testing.T) dnc.Number {
	t.Helper()
	n, err := dnc.ParseNumber("+" + canary)
	require.NoError(t, err)
	return n
}

// leaky puts the number wherever a Checker of a user's own could put it.
func leaky(v dnc.Verdict, err error) dnc.Checker {
	return dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Verdict: v, Reasons: dnc.ReasonsOf(
				dnc.Reason{Code: "dnc_" + canary, List: canary, Version: canary, Date: time.Now()},
				dnc.Reason{Code: canary, List: "list " + national, Date: time.Now()})}
		}
		return ds, err
	})
}

func TestNoNumberInAnyOutput(t *testing.T) {
	t.Parallel()
	out := export(t)
	n := number(t)
	secret := errors.New("cannot ask for +" + canary)
	for _, next := range []dnc.Checker{leaky(dnc.Block, nil), leaky(dnc.Allow, nil), leaky(dnc.Unknown, secret)} {
		c, err := dncotel.Checker(next, "leaky", out.opts...)
		require.NoError(t, err)
		_, _ = c.Check(t.Context(), n)
		_, _ = c.CheckBatch(t.Context(), []dnc.Number{n, n, {}})
		r, err := dncotel.Rule(dnc.RuleOf(next), "leaky-rule", out.opts...)
		require.NoError(t, err)
		call := dnc.Call{Number: n, Campaign: canary, Party: canary, Seller: canary, Subject: canary}
		_, _ = r.Check(t.Context(), call)
		_, _ = r.CheckBatch(t.Context(), []dnc.Call{call, call})
	}
	report, err := dncotel.IncidentHook(out.opts...)
	require.NoError(t, err)
	for _, event := range []string{dnc.EventBreakerOpen, dnc.EventFallbackBlock, canary} {
		report(dnc.Incident{Event: event, List: canary, Numbers: 1, Err: secret})
		report(dnc.Incident{Event: event, List: "national", Numbers: 1, Err: secret})
	}
	leakyPlatform(t, out)
	noNumber(t, out.all(t))
}

// leakyPlatform has the number in ids, queries, bodies and the platform's own texts.
func leakyPlatform(t *testing.T, out *outputs) {
	t.Helper()
	p := newPlatform(t, out.opts, genesys.WithRetry(retry.Policy{MaxAttempts: 1}))
	contact := genesys.Contact{ID: canary, Data: map[string]string{"phone": "+" + canary}}
	_, err := p.client.AddContacts(t.Context(), p.list, []genesys.Contact{contact}, genesys.AddOptions{})
	require.NoError(t, err)
	require.NoError(t, p.client.MarkUncallable(t.Context(), p.list, canary, genesys.ContactPart{}))
	for _, err := range p.client.Campaigns(t.Context(), genesys.CampaignQuery{Name: canary}) {
		t.Error("no campaign has that name", err)
	}
	p.AddFault(genesystest.Fault{Status: 400, Times: -1, Body: `{"code":"` + canary + `","message":"+` + canary + `"}`})
	_, err = p.client.ApplyRules(t.Context(), p.campaign, genesys.Rules{BlockedNumbers: []string{"+" + canary}})
	require.Error(t, err)
	require.Error(t, p.client.MarkUncallable(t.Context(), p.list, canary, genesys.ContactPart{}))
}

func noNumber(t *testing.T, text string) {
	t.Helper()
	require.Contains(t, text, "dnc_decisions_total")
	require.Contains(t, text, `"Name":"dnc.Check"`)
	assert.NotContains(t, text, national)
	require.Contains(t, text, `"Name":"PUT /api/v2/outbound/contactlists/{id}/contacts/{id}"`)
	require.Contains(t, text, `route="/api/v2/outbound/campaigns"`)
	assert.NotRegexp(t, `cannot ask`, text)
}

func TestDecorators(t *testing.T) {
	t.Parallel()
	out := export(t)
	dnctest.TestDecorator(t, func(next dnc.Checker) dnc.Checker {
		c, err := dncotel.Checker(next, "decorator", out.opts...)
		if next == nil {
			require.ErrorIs(t, err, dncotel.ErrInvalidOption)
			return dnc.Union(nil)
		}
		require.NoError(t, err)
		return c
	})
	dnctest.TestRuleDecorator(t, func(next dnc.Rule) dnc.Rule {
		r, err := dncotel.Rule(next, "decorator", out.opts...)
		if next == nil {
			require.ErrorIs(t, err, dncotel.ErrInvalidOption)
			return dnc.All(nil)
		}
		require.NoError(t, err)
		return r
	})
}

func TestOptionsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	ok := leaky(dnc.Block, nil)
	for _, name := range []string{"", "Upper", "a b", canary, "list-" + national} {
		_, err := dncotel.Checker(ok, name)
		require.ErrorIs(t, err, dncotel.ErrInvalidOption)
		assert.NotContains(t, err.Error(), national)
	}
	for _, o := range []dncotel.Option{nil, dncotel.WithMeterProvider(nil), dncotel.WithTracerProvider(nil), dncotel.WithClock(nil)} {
		_, err := dncotel.Checker(ok, "name", o)
		require.ErrorIs(t, err, dncotel.ErrInvalidOption)
		_, err = dncotel.Rule(dnc.RuleOf(ok), "name", o)
		require.ErrorIs(t, err, dncotel.ErrInvalidOption)
		_, err = dncotel.IncidentHook(o)
		require.ErrorIs(t, err, dncotel.ErrInvalidOption)
	}
}
