package numbers

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// render makes the page of the comparison.
func render(rows []*row) []byte {
	slices.SortFunc(rows, func(a, b *row) int { return cmp.Or(a.code-b.code, cmp.Compare(a.region, b.region)) })
	var all row
	for _, w := range rows {
		all.add(w)
	}
	var b bytes.Buffer
	b.WriteString("# Numbers, compared with libphonenumber\n\nWritten by `go test -spellings N -table ../../docs/numbers.md` in contract/numbers; do not edit.\n\n")
	fmt.Fprintf(&b, "%d numbers of %d regions and networks, in %d spellings: plain, international and national formats, tel URIs, trunk prefixes\n"+
		"after the country code, prefixes for calls abroad, extensions, other scripts, too many digits and too few. dnc reads each spelling as\n"+
		"the number that it was made from, or refuses it. The peer is github.com/nyaruka/phonenumbers v1.8.1. A spelling counts as read by the\n"+
		"peer if the peer says that its number is possible.\n\n",
		all.numbers, len(rows), all.spellings)
	fmt.Fprintf(&b, "Both read the same number: %d spellings. Both refuse: %d spellings. The others differ by these rules:\n\n| | spellings | rule |\n| --- | --- | --- |\n",
		all.same, all.neither)
	for i, n := range all.rules {
		if n > 0 {
			fmt.Fprintf(&b, "| %c | %d | %s |\n", 'a'+i, n, rules[i])
		}
	}
	b.WriteString("\n| code | region | numbers | spellings | same | both refuse | differ |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, w := range rows {
		var differ []string
		for i, n := range w.rules {
			if n > 0 {
				differ = append(differ, fmt.Sprintf("%c %d", 'a'+i, n))
			}
		}
		fmt.Fprintf(&b, "| %d | %s | %d | %d | %d | %d | %s |\n",
			w.code, w.region, w.numbers, w.spellings, w.same, w.neither, strings.Join(differ, ", "))
	}
	return b.Bytes()
}

func (w *row) add(o *row) {
	w.numbers += o.numbers
	w.spellings += o.spellings
	w.same += o.same
	w.neither += o.neither
	for i, n := range o.rules {
		w.rules[i] += n
	}
}
