package optout_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/optout"
)

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "optouts")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	crm := optout.TargetFunc(func(_ context.Context, changes []optout.Change) error {
		for _, c := range changes {
			fmt.Println("crm:", c.Number, "blocked:", c.Blocked, "by", c.Source)
		}
		return nil
	})
	intake, err := optout.Open(dir, optout.WithTarget("crm", crm))
	if err != nil {
		panic(err)
	}
	defer func() { _ = intake.Close() }()

	ctx := context.Background()
	n, err := dnc.ParseNumber("+12025550123")
	if err != nil {
		panic(err)
	}
	receipt, err := intake.Add(ctx, optout.Request{Number: n, Source: "web", SourceID: "form-17"})
	if err != nil {
		panic(err) // not acknowledged: send it again
	}
	fmt.Println("receipt", receipt.ID)

	national := dnc.NewMemory("national") // stands for a list that has everybody
	national.SetEmpty()
	gate := dnc.Protect(dnc.Union(national, intake.Checker()))
	d, err := gate.Check(ctx, n)
	fmt.Println(d, err)
	if err := intake.Wait(ctx); err != nil { // only to have the output in order
		panic(err)
	}
	// Unordered output:
	// receipt 2
	// crm: +1******0123 blocked: true by web
	// +1******0123 block dnc_optouts list=optouts <nil>
}

func ExampleIntake_Reply() {
	dir, err := os.MkdirTemp("", "optouts")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	intake, err := optout.Open(dir)
	if err != nil {
		panic(err)
	}
	defer func() { _ = intake.Close() }()
	ctx := context.Background()
	for i, text := range []string{"Stop!", "No más, gracias", "Who is this?", "Thanks"} {
		n, err := dnc.ParseNumber(fmt.Sprintf("+1202555010%d", i))
		if err != nil {
			panic(err)
		}
		meaning, _, err := intake.Reply(ctx, optout.Request{Number: n, Source: "sms", SourceID: fmt.Sprint("message-", i)}, text)
		fmt.Println(meaning, err)
	}
	for _, h := range intake.Held() { // a person reads it
		_, err = intake.Resolve(ctx, h.ID, optout.Harmless, optout.DecidedBy{Actor: "ann", Reason: "only asked who we are"})
		fmt.Println(h.Request.Evidence, "-> harmless", err)
	}
	// Output:
	// opt-out <nil>
	// opt-out <nil>
	// doubtful <nil>
	// harmless <nil>
	// Who is this? -> harmless <nil>
}

func ExampleDeadline_LastDay() {
	asked := time.Date(2026, time.November, 20, 18, 0, 0, 0, time.FixedZone("EST", -5*3600))
	for _, d := range optout.Deadlines() {
		if d.InForce(asked) {
			fmt.Println(d.Region, d.LastDay(asked).Format(time.DateOnly))
		}
	}
	// Output:
	// US 2026-12-07
	// US-FL 2026-12-05
	// CA 2026-12-04
}

func ExampleReadReply() {
	fmt.Println(optout.ReadReply("STOP please"))
	fmt.Println(optout.ReadReply("I will stop by your shop tomorrow"))
	fmt.Println(optout.ReadReply("START"))
	// Output:
	// opt-out
	// doubtful
	// harmless
}
