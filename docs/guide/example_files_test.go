package guide_test

import (
	"context"
	"fmt"
	"os"
)

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
	contacts, err := os.Open(write("contacts.csv", "Name,Phone,Country Code,Do Not Call\nAnn,2125550123,1,\nBob,2125550124,1,\nCid,2125550125,1,yes\n"))
	if err != nil {
		panic(err)
	}
	defer func() { _ = contacts.Close() }()
	if err := scrubContacts(ctx, list, contacts, os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// total=3 blocked=2 allowed=1 unknown=0 invalid=1 (1 of them: it has 7 digits and is not a national form of country code 1: numbers there have 10 digits, not counting the trunk prefix 1) <nil>
	// 1 <nil>
	// line 2, column Home Phone: dnc: invalid number: it has 6 digits and is not a national form of country code 1: numbers there have 10 digits, not counting the trunk prefix 1
	// Name,Phone,Country Code,Do Not Call
	// Bob,2125550124,1,
}
