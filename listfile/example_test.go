package listfile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/listfile"
)

func ExampleRead() {
	rows := "415,5550123\r\n415,555O124\r\n212,5550125\r\n" // as downloaded, with a letter for a digit and a row of another area
	for n, err := range listfile.Read("415.txt", strings.NewReader(rows), listfile.FTC()) {
		fmt.Println(n, err)
	}
	// Output:
	// +1******0123 <nil>
	// invalid listfile: 415.txt: line 2, byte 13: invalid number: it has a character that is not a digit
	// invalid listfile: 415.txt: line 3, byte 26: the row is of another area code than the file says it is for
}

// The regulator of Canada prints a sample that is not well-formed; files like it are read.
func ExampleCanada() {
	file := "<list type='full' level='ac' val='416' /> <ac val='416'>\n<ph val='5550123' /> <ph val='5550124' />\n</ac> </list>"
	for n, err := range listfile.Read("416.xml", strings.NewReader(file), listfile.Canada()) {
		fmt.Println(n, err)
	}
	// Output:
	// +1******0123 <nil>
	// +1******0124 <nil>
}

func ExampleCSV() {
	file := "name,Home phone\n\"Smith, Bill\",(317) 555-0123\nTerry,none\n"
	us := dnc.Parser{Country: "1"}
	for n, err := range listfile.Read("opt-outs.csv", strings.NewReader(file), listfile.CSV("home phone", us.Parse)) {
		row, ok := errors.AsType[*listfile.RowError](err)
		if ok {
			fmt.Println("line", row.Line, "column", row.Column, errors.Is(err, dnc.ErrInvalidNumber))
			continue
		}
		fmt.Println(n, err)
	}
	// Output:
	// +1******0123 <nil>
	// line 3 column Home phone true
}

// What concerns the whole file ends the sequence.
func ExampleErrFile() {
	for _, file := range []string{"", "<!DOCTYPE html><title>Log in</title>", "PK\x03\x04"} {
		for _, err := range listfile.Read("415.txt", strings.NewReader(file), listfile.FTC()) {
			fmt.Println(errors.Is(err, listfile.ErrFile), err)
		}
	}
	// Output:
	// true listfile: the file cannot be used: 415.txt: it is empty: download it again
	// true listfile: the file cannot be used: 415.txt: it is a web page, not a list: the session may have ended before the download; log in and download it again
	// true listfile: the file cannot be used: 415.txt: the zip is damaged or cut off: download it again: zip: not a valid zip file
}

// What the files say they are for is what an import covers; rows are no evidence.
func ExampleCoverage() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "415.txt")
	_ = os.WriteFile(path, []byte("415,5550123\n212,5550125\n"), 0o600)

	coverage, err := listfile.Coverage(listfile.FTC(), path)
	fmt.Println(coverage, err)
	// Output: [1415] <nil>
}

// A CRM's export: semicolons, two columns with numbers, and only the rows of those who opted out.
func ExampleCSV_columns() {
	file := "sep=;\nName;Home Phone;Mobile Phone;Status\nAnn;415-555-0123;;Opted out\nBob;415-555-0124;(415) 555-0125;opted out\nCid;415-555-0126;;Customer\n"
	us := dnc.Parser{Country: "1"}
	format := listfile.CSV("home phone", us.Parse, listfile.Column("mobile phone"), listfile.Where("status", "opted out"))
	for n, err := range listfile.Read("crm.csv", strings.NewReader(file), format) {
		fmt.Println(n, err)
	}
	// Output:
	// +1******0123 <nil>
	// +1******0124 <nil>
	// +1******0125 <nil>
}

// What a screening service of the United Kingdom sends back.
func ExampleScreeningFormat() {
	file := "020 7946 0018,TPS,13/07/26\n020 7946 0019,OK,\n"
	for s, err := range listfile.UKScreening().Read("result.csv", strings.NewReader(file)) {
		fmt.Println(s.Number, s.Listed, s.Registered.Format("2006-01-02"), err)
	}
	// Output:
	// +4*******0018 true 2026-07-13 <nil>
	// +4*******0019 false 0001-01-01 <nil>
}
