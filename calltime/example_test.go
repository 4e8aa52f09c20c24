package calltime_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
)

func Example() {
	hours, err := calltime.New(calltime.WithZoneComparison()) // without the system's zone data, so that the output is the same everywhere
	if err != nil {
		panic(err)
	}
	n, err := dnc.ParseNumber("+18505550100") // the Florida panhandle: two time zones
	if err != nil {
		panic(err)
	}
	at := time.Date(2026, 11, 26, 1, 30, 0, 0, time.UTC) // 20:30 in New York's zone, 19:30 in Chicago's
	d, err := hours.Check(context.Background(), dnc.Call{Number: n, Time: at})
	fmt.Println(d.Verdict, d.Reason().Code, d.Reason().List, err)
	fmt.Println("again at", d.Until().UTC().Format(time.RFC3339))
	// Output:
	// block outside_hours us-fl/hours <nil>
	// again at 2026-11-26T14:00:00Z
}
