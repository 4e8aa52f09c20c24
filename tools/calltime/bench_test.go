package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
)

// calls are to numbers of everywhere in the United States, at one instant.
func calls(b *testing.B, n int, exchanges bool, where func(i int) dnc.Location) []dnc.Call {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	codes := []int{202, 212, 213, 305, 312, 364, 415, 503, 602, 713, 801, 850, 907, 928, 206, 404, 617, 702, 816, 919}
	out := make([]dnc.Call, n)
	for i := range out {
		exchange := 555
		if exchanges {
			exchange = 200 + r.IntN(800)
		}
		number, err := dnc.ParseNumber(fmt.Sprintf("+1%d%03d%04d", codes[r.IntN(len(codes))], exchange, r.IntN(10_000)))
		if err != nil {
			b.Fatal(err)
		}
		out[i] = dnc.Call{Number: number, Time: time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC), Location: where(i)}
	}
	return out
}

func nowhere(int) dnc.Location { return dnc.Location{} }

// BenchmarkHours asks calling hours beside what a program does by hand, and beside the zones of
// phonenumbers, which tell no hours.
func BenchmarkHours(b *testing.B) {
	now := time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC)
	hours, err := calltime.New(calltime.WithClock(func() time.Time { return now }), calltime.WithZoneComparison())
	if err != nil {
		b.Fatal(err)
	}
	for name, all := range map[string][]dnc.Call{
		"number": calls(b, 1<<16, false, nowhere),
		"state":  calls(b, 1<<16, false, func(int) dnc.Location { return dnc.Location{Region: "US-FL"} }),
		"postal code": calls(b, 1<<16, false, func(i int) dnc.Location {
			return dnc.Location{Postal: fmt.Sprintf("%05d", 10_000+i%100)}
		}),
		"16000 exchanges": calls(b, 1<<16, true, nowhere),
	} {
		b.Run("dnc/"+name, func(b *testing.B) {
			for _, call := range all {
				_, _ = hours.Check(b.Context(), call)
			}
			ctx := b.Context()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				_, _ = hours.Check(ctx, all[i&(1<<16-1)])
				i++
			}
		})
	}
	all := calls(b, 1<<16, true, nowhere)
	b.Run("peer/LoadLocation+In, one zone", func(b *testing.B) {
		b.ReportAllocs()
		i, open := 0, 0
		for b.Loop() {
			zone, err := time.LoadLocation("America/New_York")
			if err != nil {
				b.Fatal(err)
			}
			if hour := all[i&(1<<16-1)].Time.In(zone).Hour(); hour >= 8 && hour < 21 {
				open++
			}
			i++
		}
	})
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("peer/In of a kept zone", func(b *testing.B) {
		b.ReportAllocs()
		i, open := 0, 0
		for b.Loop() {
			if hour := all[i&(1<<16-1)].Time.In(zone).Hour(); hour >= 8 && hour < 21 {
				open++
			}
			i++
		}
	})
	b.Run("peer/phonenumbers.GetTimezonesForPrefix", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			if _, err := phonenumbers.GetTimezonesForPrefix(all[i&(1<<16-1)].Number.E164()[1:]); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
}

// BenchmarkNotKept is a call whose answer is worked out anew, as the first one to each place: calls
// with more than three zones are never kept.
func BenchmarkNotKept(b *testing.B) {
	zones := []string{"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"}
	all := calls(b, 1<<16, true, func(int) dnc.Location { return dnc.Location{Zones: zones} })
	for name, at := range map[string]time.Time{
		"open":   time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC),
		"closed": time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC),
	} {
		b.Run(name, func(b *testing.B) {
			hours, err := calltime.New(calltime.WithClock(func() time.Time { return at }), calltime.WithZoneComparison())
			if err != nil {
				b.Fatal(err)
			}
			i := 0
			for b.Loop() {
				call := all[i&(1<<16-1)]
				call.Time = at
				_, _ = hours.Check(b.Context(), call)
				i++
			}
		})
	}
}
