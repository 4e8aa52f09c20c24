package dncotel

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/dnc-go/dnc"
)

// recorder measures the checks of one Checker or Rule. Its sets of attributes are made beforehand:
// to make one costs more than to record it.
type recorder struct {
	tracer    trace.Tracer // nil: no spans
	spanAttrs trace.SpanStartEventOption
	duration  metric.Float64Histogram
	size      metric.Int64Histogram
	decisions metric.Int64Counter
	ages      *ages
	ofBatch   []metric.RecordOption
	ofSize    []metric.RecordOption
	ofSingle  [3][]metric.RecordOption
	counted   [3]map[string][]metric.AddOption
}

var verdicts = [3]dnc.Verdict{dnc.Unknown: dnc.Unknown, dnc.Allow: dnc.Allow, dnc.Block: dnc.Block}

func newRecorder(name string, opts []Option) (*recorder, error) {
	if !safe(name) {
		return nil, errName
	}
	c, err := configure(opts)
	if err != nil {
		return nil, err
	}
	r := &recorder{}
	checker := attribute.String("checker", name)
	if c.traces != nil {
		r.tracer = c.traces.Tracer(scope)
		r.spanAttrs = trace.WithAttributes(attribute.String("dnc.checker", name))
	}
	r.ofSize = records(checker)
	r.ofBatch = records(checker, attribute.String("batch", "true"))
	for i, v := range verdicts {
		verdict := attribute.String("verdict", v.String())
		r.ofSingle[i] = records(checker, attribute.String("batch", "false"), verdict)
		r.counted[i] = map[string][]metric.AddOption{}
		for _, code := range codes {
			set := attribute.NewSet(checker, verdict, attribute.String("code", code))
			r.counted[i][code] = []metric.AddOption{metric.WithAttributeSet(set)}
		}
	}
	if err := r.instruments(c, checker); err != nil {
		return nil, err
	}
	r.begin()
	return r, nil
}

// begin shows a zero for each doubt, also as what a Fallback makes of it: Block or Allow. What a
// counter shows first has no rate: an alert would not see the first doubts.
func (r *recorder) begin() {
	for _, v := range verdicts {
		for _, code := range doubts {
			r.decisions.Add(context.Background(), 0, r.counted[v][code]...)
		}
	}
}

func records(attrs ...attribute.KeyValue) []metric.RecordOption {
	return []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(attrs...))}
}

func (r *recorder) instruments(c config, checker attribute.KeyValue) error {
	var errs [4]error
	m := c.meter()
	r.duration, errs[0] = m.Float64Histogram("dnc.check.duration", metric.WithUnit("s"),
		metric.WithDescription("How long a check took."),
		metric.WithExplicitBucketBoundaries(.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60))
	r.size, errs[1] = m.Int64Histogram("dnc.check.batch.size", metric.WithUnit("{number}"),
		metric.WithDescription("How many numbers or calls a batch has."),
		metric.WithExplicitBucketBoundaries(1, 10, 100, 1000, 10_000, 100_000, 1_000_000))
	r.decisions, errs[2] = m.Int64Counter("dnc.decisions", metric.WithUnit("{decision}"),
		metric.WithDescription("Decisions by verdict and by the code of the strongest reason."))
	r.ages, errs[3] = newAges(m, c.now, checker)
	return errors.Join(errs[:]...)
}

func (r *recorder) span(ctx context.Context, name string) (context.Context, trace.Span) {
	if r.tracer == nil {
		return ctx, nil
	}
	return r.tracer.Start(ctx, name, r.spanAttrs)
}

func (r *recorder) single(ctx context.Context, took time.Duration, d dnc.Decision) {
	v := index(d.Verdict)
	r.duration.Record(ctx, took.Seconds(), r.ofSingle[v]...)
	r.count(ctx, v, d.Reasons, 1)
}

// batch counts decisions with the same reasons at once: those of one list share them.
func (r *recorder) batch(ctx context.Context, took time.Duration, ds []dnc.Decision) {
	r.duration.Record(ctx, took.Seconds(), r.ofBatch...)
	r.size.Record(ctx, int64(len(ds)), r.ofSize...)
	type kind struct {
		verdict int
		reasons dnc.Reasons
	}
	counts := map[kind]int64{}
	var last kind
	n := int64(0)
	for _, d := range ds {
		k := kind{index(d.Verdict), d.Reasons}
		if k != last && n > 0 {
			counts[last] += n
			n = 0
		}
		last = k
		n++
	}
	if n > 0 {
		counts[last] += n
	}
	for k, n := range counts {
		r.count(ctx, k.verdict, k.reasons, n)
	}
}

func (r *recorder) count(ctx context.Context, verdict int, reasons dnc.Reasons, n int64) {
	code := ""
	for reason := range reasons.All() {
		if code == "" {
			code = codeOf(reason.Code)
		}
		if !reason.Date.IsZero() {
			r.ages.saw(reason.List, reason.Date)
		}
	}
	r.decisions.Add(ctx, n, r.counted[verdict][code]...)
}

// index is the place of a verdict in verdicts. A Union lets no other through.
func index(v dnc.Verdict) int {
	if v > dnc.Block {
		return 0
	}
	return int(v)
}
