// Package listfile reads the files in which Do-Not-Call lists come, as sequences that
// registry.Replace takes.
//
//	numbers := listfile.Files(listfile.FTC(), "415.zip", "212.zip")
//	report, err := list.Replace(ctx, numbers, registry.Import{Coverage: []string{"1415", "1212"}, Obtained: downloaded})
//
// Which Format for which file:
//
//   - FTC and Canada: the national registries of the United States (flat, XML) and Canada (CSV, XML).
//   - NorthAmerica: a number on each line, as states' lists and files of ported numbers are.
//   - Lines: the same for numbers of any country.
//   - CSV: columns by name or place, several of them, a row filter, any separator.
//   - VICIdial and GenesysExport: exports of these.
//   - Screening: what a screening service sends back, as for the lists of the United Kingdom and Australia.
//
// Files may be plain, gzip or zip; UTF-8 or UTF-16, with or without a byte order mark; with LF,
// CRLF or CR. Reading takes constant memory.
//
// No row is dropped in silence. A row that cannot be read is a [*RowError] in the sequence, with
// its file, line, column and cause but never its text, and reading goes on; registry.Replace counts
// them up to a bound. What concerns the whole file wraps [ErrFile] and ends the sequence: an empty
// file, a web page or a spreadsheet instead of text, a file that is cut off, a quote that swallowed
// rows, line ends that are not known, a header without the column, a change list, two lists in one
// zip, a file that grows out of all proportion when it is unpacked. A CSV file with a header and
// nothing else is an empty list; registry.Replace refuses those.
//
// Area codes are not looked up: every ten digits that do not begin with 0 or 1 are a number, also
// in area codes that number metadata calls invalid. Area codes are opened faster than metadata is
// updated, and a number that was dropped here would be called.
package listfile
