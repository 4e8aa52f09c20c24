package dncotel

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// ages keeps the date of each list that a reason of one checker named. Without the checker in the
// attributes, what several decorators have seen of one list would overwrite each other.
type ages struct {
	names names
	mu    sync.RWMutex
	dates map[string]*dated // by the list's name as reasons have it
}

type dated struct {
	label string
	at    atomic.Int64 // in ns since 1970
}

func newAges(m metric.Meter, now func() time.Time, checker attribute.KeyValue) (*ages, error) {
	a := &ages{dates: map[string]*dated{}}
	gauge, err := ageGauge(m)
	if err != nil {
		return nil, err
	}
	_, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		t := now()
		a.mu.RLock()
		defer a.mu.RUnlock()
		for _, d := range a.dates {
			age := t.Sub(time.Unix(0, d.at.Load())).Seconds()
			o.ObserveFloat64(gauge, age, metric.WithAttributes(
				attribute.String("list", d.label), attribute.String("source", "answers"), checker))
		}
		return nil
	}, gauge)
	return a, err
}

func ageGauge(m metric.Meter) (metric.Float64ObservableGauge, error) {
	return m.Float64ObservableGauge("dnc.list.age", metric.WithUnit("s"),
		metric.WithDescription("How old the data of a list is."))
}

func (a *ages) saw(list string, date time.Time) {
	a.mu.RLock()
	d := a.dates[list]
	a.mu.RUnlock()
	if d == nil {
		if d = a.add(list); d == nil {
			return
		}
	}
	d.at.Store(date.UnixNano())
}

// add is nil for a list whose name is no label.
func (a *ages) add(list string) *dated {
	label := a.names.label(list)
	if label == other || label == "" {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	d := a.dates[list]
	if d == nil {
		d = &dated{label: label}
		a.dates[list] = d
	}
	return d
}
