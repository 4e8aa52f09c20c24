package guide_test

import (
	"context"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
)

// withHours asks the lists, and whether the call may be made at its time.
func withHours(lists dnc.Checker) (dnc.Rule, error) {
	hours, err := calltime.New()
	if err != nil {
		return nil, err
	}
	return dnc.ProtectRule(dnc.All(dnc.RuleOf(lists), hours)), nil
}

// mayDial says whether to dial now, and when to try again if not.
func mayDial(ctx context.Context, rule dnc.Rule, call dnc.Call) (bool, time.Time) {
	d, err := rule.Check(ctx, call)
	if err != nil {
		return false, time.Time{}
	}
	return d.Callable(), d.Until() // the next opening; zero if no time is known
}
