package guide_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dnc-go/dnc"
)

func Example_nationalRegistries() {
	ctx := context.Background()
	rdb, server, stop := connect()
	defer stop()
	_, _ = server.SetAdd("crm:optouts", "+14155550142")
	file := write("415.txt", "415,5550123\n415,5550124\n")
	if err := load(ctx, rdb, time.Now().Add(-time.Hour), file); err != nil {
		panic(err)
	}
	checker, err := nationalAndOptOuts(rdb)
	if err != nil {
		panic(err)
	}
	for _, s := range []string{"+14155550123", "+14155550142", "+14155550199", "+12125550199"} {
		d, err := checker.Check(ctx, number(s))
		fmt.Println(d.Verdict, d.Reason().Code, err)
	}
	// Output:
	// 2 2 0
	// block dnc_national <nil>
	// block dnc_optouts <nil>
	// allow allowed <nil>
	// block not_covered <nil>
}

func Example_everyList() {
	national, canada := dnc.NewMemory("national", number("+14155550123")), dnc.NewMemory("canada", number("+14165550123"))
	colorado, optOuts := dnc.NewMemory("colorado", number("+14155550124")), dnc.NewMemory("optouts", number("+14155550125"))
	checker := everyList(national, canada, colorado, optOuts)
	for _, s := range []string{"+14165550123", "+14155550124", "+14155550199", "+12125550199"} {
		d, _ := checker.Check(context.Background(), number(s))
		fmt.Println(d.Verdict, d.Reason().Code)
	}
	// Output:
	// block dnc_canada
	// block dnc_colorado
	// allow allowed
	// block not_covered
}

func Example_screening() {
	tps, err := screening(time.Now().Add(-time.Hour), write("result.csv", "020 7946 0018,TPS,13/07/13\n020 7946 0019,OK,\n"))
	if err != nil {
		panic(err)
	}
	for _, s := range []string{"+442079460018", "+442079460019", "+442079460020"} {
		d, _ := tps.Check(context.Background(), number(s))
		fmt.Println(d.Verdict, d.Reason().Code)
	}
	// Output:
	// block dnc_tps
	// allow allowed
	// unknown not_covered
}
