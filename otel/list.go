package dncotel

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// A ListState is the size and date of a list.
type ListState struct {
	Numbers int64     // how many numbers it has
	Date    time.Time // when its data was obtained from its source; zero if that is not known
}

// readTime is how long a list may take to be read. Prometheus waits 10 s for everything together.
const readTime = 2 * time.Second

// ObserveList adds gauges of a list: its size, its age, and whether it can be read. Each time that
// metrics are collected, it calls read with a context of 2 s. For a registry.Registry:
//
//	err := dncotel.ObserveList("national", func(ctx context.Context) (dncotel.ListState, error) {
//		info, err := national.Info(ctx)
//		return dncotel.ListState{Numbers: int64(info.Numbers), Date: info.Obtained}, err
//	})
//
// For a SET in Redis, read can ask SCARD. If read returns an error, the list has no size and no
// age.
//
// name is the attribute "list". Use the name that the list has in reasons. It has 1 to 64 of a-z,
// 0-9, "_" and "-", at most six of them digits. An error wraps [ErrInvalidOption].
func ObserveList(name string, read func(context.Context) (ListState, error), opts ...Option) error {
	if read == nil {
		return invalid("the function that reads the list is nil")
	}
	if !safe(name) {
		return errName
	}
	c, err := configure(opts)
	if err != nil {
		return err
	}
	m := c.meter()
	size, err1 := m.Int64ObservableGauge("dnc.list.size", metric.WithUnit("{number}"),
		metric.WithDescription("How many numbers a list has."))
	available, err2 := m.Int64ObservableGauge("dnc.list.available", metric.WithUnit("{list}"),
		metric.WithDescription("Whether a list could be read when these metrics were collected."))
	age, err3 := ageGauge(m)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	list := attribute.String("list", name)
	set := metric.WithAttributeSet(attribute.NewSet(list))
	dated := metric.WithAttributeSet(attribute.NewSet(list, attribute.String("source", "store")))
	_, err = m.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		ctx, cancel := context.WithTimeout(ctx, readTime)
		defer cancel()
		state, err := read(ctx)
		if err != nil {
			o.ObserveInt64(available, 0, set)
			return nil // the other metrics are collected all the same
		}
		o.ObserveInt64(available, 1, set)
		o.ObserveInt64(size, state.Numbers, set)
		if !state.Date.IsZero() {
			o.ObserveFloat64(age, c.now().Sub(state.Date).Seconds(), dated)
		}
		return nil
	}, size, available, age)
	return err
}
