package dncotel

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/dnc-go/dnc"
)

// IncidentHook makes a function for dnc.WithIncidents. It counts incidents by event and list, and
// has a gauge for each breaker: 1 is open, 0 is closed. The gauge begins when the breaker opens for
// the first time. The error texts of incidents are not recorded. An error wraps [ErrInvalidOption].
func IncidentHook(opts ...Option) (func(dnc.Incident), error) {
	c, err := configure(opts)
	if err != nil {
		return nil, err
	}
	m := c.meter()
	incidents, err1 := m.Int64Counter("dnc.incidents", metric.WithUnit("{incident}"),
		metric.WithDescription("Incidents by event and list."))
	numbers, err2 := m.Int64Counter("dnc.incident.numbers", metric.WithUnit("{number}"),
		metric.WithDescription("Decisions that incidents concern, by event and list."))
	open, err3 := m.Int64Gauge("dnc.breaker.open", metric.WithUnit("{breaker}"),
		metric.WithDescription("Whether the breaker of a list is open: the list is not asked."))
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	var lists names
	return func(i dnc.Incident) {
		ctx := context.Background()
		list := attribute.String("list", lists.label(i.List))
		set := metric.WithAttributeSet(attribute.NewSet(list, attribute.String("event", eventOf(i.Event))))
		incidents.Add(ctx, 1, set)
		numbers.Add(ctx, int64(i.Numbers), set)
		switch i.Event {
		case dnc.EventBreakerOpen:
			open.Record(ctx, 1, metric.WithAttributes(list))
		case dnc.EventBreakerClosed:
			open.Record(ctx, 0, metric.WithAttributes(list))
		}
	}, nil
}
