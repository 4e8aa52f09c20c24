package dncotel

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/metric"

	"github.com/dnc-go/dnc/evidence"
)

// EvidenceLog is the part of an *evidence.Log that [ObserveEvidence] reads.
type EvidenceLog interface {
	Status() evidence.Status
}

// ObserveEvidence adds gauges of a log of decisions: how many records it has, how many decisions
// were not recorded, whether records can be written, and whether checkpoints can be saved. It reads
// the log's Status each time that metrics are collected. An error wraps [ErrInvalidOption].
func ObserveEvidence(log EvidenceLog, opts ...Option) error {
	if log == nil {
		return invalid("the EvidenceLog is nil")
	}
	c, err := configure(opts)
	if err != nil {
		return err
	}
	m := c.meter()
	records, err1 := m.Int64ObservableGauge("dnc.evidence.records", metric.WithUnit("{record}"),
		metric.WithDescription("How many records the log of decisions has."))
	lost, err2 := m.Int64ObservableCounter("dnc.evidence.lost", metric.WithUnit("{decision}"),
		metric.WithDescription("Decisions that could not be recorded."))
	writable, err3 := m.Int64ObservableGauge("dnc.evidence.writable", metric.WithUnit("{log}"),
		metric.WithDescription("Whether the log of decisions can be written."))
	saved, err4 := m.Int64ObservableGauge("dnc.evidence.checkpoint.saved", metric.WithUnit("{log}"),
		metric.WithDescription("Whether the last checkpoint of the log of decisions was saved."))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	_, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		s := log.Status()
		o.ObserveInt64(records, s.Records)
		o.ObserveInt64(lost, s.Lost)
		o.ObserveInt64(writable, without(s.Error))
		o.ObserveInt64(saved, without(s.SaveError))
		return nil
	}, records, lost, writable, saved)
	return err
}

// without is 1 without an error, else 0. The text of an error is in no metric.
func without(err error) int64 {
	if err != nil {
		return 0
	}
	return 1
}
