package dnc_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/dnc-go/dnc"
)

func ExampleUnion() {
	optOuts := dnc.NewMemory("optouts", number("+12125550123"))
	litigators := dnc.NewMemory("litigators", number("+12125550123"), number("+12125550124"))
	d, _ := dnc.Union(optOuts, litigators).Check(context.Background(), number("+12125550123"))
	for r := range d.Reasons.All() {
		fmt.Println(r)
	}
	// Output:
	// dnc_optouts list=optouts
	// dnc_litigators list=litigators
}

func ExampleByPrefix() {
	us := dnc.NewMemory("us", number("+12125550123"))
	uk := dnc.NewMemory("uk", number("+442079460000"))
	checker := dnc.ByPrefix(map[string]dnc.Checker{"+1": us, "+44": uk})
	for _, s := range []string{"+442079460000", "+12125550199", "+33123456789"} {
		d, _ := checker.Check(context.Background(), number(s))
		fmt.Println(d)
	}
	// Output:
	// +4*******0000 block dnc_uk list=uk
	// +1******0199 allow allowed list=us
	// +3******6789 unknown not_covered
}

// A list that some service keeps.
func ExampleCheckerFunc() {
	service := dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Verdict: dnc.Block, Reasons: dnc.ReasonsOf(dnc.Reason{Code: "dnc_crm", List: "crm"})}
		}
		return ds, nil
	})
	d, err := service.Check(context.Background(), number("+12125550123"))
	fmt.Println(d, err)
	// Output: +1******0123 block dnc_crm list=crm <nil>
}

// Where a store cannot be asked, Fallback answers; the decision says so.
func ExampleFallback() {
	down := dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Verdict: dnc.Unknown, Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeStoreUnavailable})}
		}
		return ds, &dnc.Error{Code: dnc.CodeStoreUnavailable}
	})
	incidents := dnc.WithIncidents(func(i dnc.Incident) { fmt.Println("incident:", i.Event, i.Numbers) })
	checker := dnc.Fallback(dnc.Breaker(dnc.TimeLimit(down, time.Second)), incidents, dnc.WithLogger(slog.New(slog.DiscardHandler)))
	d, err := checker.Check(context.Background(), number("+12125550123"))
	fmt.Println(d, err)
	// Output:
	// incident: fallback_block 1
	// +1******0123 block store_unavailable (fallback) <nil>
}

func ExampleProtect() {
	checker := dnc.Protect(dnc.Union(dnc.NewMemory("blacklist", number("+12125550123")), dnc.NewMemory("litigators", number("+12125550124"))))
	d, err := checker.Check(context.Background(), number("+12125550124"))
	fmt.Println(d, err)
	// Output: +1******0124 block dnc_litigators list=litigators <nil>
}

// A state's list has its own numbers and says nothing of others.
func ExampleBlockOnly() {
	national := dnc.NewMemory("national", number("+13035550123"))
	colorado := dnc.NewMemory("colorado", number("+13035550124"))
	for _, checker := range []dnc.Checker{dnc.Union(national, dnc.BlockOnly(colorado)), dnc.BlockOnly(colorado)} {
		for _, s := range []string{"+13035550124", "+13035550199"} {
			d, _ := checker.Check(context.Background(), number(s))
			fmt.Println(d.Verdict, d.Reason())
		}
	}
	// Output:
	// block dnc_colorado list=colorado
	// allow allowed list=national
	// block dnc_colorado list=colorado
	// unknown not_listed list=colorado
}
