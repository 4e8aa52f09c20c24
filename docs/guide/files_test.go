package guide_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/contactfile"
	"github.com/dnc-go/dnc/listfile"
)

// scrubContacts writes the rows of the contacts that may be called, as they were.
func scrubContacts(ctx context.Context, checker dnc.Checker, file *os.File, out io.Writer) error {
	us := dnc.Parser{Country: "1"}
	contacts, err := contactfile.Open(file, contactfile.Format{
		AllPhoneColumns:   true,
		CallingCodeColumn: "Country Code",
		OptOutColumns:     []string{"Do Not Call"},
		Parse:             us.Parse,
	})
	if err != nil {
		return err // it is not clear which columns count, for example
	}
	if _, err := io.WriteString(out, contacts.Header()); err != nil {
		return err
	}
	for contact, err := range contacts.Scrub(ctx, checker) {
		if err != nil {
			return err // the file could not be read completely
		}
		if !contact.Decision.Callable() {
			continue
		}
		if _, err := io.WriteString(out, contact.Row()); err != nil {
			return err
		}
	}
	return nil
}

// scrub checks a sequence of any length in constant memory.
func scrub(ctx context.Context, checker dnc.Checker, file *os.File) (callable int, err error) {
	numbers := listfile.Read(file.Name(), file, listfile.Lines(nil))
	for checked, err := range dnc.Stream(ctx, checker, numbers, func(n dnc.Number) (dnc.Number, error) { return n, nil }) {
		if err != nil {
			return callable, err // the file could not be read completely
		}
		if checked.Decision.Callable() {
			callable++
		}
	}
	return callable, nil
}

// typed reads numbers as people of the United States write them.
func typed(ctx context.Context, checker dnc.Checker, inputs ...string) (dnc.Report, error) {
	us := dnc.Parser{Country: "1"} // the zero Parser reads only international forms
	return dnc.Validate(ctx, checker, inputs, us.Parse)
}

// listFromCSV loads the rows of a CSV file whose status is "opted out".
func listFromCSV(path string) (*dnc.Memory, error) {
	us := dnc.Parser{Country: "1"}
	format := listfile.CSV("home phone", us.Parse, listfile.Column("mobile"), listfile.Where("status", "opted out"))
	list := dnc.NewMemory("optouts")
	_, err := list.Replace(listfile.Files(format, path)) // an error in one row ends Replace: nothing is loaded
	if row, ok := errors.AsType[*listfile.RowError](err); ok {
		return nil, fmt.Errorf("line %d, column %s: %w", row.Line, row.Column, row.Err)
	}
	return list, err
}
