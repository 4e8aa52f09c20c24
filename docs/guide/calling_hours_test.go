package guide_test

import (
	"context"
	"fmt"
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

func Example_callingHours() {
	rule, err := withHours(dnc.NewMemory("optouts", number("+12125550123")))
	if err != nil {
		panic(err)
	}
	florida := number("+18505550100") // two time zones, and calls until 20:00
	for _, hour := range []int{1, 18} {
		at := time.Date(2026, 11, 24, hour, 30, 0, 0, time.UTC)
		callable, until := mayDial(context.Background(), rule, dnc.Call{Number: florida, Time: at})
		fmt.Println(callable, !until.IsZero())
	}
	// Output:
	// false true
	// true false
}
