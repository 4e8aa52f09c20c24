package main

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// svg draws the bars of a table, lying, on a logarithmic axis: a peer may be a hundred times
// another. Colours suit light and dark pages.
func (t *table) svg() string {
	const (
		width, left, right, row, top = 860, 270, 110, 30, 58
	)
	low, high := math.Inf(1), 0.0
	for _, b := range t.bars {
		low, high = min(low, b.value), max(high, b.value)
	}
	from := math.Floor(math.Log10(low)) - 0.3
	to := math.Log10(high)
	if to-from < 1 {
		to = from + 1
	}
	x := func(v float64) float64 {
		return left + (math.Log10(v)-from)/(to-from)*(width-left-right)
	}
	height := top + row*len(t.bars) + 34
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="13" role="img">`+"\n", width, height)
	s.WriteString("<style>text{fill:#1f2328}.axis{stroke:#8b949e;stroke-opacity:.4}.peer{fill:#8b949e}.own{fill:#1f7a4d}" +
		"@media(prefers-color-scheme:dark){text{fill:#e6edf3}.own{fill:#3fb97f}}</style>\n")
	fmt.Fprintf(&s, `<text x="10" y="22" font-size="15" font-weight="600">%s</text>`+"\n", escape(t.title))
	fmt.Fprintf(&s, `<text x="10" y="42">%s, logarithmic</text>`+"\n", escape(t.axis))
	for p := math.Ceil(from); p <= to; p++ {
		at := x(math.Pow(10, p))
		fmt.Fprintf(&s, `<line class="axis" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`, at, top, at, height-26)
		fmt.Fprintf(&s, `<text x="%.1f" y="%d" text-anchor="middle" font-size="11">%s</text>`+"\n", at, height-10, short(math.Pow(10, p)))
	}
	for i, b := range t.bars {
		y := top + row*i
		class := "peer"
		if strings.HasPrefix(b.name, "dnc") {
			class = "own"
		}
		fmt.Fprintf(&s, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-10, y+18, escape(b.name))
		fmt.Fprintf(&s, `<rect class="%s" x="%d" y="%d" width="%.1f" height="20" rx="2"/>`, class, left, y+4, x(b.value)-left)
		fmt.Fprintf(&s, `<text x="%.1f" y="%d">%s</text>`+"\n", x(b.value)+6, y+18, short(b.value))
	}
	s.WriteString("</svg>\n")
	return s.String()
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

// short writes 1234567 as 1.23M.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.3gM", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%.3gk", v/1e3)
	default:
		return fmt.Sprintf("%.3g", v)
	}
}
