// Package listfile reads the files of Do-Not-Call lists. It yields their numbers as a sequence, as
// registry.Replace takes it.
//
//	numbers := listfile.Files(listfile.FTC(), "415.zip", "212.zip")
//	report, err := list.Replace(ctx, numbers, registry.Import{Coverage: []string{"1415", "1212"}, Obtained: downloaded})
//
// Use the Format of your file:
//
//   - FTC and Canada: the national registries of the United States (flat, XML) and Canada (CSV, XML).
//   - NorthAmerica: a number on each line, as in the lists of states and in files of ported
//     numbers.
//   - Lines: the same for numbers of any country.
//   - CSV: one or several columns, found by name or position, with a filter for rows and any
//     separator.
//   - VICIdial and GenesysExport: exports of these systems.
//   - ScreeningFormat: the result of a screening service, as in the United Kingdom and Australia.
//
// A file may be plain, gzip or zip. It may be in UTF-8 or UTF-16, with or without a byte order
// mark. Lines end in LF, CRLF or CR. Reading takes constant memory.
//
// No row is dropped silently. A row that cannot be read is a [*RowError] in the sequence, with its
// file, line, column and cause, but never its text. Reading then goes on. registry.Replace counts
// such rows, and refuses the import if there are too many.
//
// An error about the whole file wraps [ErrFile] and ends the sequence. These are refused:
//   - a file that is empty or cut off, or has line ends that are not known,
//   - a web page or a spreadsheet,
//   - a quote that swallowed rows,
//   - a header without the column,
//   - a change list, or two lists in one zip,
//   - a packed file that becomes far too large when it is unpacked.
//
// A CSV file with only a header is an empty list. registry.Replace refuses it by default.
//
// In North America every ten digits that do not begin with 0 or 1 are a number. Area codes are not
// looked up, because new ones open faster than number tables are updated, and a number that is
// dropped here would be allowed.
package listfile
