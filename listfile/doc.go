// Package listfile reads the files in which Do-Not-Call lists come, as sequences that registry.Replace takes: the national registries of the
// United States (FTC, flat and XML) and of Canada (CSV and XML), exports of Genesys Cloud's DNC lists, CSV files with a named column and
// plain lines. Plain, gzip and zip, with or without a byte order mark, with LF or CRLF, in constant memory.
//
//	numbers := listfile.Files(listfile.FTC(), "415.zip", "212.zip")
//	report, err := list.Replace(ctx, numbers, registry.Import{Coverage: []string{"1415", "1212"}, Obtained: downloaded})
//
// No row is dropped in silence. A row that cannot be read is a [*RowError] in the sequence, with its file, line and offset but never its text, and
// reading goes on; registry.Replace counts them up to a bound. What concerns the whole file wraps [ErrFile] and ends the sequence: an
// empty file, a web page that was saved instead of the list, binary data, a file that is cut off, a change list, two lists in one zip, a
// file that grows out of all proportion when it is unpacked.
//
// Numbers are kept as they stand: every ten digits that do not begin with 0 or 1 are a number, also in area codes that number
// metadata calls invalid. Area codes are opened faster than metadata is updated, and a number that was dropped here would be called.
package listfile
