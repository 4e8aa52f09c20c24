package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// The table that is committed is what this program makes of the metadata in go.mod, and small
// enough to link.
func TestTheTableIsUpToDate(t *testing.T) {
	made, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../../dialplan_table.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, committed) {
		t.Error("run go run . -o ../../dialplan_table.go")
	}
	if len(committed) >= 64<<10 {
		t.Errorf("the table has %d bytes", len(committed))
	}
	if codes := strings.Count(string(committed), "{code: "); codes < 215 {
		t.Errorf("the table has %d country codes", codes)
	}
}

// The version in the table's comment is that of the module.
func TestTheSourceIsTheModule(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, version, _ := strings.Cut(string(mod), "github.com/nyaruka/phonenumbers ")
	version = strings.Fields(version)[0]
	if !strings.Contains(source, version+" ") {
		t.Errorf("source names another version than %s", version)
	}
}

func TestLengthsOfAPattern(t *testing.T) {
	p, err := compile(`0\d{5,11}|1\d{8}|(?:43|55)\d{8}`)
	if err != nil {
		t.Fatal(err)
	}
	for prefix, want := range map[string]uint16{
		"": 1<<6 | 1<<7 | 1<<8 | 1<<9 | 1<<10 | 1<<11 | 1<<12, "1": 1 << 9, "4": 1 << 10, "5": 1 << 10, "43": 1 << 10, "44": 0, "2": 0,
	} {
		if got := p.lengths(prefix); got != want {
			t.Errorf("lengths(%q) = %#x, want %#x", prefix, got, want)
		}
	}
}

func TestWordsOfAPattern(t *testing.T) {
	ws, err := words(`0([35]|4(?:44))?|90|(\d{6})$|[12]7`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range ws {
		if w.captured {
			w.text = "(" + w.text + ")"
		}
		got = append(got, w.text)
	}
	if s := strings.Join(got, " "); s != "(03) (05) (0444) 0 90 17 27" {
		t.Error(s)
	}
}
