package registry_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/registry"
)

func start() (dnc.RedisClient, func()) {
	server, _ := miniredis.Run() // your Redis
	options, _ := dnc.RedisOptions("redis://" + server.Addr())
	rdb := redis.NewUniversalClient(options)
	return rdb, func() {
		_ = rdb.Close()
		server.Close()
	}
}

func number(s string) dnc.Number {
	n, err := dnc.ParseNumber(s)
	if err != nil {
		panic(err)
	}
	return n
}

// file is what was downloaded; listfile.Files reads it from disk.
func file(rows string) iter.Seq2[dnc.Number, error] {
	return listfile.Read("415.txt", strings.NewReader(rows), listfile.FTC())
}

var ctx = context.Background()

func ExampleRegistry() {
	rdb, stop := start()
	defer stop()
	national, err := registry.New(rdb, "national")
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := national.Replace(ctx, file("415,5550123\n415,5550124\n"), registry.Import{
		Coverage: []string{"1415"},                // the area code that was subscribed
		Obtained: time.Now().Add(-24 * time.Hour), // when the file was downloaded
	})
	fmt.Println(report.Numbers, err)
	for _, s := range []string{"+14155550123", "+14155550199", "+12125550123"} {
		d, err := national.Check(ctx, number(s))
		fmt.Println(d.Number, d.Verdict, d.Reason().Code, err != nil)
	}
	// Output:
	// 2 <nil>
	// +1******0123 block dnc_national false
	// +1******0199 allow allowed false
	// +1******0123 unknown not_covered true
}

// What is more likely a mistake than the truth is refused, and what was in force stays.
func ExampleRegistry_Replace_refused() {
	rdb, stop := start()
	defer stop()
	national, _ := registry.New(rdb, "national")
	imp := registry.Import{Coverage: []string{"1415"}, Obtained: time.Now()}
	_, err := national.Replace(ctx, file("415,5550123\n415,5550124\n415,5550125\n"), imp)
	fmt.Println(err)
	for _, rows := range []string{
		"415,5550123\n",                          // cut off
		"415,5550123\n415,555O124\n415,5550125 ", // a letter for a digit
		"<html>Please log in</html>",
	} {
		_, err = national.Replace(ctx, file(rows), imp)
		fmt.Println(err)
	}
	info, err := national.Info(ctx)
	fmt.Println(info.Numbers, err)
	// Output:
	// <nil>
	// registry: refused: list "national": it shrank from 3 numbers to 1, by more than 20 %: a file may be missing or cut off; if it is right, raise Import.MaxShrink
	// registry: refused: list "national": rejected rows: 1, and Import.MaxRejected is 0: row 2: listfile: 415.txt: line 2, byte 12: invalid number: it has a character that is not a digit
	// registry: list "national": reading ended early (numbers read: 0): listfile: the file cannot be used: 415.txt: it is a web page, not a list: the session may have ended before the download; log in and download it again
	// 3 <nil>
}

func ExampleRegistry_Rollback() {
	rdb, stop := start()
	defer stop()
	national, _ := registry.New(rdb, "national")
	imp := registry.Import{Coverage: []string{"1415"}, Obtained: time.Now()}
	_, _ = national.Replace(ctx, file("415,5550123\n"), imp)
	report, err := national.Replace(ctx, file("415,5550124\n"), imp)
	fmt.Println("added", report.Added, "removed", report.Removed, err)

	info, err := national.Rollback(ctx)
	fmt.Println(info.Version == report.Previous, err)
	d, err := national.Check(ctx, number("+14155550123"))
	fmt.Println(d.Number, d.Verdict, d.Reason().Version == report.Previous, err)
	// Output:
	// added 1 removed 1 <nil>
	// true <nil>
	// +1******0123 block true <nil>
}

// A whole registry in this process.
func ExampleRegistry_Snapshot() {
	rdb, stop := start()
	defer stop()
	national, _ := registry.New(rdb, "national")
	_, _ = national.Replace(ctx, file("415,5550123\n"), registry.Import{Coverage: []string{"1415"}, Obtained: time.Now()})

	snapshot, err := national.Snapshot(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer snapshot.Close()
	ds, err := snapshot.CheckBatch(ctx, []dnc.Number{number("+14155550123"), number("+14155550124")})
	fmt.Println(ds[0].Verdict, ds[1].Verdict, err)
	// Output: block allow <nil>
}

// Numbers of people who ask not to be called are a list of their own, which changes at once.
func Example_optOuts() {
	rdb, stop := start()
	defer stop()
	national, _ := registry.New(rdb, "national")
	_, _ = national.Replace(ctx, file("415,5550123\n"), registry.Import{Coverage: []string{"1415"}, Obtained: time.Now()})

	list := dnc.WithList("optouts", "crm:optouts")
	writer, _ := dnc.NewRedisWriter(rdb, list)
	_, _ = writer.Replace(ctx, func(yield func(dnc.Number, error) bool) { yield(number("+14155550177"), nil) })
	optOuts, _ := dnc.NewRedisChecker(rdb, list, dnc.RequireMarker())

	checker := dnc.Protect(dnc.Union(national, optOuts))
	_, _ = writer.Add(ctx, number("+14155550188"))
	for _, s := range []string{"+14155550123", "+14155550177", "+14155550188", "+14155550199"} {
		d, err := checker.Check(ctx, number(s))
		fmt.Println(d.Number, d.Verdict, d.Reason().Code, err)
	}
	// Output:
	// +1******0123 block dnc_national <nil>
	// +1******0177 block dnc_optouts <nil>
	// +1******0188 block dnc_optouts <nil>
	// +1******0199 allow allowed <nil>
}
