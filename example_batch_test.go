package dnc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/dnc-go/dnc"
)

func ExampleValidate() {
	list := dnc.NewMemory("blacklist", number("+12125550123"))
	report, err := dnc.Validate(context.Background(), list, []string{"+1 (212) 555-0123", "not a number"}, dnc.ParseNumber)
	fmt.Println(report, err)
	_ = json.NewEncoder(os.Stdout).Encode(report)
	// Output:
	// total=2 blocked=2 allowed=0 unknown=0 invalid=1 (1 of them: it has letters: write digits in their place; an extension is marked by x, ext. or #) <nil>
	// {"total":2,"blocked":2,"allowed":0,"unknown":0,"invalid":1,"causes":{"it has letters: write digits in their place; an extension is marked by x, ext. or #":1},"decisions":[{"phoneNumber":"+1 (212) 555-0123","blocked":true,"reason":"dnc_blacklist","verdict":"block","reasons":[{"code":"dnc_blacklist","list":"blacklist"}]},{"phoneNumber":"not a number","blocked":true,"reason":"invalid_number","cause":"it has letters: write digits in their place; an extension is marked by x, ext. or #","verdict":"block","reasons":[{"code":"invalid_number"}]}]}
}

// Contacts of any kind, in constant memory.
func ExampleStream() {
	type contact struct{ Name, Phone string }
	contacts := func(yield func(contact, error) bool) {
		for _, c := range []contact{{"Ann", "(212) 555-0123"}, {"Bob", "(212) 555-0199"}, {"Eve", "unlisted"}} {
			if !yield(c, nil) {
				return
			}
		}
	}
	list := dnc.NewMemory("blacklist", number("+12125550123"))
	us := dnc.Parser{Country: "1"}
	phone := func(c contact) (dnc.Number, error) { return us.Parse(c.Phone) }
	for checked, err := range dnc.Stream(context.Background(), list, contacts, phone) {
		if err != nil {
			fmt.Println("the contacts could not be read to their end:", err)
			break
		}
		fmt.Println(checked.Input.Name, checked.Decision.Verdict, checked.Decision.Reason().Code)
	}
	// Output:
	// Ann block dnc_blacklist
	// Bob allow allowed
	// Eve block invalid_number
}

func ExampleMemory() {
	list := dnc.NewMemory("blacklist")
	count, err := list.Replace(func(yield func(dnc.Number, error) bool) {
		_ = yield(dnc.ParseNumber("+12125550123")) && yield(dnc.ParseNumber("+12125550124"))
	})
	fmt.Println(count, err)
	_ = list.SetGeoRule("+1900", dnc.GeoRule{Allowed: false, RiskLevel: "high"})
	d, _ := list.Check(context.Background(), number("+19005550123"))
	fmt.Println(d)
	// Output:
	// 2 <nil>
	// +1******0123 block geo_blocked_high list=geo_rules
}
