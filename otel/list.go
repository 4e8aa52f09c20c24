package dncotel

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// A ListState is what List shows of a list.
type ListState struct {
	Numbers int64     // how many numbers it has
	Date    time.Time // when its data was obtained from its source; zero if that is not known
}

// readTime is how long a list may take to be read. Prometheus waits 10 s for everything together.
const readTime = 2 * time.Second

// List makes gauges of a list: its size, its age, and whether it can be read. read is called whenever
// metrics are collected, with 2 s in its context. For a registry.Registry it is
//
//	err := dncotel.List("national", func(ctx context.Context) (dncotel.ListState, error) {
//		info, err := national.Info(ctx)
//		return dncotel.ListState{Numbers: int64(info.Numbers), Date: info.Obtained}, err
//	})
//
// and for a SET of Redis it asks SCARD. name is the attribute "list": give it the name that the list
// has in reasons. 1 to 64 of a-z, 0-9, "_" and "-" are allowed, at most six of them digits. After an
// error of read the list has no size and no age. An error wraps ErrInvalidOption.
func List(name string, read func(context.Context) (ListState, error), opts ...Option) error {
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
