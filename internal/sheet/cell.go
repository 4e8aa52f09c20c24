package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const zeroWidth = "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"

// Bare is a cell without blanks around it, and without the marks of a formula or a text in
// spreadsheets: ="0123", =0123, '0123 and "0123".
func Bare(cell string) string {
	cell = Trim(strings.TrimPrefix(Trim(Legible(cell)), "="))
	if inner, ok := strings.CutPrefix(cell, "'"); ok {
		return Trim(strings.TrimSuffix(inner, "'"))
	}
	if len(cell) >= 2 && cell[0] == '"' && cell[len(cell)-1] == '"' {
		return Trim(cell[1 : len(cell)-1])
	}
	return cell
}

// Trim takes away blanks of every kind, also those without a width.
func Trim(s string) string {
	return strings.TrimFunc(s, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(zeroWidth, c) })
}

// LineBreaks are what some program or other shows as the end of a line.
const LineBreaks = "\n\r\v\f\u0085\u2028\u2029"

// SeveralLines reports whether a cell has several lines.
func SeveralLines(cell string) bool { return strings.ContainsAny(strings.TrimSpace(cell), LineBreaks) }

// Legible is a cell as UTF-8: what is not, is taken for the Windows code page of western Europe,
// whose letters and blanks are single bytes.
func Legible(cell string) string {
	if utf8.ValidString(cell) {
		return cell
	}
	var b strings.Builder
	for _, c := range []byte(cell) {
		switch c {
		case 0x96:
			b.WriteRune('–')
		case 0x97:
			b.WriteRune('—')
		default:
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}

// Digits is the digits in a text, of any script.
func Digits(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Nd, c) {
			return c
		}
		return -1
	}, text)
}

// LongestRun is how many digits a text has in a row, with at most three other characters between
// them that are no letters.
func LongestRun(text string) int {
	longest, run, between := 0, 0, 0
	for _, c := range text {
		switch {
		case unicode.Is(unicode.Nd, c):
			run++
			between = 0
			longest = max(longest, run)
		case unicode.IsLetter(c), between == 3:
			run, between = 0, 0
		default:
			between++
		}
	}
	return longest
}

// Masked is a text of a file as an error may show it: what may be a number is not.
func Masked(text string) string {
	if LongestRun(text) < 7 {
		return text
	}
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Nd, c) {
			return '#'
		}
		return c
	}, text)
}

// LikeANumber reports whether a piece of a text could be a telephone number: at least ten digits
// and what people put between them.
func LikeANumber(piece string) bool {
	digits := 0
	for _, c := range piece {
		switch {
		case unicode.Is(unicode.Nd, c):
			digits++
		case !unicode.IsSpace(c) && !strings.ContainsRune("+-.()/", c):
			return false
		}
	}
	return digits >= 10 && digits <= 15
}
