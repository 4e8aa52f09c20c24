package guide_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dnc-go/dnc"
)

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
