package contactfile_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/contactfile"
)

func Example() {
	us := dnc.Parser{Country: "1"}
	optOut, _ := us.Parse("(415) 555-0123")
	checker := dnc.Protect(dnc.NewMemory("optouts", optOut))

	export := "Name,Home Phone,Mobile,Do Not Call\nAnn,415-555-0100,,no\nBob,415-555-0101,415-555-0123,no\nCid,415-555-0102,,yes\n"
	contacts, err := contactfile.Open(strings.NewReader(export), contactfile.Format{
		AllPhoneColumns: true, OptOutColumns: []string{"Do Not Call"}, Parse: us.Parse,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(contacts.Header("decision", "reason", "decided by"))
	for contact, err := range contacts.Scrub(context.Background(), checker) {
		if err != nil {
			fmt.Println(err) // the file could not be read to its end
			return
		}
		d := contact.Decision
		fmt.Print(contact.Row(d.Verdict.String(), d.Reason().Code, contact.Column))
	}
	// Output:
	// Name,Home Phone,Mobile,Do Not Call,decision,reason,decided by
	// Ann,415-555-0100,,no,allow,allowed,Home Phone
	// Bob,415-555-0101,415-555-0123,no,block,dnc_optouts,Mobile
	// Cid,415-555-0102,,yes,block,opted_out,Do Not Call
}
