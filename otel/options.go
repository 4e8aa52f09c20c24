package dncotel

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// ErrInvalidOption says that an argument or an option cannot be used.
var ErrInvalidOption = errors.New("dncotel: invalid option")

const scope = "github.com/dnc-go/dnc/otel"

type config struct {
	meters metric.MeterProvider
	traces trace.TracerProvider
	now    func() time.Time
}

// An Option changes how a function of this package measures.
type Option func(*config) error

// WithMeterProvider sets where metrics go. The default is the global provider of OpenTelemetry.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(c *config) error {
		if p == nil {
			return invalid("WithMeterProvider(nil): leave it out for the global provider")
		}
		c.meters = p
		return nil
	}
}

// WithTracerProvider makes a span of each check or request. By default there are no spans.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(c *config) error {
		if p == nil {
			return invalid("WithTracerProvider(nil): leave it out for no spans")
		}
		c.traces = p
		return nil
	}
}

// WithClock sets the clock for the ages of lists and opt-outs. The default is time.Now.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return invalid("WithClock(nil): leave it out for time.Now")
		}
		c.now = now
		return nil
	}
}

func configure(opts []Option) (config, error) {
	c := config{meters: otel.GetMeterProvider(), now: time.Now}
	for _, o := range opts {
		if o == nil {
			return c, invalid("an Option is nil")
		}
		if err := o(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c config) meter() metric.Meter { return c.meters.Meter(scope) }

func invalid(text string) error {
	return fmt.Errorf("%w: %s", ErrInvalidOption, text)
}
