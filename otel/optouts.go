package dncotel

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/dnc-go/dnc/optout"
)

// Intake is the part of an *optout.Intake that [ObserveOptOuts] reads.
type Intake interface {
	Overdue(now time.Time) []optout.OverdueDelivery
	Targets() []optout.TargetStatus
	Held() []optout.HeldRequest
}

// ObserveOptOuts adds gauges of opt-outs that wait for delivery to each target: how many, how old
// the oldest is, and how many are past a legal time limit. Another gauge is how many text replies
// wait for a person's decision. It reads them each time that metrics are collected. An error wraps
// [ErrInvalidOption].
func ObserveOptOuts(in Intake, opts ...Option) error {
	if in == nil {
		return invalid("the Intake is nil")
	}
	c, err := configure(opts)
	if err != nil {
		return err
	}
	m := c.meter()
	pending, err1 := m.Int64ObservableGauge("dnc.optouts.pending", metric.WithUnit("{change}"),
		metric.WithDescription("Changes that a target does not have."))
	overdue, err2 := m.Int64ObservableGauge("dnc.optouts.overdue", metric.WithUnit("{change}"),
		metric.WithDescription("Opt-outs that a target does not have and that are past a legal time limit."))
	oldest, err3 := m.Float64ObservableGauge("dnc.optouts.oldest", metric.WithUnit("s"),
		metric.WithDescription("How long ago the oldest opt-out was asked for that a target does not have; 0 without one."))
	held, err4 := m.Int64ObservableGauge("dnc.optouts.held", metric.WithUnit("{reply}"),
		metric.WithDescription("Replies that wait for a person's decision; they are opted out until then."))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	var targets names
	_, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		now := c.now()
		waiting, late, age := map[string]int64{}, map[string]int64{}, map[string]float64{}
		for _, s := range in.Targets() {
			name := targets.label(s.Name)
			waiting[name] += int64(s.Pending)
			if !s.Oldest.IsZero() {
				age[name] = max(age[name], now.Sub(s.Oldest).Seconds())
			}
		}
		for _, l := range in.Overdue(now) {
			late[targets.label(l.Target)]++
		}
		for name, n := range waiting { // also those with none late: a gauge must return to zero
			set := metric.WithAttributes(attribute.String("target", name))
			o.ObserveInt64(pending, n, set)
			o.ObserveInt64(overdue, late[name], set)
			o.ObserveFloat64(oldest, age[name], set)
		}
		o.ObserveInt64(held, int64(len(in.Held())))
		return nil
	}, pending, overdue, oldest, held)
	return err
}
