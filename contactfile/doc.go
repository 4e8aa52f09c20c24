// Package contactfile scrubs CSV files of contacts as CRMs, dialers and spreadsheets export them.
//
// [Open] reads the header and finds the columns with telephone numbers. [File.Scrub] asks a
// dnc.Checker about every number, in constant memory, and yields each contact with its decision and
// its row as it was, byte for byte:
//
//	contacts, err := contactfile.Open(file, contactfile.Format{AllPhoneColumns: true, Parse: us.Parse})
//	if err != nil {
//		return err
//	}
//	for contact, err := range contacts.Scrub(ctx, checker) {
//		if err != nil {
//			return err // the file could not be read to its end
//		}
//		if contact.Decision.Callable() {
//			fmt.Fprint(out, contact.Row())
//		}
//	}
//
// A contact is callable only if all its numbers are. The other cells of a row count too:
//
//   - The header may have several columns with numbers. Then they must be named, or all taken.
//   - A column whose name says that people must not be called, such as "Do Not Call", must be named
//     in OptOutColumns or in IgnoredColumns. One that says who may be called, such as "OK to call",
//     must be named in PermissionColumns or in IgnoredColumns.
//   - A cell of any other column, such as "Status", blocks the contact if it says "DNC", "do not
//     call" or the like, unless the column is ignored.
//   - A column may say the country of the numbers, such as "Country Code". Name it in
//     CallingCodeColumn. If it is not named, a national form that was read for another country than
//     the row says is invalid.
//   - A number in a column that is not checked, such as "Home" beside "Mobile", ends the file with
//     an error, unless the columns were named.
//
// No error holds a telephone number. For lists of numbers that must not be called, see package
// listfile.
package contactfile
