package guide_test

import (
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
