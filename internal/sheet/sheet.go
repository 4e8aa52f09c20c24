// Package sheet is what reading CSV files has in common, of lists and of contacts: separators,
// names of columns, what spreadsheets do to cells, and what an error may show of a file.
package sheet

import "strings"

// Printable is a name from outside, fit for an error: a zip can name its members as it likes.
func Printable(name string) string {
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == 0xfffd {
			return '?'
		}
		return c
	}, name)
	if len(name) > 200 {
		name = "..." + strings.ToValidUTF8(name[len(name)-200:], "")
	}
	return name
}
