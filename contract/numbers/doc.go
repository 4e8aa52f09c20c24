// Package numbers compares how dnc reads numbers with libphonenumber, as
// github.com/nyaruka/phonenumbers ports it: the example numbers of every region, and numbers like
// them, in the forms that people write. Each spelling must be read as the number that it was made
// of, or refused; where the two differ a rule says why, and a difference without a rule fails the
// test.
//
// The test reads a sample. A million spellings, and the table in docs/numbers.md:
//
//	go test -spellings 1000000 -table ../../docs/numbers.md
package numbers
