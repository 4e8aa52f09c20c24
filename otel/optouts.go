package dncotel

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/dnc-go/dnc/optout"
)

// Intake is the part of an *optout.Intake that OptOuts reads.
type Intake interface {
	Overdue(now time.Time) []optout.Late
	Targets() []optout.TargetStatus
}

// OptOuts makes gauges of the opt-outs that each target does not have: how many in all, and how many
// past a legal time limit. It reads them whenever metrics are collected. An error wraps
// ErrInvalidOption.
func OptOuts(in Intake, opts ...Option) error {
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
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	var targets names
	_, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		waiting, late := map[string]int64{}, map[string]int64{}
		for _, s := range in.Targets() {
			waiting[targets.label(s.Name)] += int64(s.Pending)
		}
		for _, l := range in.Overdue(c.now()) {
			late[targets.label(l.Target)]++
		}
		for name, n := range waiting { // also those with none late: a gauge must return to zero
			set := metric.WithAttributes(attribute.String("target", name))
			o.ObserveInt64(pending, n, set)
			o.ObserveInt64(overdue, late[name], set)
		}
		return nil
	}, pending, overdue)
	return err
}
