// Picture draws the picture of the README:
//
//	go run ./docs/picture > docs/flow.svg
package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"strings"
)

func main() {
	if _, err := os.Stdout.Write(flow()); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

// The size of the picture, and of the text in it.
const (
	width, height = 880, 330
	line          = 18 // from one line of text to the next
)

// style has the colours of light pages, and those of dark ones.
const style = `text{fill:#1f2328}.note{fill:#59636e}.box{fill:#f6f8fa;stroke:#8b949e}.key{fill:#ddf4ff;stroke:#0969da}` +
	`.yes{fill:#dafbe1;stroke:#1a7f37}.no{fill:#ffebe9;stroke:#cf222e}.doubt{fill:#fff8c5;stroke:#9a6700}` +
	`.line{fill:none;stroke:#59636e;stroke-width:1.5}.head{fill:#59636e}` +
	`@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}.box{fill:#161b22;stroke:#6e7681}` +
	`.key{fill:#0c2d4f;stroke:#4493f8}.yes{fill:#12351f;stroke:#3fb950}.no{fill:#3d1417;stroke:#f85149}` +
	`.doubt{fill:#3a2d00;stroke:#d29922}.line{stroke:#9198a1}.head{fill:#9198a1}}`

// box is a rectangle with lines of text. The first line is bold, the others are notes.
type box struct {
	class      string
	x, y, w, h int
	lines      []string
}

// arrow leads from one point to another, first level, then down or up, then level again.
type arrow struct{ x1, y1, x2, y2 int }

// flow is the way of a number: from where it is known, past every list, to a verdict.
func flow() []byte {
	boxes := []box{
		{"box", 10, 44, 200, 46, []string{"A dialer", "one number, now"}},
		{"box", 10, 104, 200, 46, []string{"A contact file", "millions of rows"}},
		{"box", 10, 164, 200, 46, []string{"A Genesys campaign", "its contact list, before it starts"}},
		{"key", 250, 84, 190, 86, []string{"Protect(Union(...))", "reads each number,", "asks every list,", "within a time limit"}},
		{"yes", 690, 44, 180, 46, []string{"Allow", "every list answered: dial"}},
		{"no", 690, 104, 180, 46, []string{"Block", "the reason says why"}},
		{"doubt", 690, 164, 180, 46, []string{"Unknown", "Protect makes it a Block"}},
		{"box", 250, 240, 130, 46, []string{"Opt-outs", "SET in Redis"}},
		{"box", 395, 240, 150, 46, []string{"National registry", "registry in Redis"}},
		{"box", 560, 240, 130, 46, []string{"Geo rules", "HASH in Redis"}},
		{"key", 490, 84, 150, 86, []string{"Decision", "verdict, reasons,", "list, version, date;", "number masked"}},
	}
	arrows := []arrow{
		{210, 67, 250, 112},
		{210, 127, 250, 127},
		{210, 187, 250, 142},
		{440, 127, 490, 127},
		{640, 112, 690, 67},
		{640, 127, 690, 127},
		{640, 142, 690, 187},
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="13" role="img">`+"\n", width, height)
	b.WriteString("<title>A number is read, every list is asked, and the decision says allow, block or unknown.</title>\n")
	fmt.Fprintf(&b, "<style>%s</style>\n", style)
	text(&b, "", 10, 24, "Who asks", 600)
	text(&b, "", 250, 24, "What happens", 600)
	text(&b, "", 690, 24, "What comes back", 600)
	for _, x := range boxes {
		x.draw(&b)
	}
	for _, a := range arrows {
		a.draw(&b)
	}
	// The lists are asked: a bus below the checker, with a line to each list.
	fmt.Fprintf(&b, `<path class="line" d="M345 170V205M315 205H625M315 205V240M470 205V240M625 205V240"/>`+"\n")
	text(&b, "note", 10, 312, "A list that is missing, stale, half loaded or out of reach makes the answer Unknown. It is never read as an empty list.", 400)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func (x box) draw(b *bytes.Buffer) {
	fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", x.class, x.x, x.y, x.w, x.h)
	y := x.y + (x.h-line*(len(x.lines)-1))/2 + 5
	for i, s := range x.lines {
		class, weight := "note", 400
		if i == 0 {
			class, weight = "", 600
		}
		text(b, class, x.x+12, y+i*line, s, weight)
	}
}

func (a arrow) draw(b *bytes.Buffer) {
	middle := (a.x1 + a.x2) / 2
	fmt.Fprintf(b, `<path class="line" d="M%d %dH%dV%dH%d"/>`, a.x1, a.y1, middle, a.y2, a.x2-6)
	fmt.Fprintf(b, `<path class="head" d="M%d %dl-8 -4v8z"/>`+"\n", a.x2, a.y2)
}

func text(b *bytes.Buffer, class string, x, y int, s string, weight int) {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(s)) // a strings.Builder takes everything
	if class != "" {
		class = fmt.Sprintf(` class=%q`, class)
	}
	fmt.Fprintf(b, `<text%s x="%d" y="%d" font-weight="%d">%s</text>`+"\n", class, x, y, weight, escaped.String())
}
