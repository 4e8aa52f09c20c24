package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// phoneColumns are the names under which numbers are looked for without -column, in order of preference: a column "number" beside a
// column "phone" is likelier a row's or a customer's number. Case, spaces, "_" and "-" do not count.
var phoneColumns = []string{
	"phone", "phonenumber", "number", "telephone", "telephonenumber", "tel", "mobile", "mobilenumber", "mobilephone", "cell", "cellphone", "msisdn",
}

// added are the columns that the output has more than the input.
var added = []string{"verdict", "blocked", "reason", "fallback"}

// findColumn is the index of the column with the numbers. Two columns of that name are an error: one of them would go unchecked.
func findColumn(header []string, wanted string) (int, error) {
	for _, name := range added {
		if slices.ContainsFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) }) {
			return 0, fmt.Errorf("the header has a column %q already: rename or remove it, or its reader could not tell the two apart", name)
		}
	}
	if wanted != "" {
		for _, same := range []func(h string) bool{
			func(h string) bool { return h == wanted },
			func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), strings.TrimSpace(wanted)) },
		} {
			if i, err := only(header, same); i >= 0 || err != nil {
				return i, err
			}
		}
		return 0, fmt.Errorf("there is no column %q; the header is %s", wanted, shown(header))
	}
	for _, name := range phoneColumns {
		if i, err := only(header, func(h string) bool { return plain(h) == name }); i >= 0 || err != nil {
			return i, err
		}
	}
	return 0, fmt.Errorf("no column is named phone or the like: name it with -column; the header is %s", shown(header))
}

// only is the index of the one name that f accepts, or -1.
func only(header []string, f func(h string) bool) (int, error) {
	i := slices.IndexFunc(header, f)
	if i >= 0 && slices.ContainsFunc(header[i+1:], f) {
		return 0, fmt.Errorf("two columns are named %q: name the one with the numbers differently", header[i])
	}
	return i, nil
}

func plain(name string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(name))
}

// shown is a header as an error may show it. A file that lacks its header begins with a contact, of which no number may be seen.
func shown(header []string) string {
	var names []string
	for i, h := range header {
		if i == 30 {
			names = append(names, fmt.Sprintf("and %d more", len(header)-i))
			break
		}
		digits := strings.Count(strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return '0'
			}
			return 'x'
		}, h), "0")
		switch {
		case digits >= 5:
			names = append(names, "(digits: is the header line missing?)")
		case len(h) > 60:
			names = append(names, strconv.Quote(h[:60])+"...")
		default:
			names = append(names, strconv.Quote(h))
		}
	}
	return strings.Join(names, ", ")
}
