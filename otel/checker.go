package dncotel

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/dnc-go/dnc"
)

// Checker makes a Checker that asks next and measures each check. Its answers are those of next; an
// answer that breaks the contract of dnc.Checker becomes Unknown.
//
// name is the attribute "checker". It has 1 to 64 of a-z, 0-9, "_" and "-", at most six of them
// digits. An error wraps [ErrInvalidOption].
func Checker(next dnc.Checker, name string, opts ...Option) (dnc.Checker, error) {
	if next == nil {
		return nil, invalid("the Checker is nil")
	}
	r, err := newRecorder(name, opts)
	if err != nil {
		return nil, err
	}
	return &measured[dnc.Number]{next: dnc.Union(next), r: r}, nil // a Union of one holds next to the contract
}

// Rule makes a dnc.Rule that asks next and measures each check. For name and errors see [Checker].
func Rule(next dnc.Rule, name string, opts ...Option) (dnc.Rule, error) {
	if next == nil {
		return nil, invalid("the Rule is nil")
	}
	r, err := newRecorder(name, opts)
	if err != nil {
		return nil, err
	}
	return &measured[dnc.Call]{next: dnc.All(next), r: r}, nil
}

// source is a dnc.Checker or a dnc.Rule.
type source[Q any] interface {
	Check(ctx context.Context, q Q) (dnc.Decision, error)
	CheckBatch(ctx context.Context, qs []Q) ([]dnc.Decision, error)
}

type measured[Q any] struct {
	next source[Q]
	r    *recorder
}

func (m *measured[Q]) Check(ctx context.Context, q Q) (dnc.Decision, error) {
	start := time.Now()
	ctx, span := m.r.span(ctx, "dnc.Check")
	d, err := m.next.Check(ctx, q)
	m.r.single(ctx, time.Since(start), d)
	if span != nil {
		c := codeOf(d.Reason().Code)
		span.SetAttributes(attribute.String("dnc.verdict", d.Verdict.String()), attribute.String("dnc.code", c))
		end(span, err, c)
	}
	return d, err
}

func (m *measured[Q]) CheckBatch(ctx context.Context, qs []Q) ([]dnc.Decision, error) {
	start := time.Now()
	ctx, span := m.r.span(ctx, "dnc.CheckBatch")
	ds, err := m.next.CheckBatch(ctx, qs)
	m.r.batch(ctx, time.Since(start), ds)
	if span != nil {
		span.SetAttributes(attribute.Int("dnc.batch.size", len(qs)))
		end(span, err, "some of the batch are unknown")
	}
	return ds, err
}

// end never sets the text of an error: it may be of a Checker that puts numbers into it.
func end(span trace.Span, err error, why string) {
	if err != nil {
		span.SetStatus(otelcodes.Error, why)
	}
	span.End()
}
