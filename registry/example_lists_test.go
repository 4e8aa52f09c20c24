package registry_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/registry"
)

// Every list that applies to a call, in one Checker: the national lists of two countries, a state's
// list beside one of them, and the numbers of those who asked not to be called.
func Example_lists() {
	rdb, stop := start()
	defer stop()
	replace := func(name, file string, format listfile.Format, coverage ...string) *registry.Registry {
		list, _ := registry.New(rdb, name)
		numbers := listfile.Read(name+".txt", strings.NewReader(file), format)
		if _, err := list.Replace(ctx, numbers, registry.Import{Coverage: coverage, Obtained: time.Now()}); err != nil {
			fmt.Println(err)
		}
		return list
	}
	national := replace("national", "415,5550123\n", listfile.FTC(), "1415")
	canada := replace("canada", "416,5550123\n", listfile.Canada(), "1416")
	colorado := replace("colorado", "(415) 555-0124\n", listfile.NorthAmerica(), "1") // people keep their numbers when they move
	optOuts := dnc.NewMemory("optouts", number("+14165550125"))                       // dnc.NewRedisChecker for a SET

	checker := dnc.Protect(dnc.Union(
		dnc.ByPrefix(map[string]dnc.Checker{"1415": national, "1416": canada}), // each allows where it was subscribed
		dnc.BlockOnly(colorado), // blocks, and says nothing of other numbers
		optOuts,
	))
	for _, s := range []string{"+14155550123", "+14165550123", "+14155550124", "+14165550125", "+14155550199", "+13035550199"} {
		d, err := checker.Check(ctx, number(s))
		fmt.Println(s[len(s)-7:], d.Verdict, d.Reason().Code, err)
	}
	// Output:
	// 5550123 block dnc_national <nil>
	// 5550123 block dnc_canada <nil>
	// 5550124 block dnc_colorado <nil>
	// 5550125 block dnc_optouts <nil>
	// 5550199 allow allowed <nil>
	// 5550199 block not_covered <nil>
}

// What a screening service sent back answers for exactly the numbers that were sent.
func ExampleNewScreening() {
	file := "020 7946 0018,TPS,13/07/13\n020 7946 0019,OK,\n"
	tps, err := registry.NewScreening("tps", listfile.UKScreening().Read("result.csv", strings.NewReader(file)), registry.ScreeningTerms{
		Made:   time.Now().Add(-24 * time.Hour), // by the service
		MaxAge: 28 * 24 * time.Hour,
		Grace:  28 * 24 * time.Hour, // a number may be called until 28 days after it was registered
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range []string{"+442079460018", "+442079460019", "+442079460020"} {
		d, _ := tps.Check(ctx, number(s))
		fmt.Println(d.Verdict, d.Reason().Code)
	}
	// Output:
	// block dnc_tps
	// allow allowed
	// unknown not_covered
}
