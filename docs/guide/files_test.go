package guide_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/listfile"
)

// typed reads numbers as people of the United States write them.
func typed(ctx context.Context, checker dnc.Checker, inputs ...string) (dnc.Report, error) {
	us := dnc.Parser{Country: "1"} // the zero Parser reads international forms alone
	return dnc.Validate(ctx, checker, inputs, us.Parse)
}

// listFromCSV loads the rows of a CSV file whose status is "opted out".
func listFromCSV(path string) (*dnc.Memory, error) {
	us := dnc.Parser{Country: "1"}
	format := listfile.CSV("home phone", us.Parse, listfile.Column("mobile"), listfile.Where("status", "opted out"))
	list := dnc.NewMemory("optouts")
	_, err := list.Replace(listfile.Files(format, path)) // an error of a row ends it: nothing is loaded
	if row, ok := errors.AsType[*listfile.RowError](err); ok {
		return nil, fmt.Errorf("line %d, column %s: %w", row.Line, row.Column, row.Err)
	}
	return list, err
}

// scrub checks a sequence of any length in constant memory.
func scrub(ctx context.Context, checker dnc.Checker, file *os.File) (callable int, err error) {
	numbers := listfile.Read(file.Name(), file, listfile.Lines(nil))
	for checked, err := range dnc.Stream(ctx, checker, numbers, func(n dnc.Number) (dnc.Number, error) { return n, nil }) {
		if err != nil {
			return callable, err // the file could not be read to its end
		}
		if checked.Decision.Callable() {
			callable++
		}
	}
	return callable, nil
}

func Example_files() {
	ctx := context.Background()
	list, err := listFromCSV(write("optouts.csv", "status;Home Phone;Mobile\nopted out;(212) 555-0123;\nactive;;212-555-0124\n"))
	if err != nil {
		panic(err)
	}
	fmt.Println(typed(ctx, list, "(212) 555-0123", "1-212-555-0124", "555-0100"))
	file, err := os.Open(write("contacts.txt", "+12125550123\n+12125550124\n"))
	if err != nil {
		panic(err)
	}
	defer func() { _ = file.Close() }()
	fmt.Println(scrub(ctx, list, file))
	_, err = listFromCSV(write("optouts.csv", "status;Home Phone;Mobile\nopted out;212-555;\n"))
	fmt.Println(err)
	// Output:
	// total=3 blocked=2 allowed=1 unknown=0 invalid=1 (1 of them: it has 7 digits and is no national form of country code 1: numbers there have 10 digits, not counting the trunk prefix 1) <nil>
	// 1 <nil>
	// line 2, column Home Phone: dnc: invalid number: it has 6 digits and is no national form of country code 1: numbers there have 10 digits, not counting the trunk prefix 1
}
