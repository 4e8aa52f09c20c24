package guide_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/dnc-go/dnc"
)

// watched is a Checker whose incidents are logged and counted.
func watched(list dnc.Checker, log *slog.Logger, blocked *atomic.Int64) dnc.Checker {
	return dnc.Protect(list,
		dnc.WithTimeLimit(500*time.Millisecond), // a dialer that cannot wait for the default, 2 s
		dnc.WithLogger(log),
		dnc.WithIncidents(func(i dnc.Incident) {
			if i.Event == dnc.EventFallbackBlock {
				blocked.Add(int64(i.Numbers)) // numbers that were blocked because no list could answer
			}
		}))
}

func Example_operations() {
	var blocked atomic.Int64
	checker := watched(dnc.NewMemory("optouts"), slog.New(slog.DiscardHandler), &blocked) // nothing was loaded
	d, err := checker.Check(context.Background(), number("+12125550123"))
	fmt.Println(d, err, blocked.Load())
	// Output: +1******0123 block list_missing list=optouts (fallback) <nil> 1
}
