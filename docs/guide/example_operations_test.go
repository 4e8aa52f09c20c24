package guide_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/dnc-go/dnc"
)

func Example_operations() {
	var blocked atomic.Int64
	checker := watched(dnc.NewMemory("optouts"), slog.New(slog.DiscardHandler), &blocked) // nothing was loaded
	d, err := checker.Check(context.Background(), number("+12125550123"))
	fmt.Println(d, err, blocked.Load())
	// Output: +1******0123 block list_missing list=optouts (fallback) <nil> 1
}
