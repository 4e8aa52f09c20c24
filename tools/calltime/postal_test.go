package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const postalHead = "# 2026-11-26 npm a, b\n"

// line is a line of postal.sh.
func line(fields ...string) string { return strings.Join(fields, "\t") + "\n" }

func TestPostalLinesThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                   "first line",
		"# yesterday\n":      "first line",
		"# 20yy-11-26 npm\n": "cannot parse",
		postalHead:           "no postal codes",
		postalHead + line("10001", "NY", "America/New_York", "America/New_York", "America/New_York"): "six fields",
		postalHead + line("", "NY", "", "", "", ""):                                                  "no postal code",
		postalHead + line("1000", "NY", "", "", "", ""):                                              "no postal code",
		postalHead + line("K1", "Ontario", "", "", "", ""):                                           "no postal code",
		postalHead + line("1K1", "Ontario", "", "", "", ""):                                          "no postal code",
		postalHead + line("K1A", "Atlantis", "", "", "America/Toronto", "America/Toronto"):           "names a province",
	} {
		refused(t, run([]string{"postal", "-o", filepath.Join(t.TempDir(), "out"), file(t, "postal.tsv", text)}), want)
	}
}

// postalText is the text that postal makes of lines, without its head.
func postalText(t *testing.T, lines ...string) string {
	t.Helper()
	text, err := postal(file(t, "postal.tsv", postalHead+strings.Join(lines, "")))
	if err != nil {
		t.Fatal(err)
	}
	rest, ok := strings.CutPrefix(string(text), "# 2026-11-26 npm a, b\n")
	if !ok {
		t.Errorf("the source is missing: %q", text)
	}
	return rest
}

func TestThePrefixHasWhatItsCodesHave(t *testing.T) {
	t.Parallel()
	const eastern, central = "America/New_York", "America/Chicago"
	got := postalText(
		t,
		line("32401", "FL", central, central, central, central),
		line("32301", "FL", eastern, eastern, eastern, eastern),
		line("32402", "FL", central, "", "", ""), // one source: the zones of the prefix
		line("32403", "FL", "", "", "", ""),      // no source
		line("32404", "FL", central, eastern, "", ""),
		line("32405", "AA", central, central, "", ""), // the armed forces
		line("32302", "FL", central, central, "", ""),
	)
	want := "z America/Chicago\nz America/New_York\ns 0 1 / US-FL\ns 1 / US-FL\ns 0 / US-FL\n" +
		"p 323 0 1:01 2:02\np 324 0 2:01\n"
	if got != want {
		t.Errorf("%q", got)
	}
}

func TestCodesInTwoStates(t *testing.T) {
	t.Parallel()
	const central, eastern = "America/Chicago", "America/New_York"
	got := postalText(
		t, line("42223", "KY", central, central, central, central), line("42201", "KY", eastern, eastern, eastern, eastern),
	)
	if !strings.Contains(got, "/ US-KY US-TN\n") {
		t.Errorf("%q", got)
	}
}

// Zones of tz-lookup are kept only within the country and the state: its borders are not exact.
func TestZonesBeyondTheBorder(t *testing.T) {
	t.Parallel()
	const mountain, central = "America/Denver", "America/Chicago"
	codes := withinTheirStates([]postalCode{
		{code: "79901", states: []string{"TX"}, zones: [4][]string{
			{mountain}, {mountain}, {mountain, "America/Ciudad_Juarez"}, {mountain, central},
		}},
		{code: "88001", states: []string{"NM"}, zones: [4][]string{{mountain}, nil, nil, {mountain, central}}},
		{code: "75001", states: []string{"TX"}, zones: [4][]string{{central}, {central}, nil, nil}},
	})
	for i, want := range [][]string{{mountain, central}, {mountain}} {
		if !slices.Equal(codes[i].zones[3], want) {
			t.Errorf("%s around: %v", codes[i].code, codes[i].zones[3])
		}
	}
	if !slices.Equal(codes[0].zones[2], []string{mountain}) {
		t.Errorf("a zone abroad stayed: %v", codes[0].zones[2])
	}
}

func TestLettersOfCanada(t *testing.T) {
	t.Parallel()
	got := postalText(
		t,
		line("K1A", "Ontario", "", "", "America/Toronto", "America/Toronto"),
		line("K2A", "Ottawa", "", "", "America/Toronto", "America/Toronto"), // the name of a place
		line("P9N", "Ontario", "", "", "America/Winnipeg", "America/Toronto America/Winnipeg"),
		line("X0E", "Northwest Territory", "", "", "America/Edmonton", "America/Edmonton"),
		line("X0A", "Nunavut Territory", "", "", "America/Iqaluit", "America/Iqaluit"),
	)
	for _, want := range []string{"p K 0\n", "p P 1\n", "p X 2\n", "/ CA-NT CA-NU\n", "s 0 / CA-ON\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	if strings.Count(got, "p ") != 3 {
		t.Errorf("%q", got)
	}
}

func TestProvincesHaveCodes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for name, p := range provinces {
		if !strings.HasPrefix(p.code, "CA-") || len(p.code) != 5 || seen[p.code] || len(p.zones) == 0 {
			t.Errorf("%s: %v", name, p)
		}
		seen[p.code] = true
	}
	if len(seen) != 13 {
		t.Errorf("there are %d provinces and territories", len(seen))
	}
}
