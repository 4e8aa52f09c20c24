package dncotel

import (
	"context"
	"errors"
	"regexp"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/retry"
)

// GenesysObserver makes an Observer for genesys.WithObserver. It measures each request to Genesys
// Cloud by method, route and status:
//
//	2xx, 3xx, 4xx, 5xx   the last reply
//	failed               no reply, or a reply that cannot be used, such as the page of a proxy
//	busy                 nothing was sent: the rate limit has no room before the caller's deadline
//	canceled             the caller gave up
//
// The duration includes retries and waits. With [WithTracerProvider] each request is a span inside
// the caller's span. An error wraps [ErrInvalidOption].
func GenesysObserver(opts ...Option) (genesys.Observer, error) {
	c, err := configure(opts)
	if err != nil {
		return nil, err
	}
	r := &requests{known: map[operation]*measuredOperation{}}
	if c.traces != nil {
		r.tracer = c.traces.Tracer(scope)
	}
	m := c.meter()
	var errs [3]error
	r.duration, errs[0] = m.Float64Histogram("dnc.genesys.request.duration", metric.WithUnit("s"),
		metric.WithDescription("How long a request to Genesys Cloud took, with retries and waits."),
		metric.WithExplicitBucketBoundaries(.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300))
	r.retries, errs[1] = m.Int64Counter("dnc.genesys.retries", metric.WithUnit("{retry}"),
		metric.WithDescription("How often requests to Genesys Cloud were sent again."))
	r.waited, errs[2] = m.Float64Counter("dnc.genesys.wait", metric.WithUnit("s"),
		metric.WithDescription("How long requests to Genesys Cloud waited for the rate limit."))
	return r.observe, errors.Join(errs[:]...)
}

// requests measures the requests of CampaignClients.
type requests struct {
	tracer   trace.Tracer // nil: no spans
	duration metric.Float64Histogram
	retries  metric.Int64Counter
	waited   metric.Float64Counter

	mu    sync.RWMutex
	known map[operation]*measuredOperation
}

type operation struct{ method, route string }

// measuredOperation has its sets of attributes made beforehand.
type measuredOperation struct {
	operation
	span   trace.SpanStartEventOption
	added  []metric.AddOption
	record [len(statuses)][]metric.RecordOption
}

// statuses are the values of the label "status".
var statuses = [...]string{"failed", "busy", "canceled", "2xx", "3xx", "4xx", "5xx"}

const (
	statusFailed = iota
	statusBusy
	statusCanceled
	status2xx
)

// maxRoutes bounds how many operations are measured by themselves. A CampaignClient has about 50.
const maxRoutes = 200

var (
	goodRoute   = regexp.MustCompile(`^[a-z/{][a-z0-9/{} ]{0,127}$`)
	goodMethods = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|DELETE)$`)
)

// of is what is known of an operation.
func (r *requests) of(method, route string) *measuredOperation {
	op := operation{method, route}
	r.mu.RLock()
	m := r.known[op]
	r.mu.RUnlock()
	if m != nil {
		return m
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !goodMethods.MatchString(method) || !goodRoute.MatchString(route) || digits(route) >= minNumber ||
		len(r.known) >= maxRoutes {
		op = operation{other, other}
	}
	if m = r.known[op]; m == nil {
		m = newOperation(op)
		r.known[op] = m
	}
	return m
}

func newOperation(op operation) *measuredOperation {
	method, route := attribute.String("method", op.method), attribute.String("route", op.route)
	m := &measuredOperation{
		operation: op,
		span: trace.WithAttributes(
			attribute.String("http.request.method", op.method), attribute.String("url.template", op.route)),
		added: []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(method, route))},
	}
	for i, s := range statuses {
		m.record[i] = records(method, route, attribute.String("status", s))
	}
	return m
}

func (r *requests) observe(ctx context.Context, method, route string) (context.Context, func(genesys.Observation)) {
	start := time.Now()
	op := r.of(method, route)
	var span trace.Span
	if r.tracer != nil {
		ctx, span = r.tracer.Start(ctx, op.method+" "+op.route, trace.WithSpanKind(trace.SpanKindClient), op.span)
	}
	return ctx, func(o genesys.Observation) {
		s := statusOf(ctx, o)
		r.duration.Record(ctx, time.Since(start).Seconds(), op.record[s]...)
		r.retries.Add(ctx, int64(o.Retries), op.added...)
		r.waited.Add(ctx, o.Waited.Seconds(), op.added...)
		if span == nil {
			return
		}
		span.SetAttributes(attribute.Int("http.response.status_code", o.Status),
			attribute.Int("dnc.genesys.retries", o.Retries), attribute.Float64("dnc.genesys.wait", o.Waited.Seconds()))
		if o.Err != nil {
			span.SetStatus(otelcodes.Error, statuses[s]) // the text of an error is in no span
		}
		span.End()
	}
}

// statusOf is the place of an observation in statuses.
func statusOf(ctx context.Context, o genesys.Observation) int {
	class := o.Status/100 - 2 + status2xx
	replied := class >= status2xx && class < len(statuses)
	switch {
	case replied && (o.Err == nil || class > status2xx):
		return class
	case errors.Is(o.Err, retry.ErrRateLimitWait):
		return statusBusy
	case ctx.Err() != nil:
		return statusCanceled
	}
	return statusFailed
}
