package sheet

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
)

const asCSV = ": open it and save the sheet as CSV (UTF-8)"

// magics are how files begin that are no text.
var magics = []struct{ start, says string }{
	{
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
		"it is an Excel workbook of the old kind (.xls), or another Office document" + asCSV,
	},
	{"%PDF-", "it is a PDF: ask for the list as CSV or text"},
	{"{\\rtf", "it is a document of a word processor (RTF): save it as text"},
	{"BZh91AY&SY", "it is packed with bzip2: unpack it first"},
	{"\xfd7zXZ\x00", "it is packed with xz: unpack it first"},
	{"\x28\xb5\x2f\xfd", "it is packed with zstd: unpack it first"},
	{"7z\xbc\xaf\x27\x1c", "it is a 7z archive: unpack it first"},
	{"Rar!\x1a\x07", "it is a RAR archive: unpack it first"},
	{"\x1f\x8b", "it is packed with gzip, perhaps twice: unpack it first"},
	{"BEGIN:VCARD", "it is a file of vCards: export the contacts as CSV"},
	{"SQLite format 3\x00", "it is a database (SQLite): export the table as CSV"},
	{"PAR1", "it is a Parquet file: export it as CSV"},
	{"\xff\xfe\x00\x00", "it is UTF-32: save it as UTF-8"},
	{"\x00\x00\xfe\xff", "it is UTF-32: save it as UTF-8"},
}

// Where a tar archive says what it is.
const (
	tarAt = 257
	tar   = "ustar"
)

const (
	excel       = "it is an Excel workbook (.xlsx), or another Office document" + asCSV
	numbersFile = "it is a spreadsheet of Numbers" + asCSV
)

// Office is what a zip is that is no archive but a document, by how it begins: its first member
// says it. "" if it may be an archive.
func Office(head []byte) string {
	const nameAt = 30 // in the first member's header
	if len(head) < nameAt {
		return ""
	}
	first := head[nameAt:]
	begins := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return bytes.HasPrefix(first, []byte(name)) })
	}
	switch {
	case begins("[Content_Types].xml", "_rels/.rels", "docProps/", "xl/", "word/"):
		return excel
	case begins("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"):
		return "it is an OpenDocument spreadsheet (.ods)" + asCSV
	case begins("mimetypeapplication/"):
		return "it is an OpenDocument file: save it as text"
	case begins("Index/Document.iwa", "Index/"):
		return numbersFile
	}
	return ""
}

// Document is what a zip is that is no archive of lists, by any of its members, or "".
func Document(z *zip.Reader) string {
	for _, m := range z.File {
		switch m.Name {
		case "[Content_Types].xml":
			return excel
		case "Index/Document.iwa":
			return numbersFile
		}
	}
	return ""
}

// NotText says what a file is, by how it begins, if it cannot be a list; "" if it may be one.
func NotText(head []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.start)) {
			return m.says
		}
	}
	if len(head) > tarAt+len(tar) && string(head[tarAt:tarAt+len(tar)]) == tar {
		return "it is a tar archive: unpack it first"
	}
	if IsZip(head) {
		if says := Office(head); says != "" {
			return says
		}
		return "it is not text but a zip: unpack it first"
	}
	return Markup(head)
}

// Markup is what a file is that a browser or a spreadsheet shows as a table, or a program reads.
func Markup(head []byte) string {
	text := strings.ToLower(string(bytes.TrimSpace(head)))
	tag := strings.HasPrefix(text, "<")
	has := func(marks ...string) bool {
		return slices.ContainsFunc(marks, func(m string) bool { return strings.Contains(text, m) })
	}
	switch {
	case tag && has("urn:schemas-microsoft-com:office:spreadsheet", "progid=\"excel.sheet\""):
		return "it is an Excel workbook as XML" + asCSV
	case tag && has("urn:schemas-microsoft-com:office:excel"), tag && has("<table") && !has("<form", "<script"):
		return "it is a table as a web page (HTML), whatever its name says" + asCSV
	case has("<!doctype html", "<html"), tag && has("<body", "<head", "<meta", "<div", "<script", "<form"):
		return "it is a web page, not a list: the session may have ended before the download; log in and download it again"
	case strings.HasPrefix(text, `{"`), strings.HasPrefix(text, "{\n"), strings.HasPrefix(text, "{\r\n"), isArray(text):
		return "it is JSON: export the list as CSV"
	}
	return ""
}

// isArray reports whether a text begins as an array of JSON.
func isArray(text string) bool {
	inner, ok := strings.CutPrefix(text, "[")
	first := strings.TrimLeft(inner, " \t\r\n")
	return ok && first != "" && (strings.ContainsRune("{[\"]", rune(first[0])) || len(first) < len(inner) && strings.Contains(inner, "\n"))
}

// NotTable says what a text is that has no rows with cells, as Markup does; "" if it may have.
func NotTable(head []byte) string {
	text := strings.ToLower(string(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))))
	starts := func(marks ...string) bool {
		return slices.ContainsFunc(marks, func(m string) bool { return strings.HasPrefix(text, m) })
	}
	switch {
	case starts("<?xml", "<!doctype"):
		return "it is XML: export the list as CSV"
	case starts("insert into ", "create table ", "drop table ", "-- mysql dump", "-- mariadb dump", "--\n-- postgresql", "/*!", "set names "):
		return "it is a dump of a database (SQL): export the table as CSV"
	case starts("dn: ", "version: 1\ndn: "):
		return "it is LDIF: export the contacts as CSV"
	}
	return ""
}

// IsZip reports whether a file begins as a zip does.
func IsZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// IsBinary reports whether there are bytes that no text has. Form feeds part the pages of printed
// lists.
func IsBinary(head []byte) bool {
	for _, c := range head {
		if c < ' ' && (c < '\t' || c > '\r') {
			return true
		}
	}
	return false
}
