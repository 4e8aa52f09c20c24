package guide_test

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/registry"
)

// load puts the regulator's files in force.
func load(ctx context.Context, rdb redis.UniversalClient, downloaded time.Time, files ...string) error {
	national, err := registry.New(rdb, "national")
	if err != nil {
		return err
	}
	coverage, err := listfile.Coverage(listfile.FTC(), files...) // the area codes of the files, such as "1415"
	if err != nil {
		return err
	}
	report, err := national.Replace(ctx, listfile.Files(listfile.FTC(), files...), registry.Import{
		Coverage: coverage,   // all other area codes are not_covered
		Obtained: downloaded, // the data is list_stale 31 days later
	})
	if err != nil {
		return err // the old version is in force; the error names the row or the limit, and what to change
	}
	fmt.Println(report.Numbers, report.Added, report.Removed)
	return nil
}

// nationalAndOptOuts asks the registry, and the list of those who asked not to be called.
func nationalAndOptOuts(rdb redis.UniversalClient) (dnc.Checker, error) {
	national, err := registry.New(rdb, "national")
	if err != nil {
		return nil, err
	}
	optOuts, err := dnc.NewRedisChecker(rdb, dnc.WithList("optouts", "crm:optouts"))
	if err != nil {
		return nil, err
	}
	return dnc.Protect(dnc.Union(national, optOuts)), nil
}

// everyList is one Checker of the lists of two countries, of a state's list and of the opt-outs.
func everyList(national, canada, colorado, optOuts dnc.Checker) dnc.Checker {
	return dnc.Protect(dnc.Union(
		dnc.ByPrefix(map[string]dnc.Checker{"1415": national, "1416": canada}), // each allows numbers of its own area codes only
		dnc.BlockOnly(colorado), // blocks its own numbers, and allows none
		optOuts,
	))
}

// screening makes a Checker of the file that a screening service sent back.
func screening(screened time.Time, file string) (*registry.Screening, error) {
	return registry.NewScreening("tps", listfile.UKScreening().Files(file), registry.ScreeningTerms{
		Made:   screened,            // by the service, not when the file was read
		MaxAge: 28 * 24 * time.Hour, // list_stale afterwards
		Grace:  28 * 24 * time.Hour, // how long a number may be called after its registration
	})
}
