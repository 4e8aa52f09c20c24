package numbers

import (
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

var (
	spellings = flag.Int("spellings", 15_000, "how many spellings are compared")
	table     = flag.String("table", "", "a file to write the table of regions to")
)

func regions() []string {
	var all []string
	for r := range phonenumbers.GetSupportedRegions() {
		all = append(all, r)
	}
	slices.Sort(all)
	return all
}

func TestBothReadTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	all := regions()
	var rows []*row
	unexplained := 0
	each := *spellings / (len(all) + 9)
	try := func(w *row, subjects []*subject) {
		w.numbers = len(subjects)
		for i := 0; w.spellings < max(each, len(subjects)*2) && len(subjects) > 0; i++ {
			sub := subjects[i%len(subjects)]
			w.code = sub.code
			if err := w.count(sub, sub.spell(form(i/len(subjects))%forms, rng, all)); err != nil {
				if unexplained++; unexplained <= 40 {
					t.Error(w.region, err)
				}
			}
		}
		rows = append(rows, w)
	}
	for _, region := range all {
		try(&row{region: region}, examples(region, each/100, rng))
	}
	for code := range phonenumbers.GetSupportedGlobalNetworkCallingCodes() {
		if n := phonenumbers.GetExampleNumberForNonGeoEntity(code); n != nil {
			try(&row{region: strconv.Itoa(code)}, []*subject{newSubject(network, n)})
		}
	}
	if unexplained > 0 {
		t.Errorf("%d differences have no rule", unexplained)
	}
	if *table != "" {
		if err := os.WriteFile(*table, render(rows), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
