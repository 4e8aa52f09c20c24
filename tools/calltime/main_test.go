package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
)

// file writes a file for a test, and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// unpacked is the text of a file that run wrote.
func unpacked(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was read
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %v, and should say %q", err, want)
	}
}

func TestArgumentsThatAreRefused(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	for want, args := range map[string][]string{
		"give a command":            {},
		"there is no command":       {"party", "-o", out, "x"},
		"needs -o":                  {"postal", "x"},
		"needs -o and one file":     {"postal", "-o", out},
		"one file or directory":     {"areacodes", "-o", out, "a", "b"},
		"no such file":              {"numbers", "-o", out, filepath.Join(t.TempDir(), "zone.tab")},
		"no such file or directory": {"areacodes", "-o", out, filepath.Join(t.TempDir(), "report.csv")},
		"-date YYYY-MM-DD":          {"zones", "-date", "yesterday", "-o", out, t.TempDir()},
		"version: no such file":     {"zones", "-date", "2026-10-29", "-o", out, t.TempDir()},
		"flag provided but not":     {"zones", "-what"},
	} {
		refused(t, run(args), want)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file was written all the same")
	}
}

func TestReadZoneTab(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	all.WriteString("# a comment\nAU\t+0+0\tAustralia/Perth\tWest\nAU\t+0+0\tAustralia/Sydney\n")
	for i := range 200 {
		fmt.Fprintf(&all, "%c%c\t+0+0\tEtc/GMT\n", 'A'+i/26, 'A'+i%26)
	}
	known, err := readZoneTab(strings.NewReader(all.String()))
	if err != nil || !slices.Equal(known["AU"], []string{"Australia/Perth", "Australia/Sydney", "Etc/GMT"}) {
		t.Errorf("%v %v", known["AU"], err)
	}
	for text, want := range map[string]string{
		"":                             "0 countries",
		"AU\t+0+0\tAustralia/Perth\n":  "1 countries",
		"AU +0+0 Australia/Perth\n":    "is not a country",
		"AUS\t+0+0\tAustralia/Perth\n": "is not a country",
		"AU\t+0+0\t\n":                 "is not a country",
	} {
		_, err := readZoneTab(strings.NewReader(text))
		refused(t, err, want)
	}
}

// A country has the zones of every prefix, and those of zone.tab.
func TestACountryHasAllItsZones(t *testing.T) {
	t.Parallel()
	var table table
	known := map[string][]string{"PT": {"Europe/Lisbon", "Atlantic/Madeira"}}
	if err := table.country("351", []string{"PT"}, known); err != nil {
		t.Fatal(err)
	}
	want := []string{"Atlantic/Azores", "Atlantic/Madeira", "Europe/Lisbon"}
	if !slices.Equal(table.zones, want) || table.rows.String() != "p 351 0\n" {
		t.Errorf("%v %q", table.zones, table.rows.String())
	}
	if err := table.country("999", nil, known); err != nil || strings.Contains(table.rows.String(), "999") {
		t.Errorf("a code that is not used has a row: %v", err)
	}
}

// What is committed is what this program makes of the metadata in go.mod, for +1.
func TestTheTableOfNumbersIsUpToDate(t *testing.T) {
	t.Parallel()
	var made table
	if err := made.northAmerica(); err != nil {
		t.Fatal(err)
	}
	committed := unpacked(t, "../../calltime/data/numbers.txt.gz")
	if !strings.Contains(committed, "\n"+made.rows.String()) {
		t.Error("make calltime/data/numbers.txt.gz anew")
	}
	if !strings.HasPrefix(committed, "# "+source+"\n") {
		t.Error("the committed table has another source")
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(t.TempDir(), "zones.txt.gz")
	write("version", "2026f-0+deb12u1\n")
	refused(t, run([]string{"zones", "-date", "2026-10-29", "-o", out, dir}), "no compiled zones")
	write("America/Chicago", "TZif-1")
	write("US/Central", "TZif-1")
	write("America/Denver", "TZif-2")
	write("leapseconds", "text")
	if err := run([]string{"zones", "-date", "2026-10-29", "-o", out, dir}); err != nil {
		t.Fatal(err)
	}
	want := "# tzdata 2026f-0+deb12u1 2026-10-29\nAmerica/Chicago US/Central\nVFppZi0x\nAmerica/Denver\nVFppZi0y\n"
	if got := unpacked(t, out); got != want {
		t.Errorf("%q", got)
	}
	packed, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := calltime.New(calltime.WithZoneData(bytes.NewReader(packed))); err != nil {
		t.Errorf("package calltime does not read it: %v", err)
	}
	write("version", "two words")
	refused(t, run([]string{"zones", "-date", "2026-10-29", "-o", out, dir}), "one word")
}

func TestAreaCodes(t *testing.T) {
	t.Parallel()
	const header = "File Date,11/26/2025\nNPA_ID,USE,ASSIGNED,LOCATION,OVERLAY_COMPLEX,TIME_ZONE,COUNTRY\n"
	var all strings.Builder
	all.WriteString(header + "270,G,Yes,KY,270/364,EC,US\n364,G,Yes,KY,270/364,EC,US\n800,N,Yes,NANP AREA,,,US\n")
	for code := 400; code < 700; code++ {
		fmt.Fprintf(&all, "%d,G,Yes,ONTARIO,,E,CANADA\n", code)
	}
	out := filepath.Join(t.TempDir(), "areacodes.txt")
	if err := run([]string{"areacodes", "-o", out, file(t, "report.csv", all.String())}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	want := "# NANPA npa_report.csv 2025-11-26\n270,US-KY,364,EC\n364,US-KY,270,EC\n400,CA-ON,,E\n"
	if !strings.HasPrefix(string(got), want) {
		t.Errorf("%.200q", got)
	}
	for text, want := range map[string]string{
		"":                                     "first line",
		"File Date\n":                          "first line",
		"File Date,2025-11-26\n":               "no date",
		"File Date,11/26/2025\n":               "no header",
		"File Date,11/26/2025\nNPA_ID\n":       "no column",
		header + "270,G,Yes\n":                 "cut off",
		header + "27,G,Yes,KY,,EC,US\n":        "not an area code",
		header + "270,G,Yes,ATLANTIS,,EC,US\n": "no ISO code",
		header + "270,G,Yes,KY,270/x,EC,US\n":  "OVERLAY_COMPLEX",
		header + "270,G,Yes,KY,,EC,US\n":       "1 assigned",
	} {
		refused(t, run([]string{"areacodes", "-o", out, file(t, "report.csv", text)}), want)
	}
}

func TestPack(t *testing.T) {
	t.Parallel()
	first, err := pack([]byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := pack([]byte("text"))
	if err != nil || !bytes.Equal(first, second) {
		t.Error("the same text is packed in two ways: each run would change the file")
	}
}

// The embedded data knows a number and a postal code of each of its tables.
func TestTheCommittedDataIsRead(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC)
	hours, err := calltime.New(calltime.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	n, err := dnc.ParseNumber("+12025550100")
	if err != nil {
		t.Fatal(err)
	}
	d, err := hours.Check(t.Context(), dnc.Call{Number: n, Location: dnc.Location{Postal: "20001"}})
	if err != nil || !d.Callable() {
		t.Errorf("%v %v", d, err)
	}
}
