package dnc_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/dnc-go/dnc"
)

// What a dialer does: one Checker of all lists, asked before each call.
func Example() {
	optOut, _ := dnc.ParseNumber("+1 212 555 0123")
	list := dnc.NewMemory("blacklist", optOut) // in production a RedisChecker
	checker := dnc.Protect(list)

	for _, typed := range []string{"+1 (212) 555-0123", "+12125550199", "555-0123"} {
		n, err := dnc.ParseNumber(typed)
		if err != nil {
			fmt.Println(err)
			continue
		}
		d, err := checker.Check(context.Background(), n)
		fmt.Println(n, d.Callable(), d.Reason().Code, err)
	}
	// Output:
	// +1******0123 false dnc_blacklist <nil>
	// +1******0199 true allowed <nil>
	// dnc: invalid number: it does not begin with "+" and the country code; for national forms use a Parser with a Country
}

func ExampleParseNumber() {
	n, err := dnc.ParseNumber("+44 20 7946 0000")
	fmt.Println(n, err)
	fmt.Println(n.E164())
	// Output:
	// +4*******0000 <nil>
	// +442079460000
}

func ExampleParser() {
	us, uk := dnc.Parser{Country: "1"}, dnc.Parser{Country: "44"}
	a, _ := us.Parse("(212) 555-0123")
	b, _ := uk.Parse("020 7946 0000")
	_, err := uk.Parse("7946 0000")
	fmt.Println(a.E164(), b.E164(), errors.Is(err, dnc.ErrInvalidNumber))
	// Output: +12125550123 +442079460000 true
}

func ExampleDecision() {
	d, err := dnc.NewMemory("blacklist").Check(context.Background(), number("+12125550123")) // nothing was loaded
	fmt.Println(d.Verdict, d.Callable(), d.Reason().Code)
	fmt.Println(errors.Is(err, dnc.ErrListMissing))
	// Output:
	// unknown false list_missing
	// true
}

func ExampleError() {
	_, err := dnc.NewMemory("blacklist").Check(context.Background(), number("+12125550123"))
	if e, ok := errors.AsType[*dnc.Error](err); ok {
		fmt.Println(e.Code, e.List, e.Retryable())
		fmt.Println(e.Hint)
	}
	// Output:
	// list_missing blacklist false
	// nothing was ever loaded into it: use Replace, or NewMemory with numbers
}

// number is for numbers that are written in the source.
func number(s string) dnc.Number {
	n, err := dnc.ParseNumber(s)
	if err != nil {
		panic(err)
	}
	return n
}
