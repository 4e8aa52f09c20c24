package main

import (
	"sync"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
)

// newHours makes the calling hours of -hours and of ?explain=1 when they are first asked for: their
// data takes some milliseconds to read. now is the clock, hook gets their incidents.
func newHours(now func() time.Time, hook func(dnc.Incident)) func() (*calltime.Hours, error) {
	return sync.OnceValues(func() (*calltime.Hours, error) {
		return calltime.New(calltime.WithClock(now), calltime.WithIncidents(hook))
	})
}

// withHours asks the calling hours as well, if -hours is set. /healthz asks the lists alone: its
// number has no time zone.
func (c config) withHours(lists dnc.Rule) (dnc.Rule, error) {
	if !c.askHours {
		return lists, nil
	}
	hours, err := c.hours()
	if err != nil {
		return nil, err
	}
	return dnc.All(lists, hours), nil
}
