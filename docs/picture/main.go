// Picture draws the pictures of the README and the guides:
//
//	go run ./docs/picture
package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"strings"
)

// pictures are the files, as paths from the root of the repository, and what draws them.
var pictures = map[string]func() []byte{
	"docs/flow.svg":          flow,
	"docs/guide/genesys.svg": campaign,
}

func main() {
	for path, draw := range pictures {
		if err := os.WriteFile(path, draw(), 0o644); err != nil { //nolint:gosec // pictures are for everybody to read
			fmt.Fprintln(os.Stderr, "picture: run it at the root of the repository:", err)
			os.Exit(1)
		}
	}
}

const (
	width = 880
	line  = 18 // from one line of text to the next
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
	begin(&b, 330, "A number is read, every list is asked, and the decision says allow, block or unknown.")
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

// campaign is what package preflight does with a campaign.
func campaign() []byte {
	boxes := []box{
		{"box", 10, 44, 155, 86, []string{"1 NewPlan", "exports contacts,", "checks all numbers,", "changes nothing"}},
		{"key", 190, 44, 150, 86, []string{"2 Apply: block", "numbers, in its", "own DNC list,", "read back"}},
		{"key", 370, 44, 150, 86, []string{"3 Apply: mark", "what a DNC list", "cannot stop,", "read back"}},
		{"key", 550, 44, 150, 86, []string{"4 Assert", "contacts exported", "again; every gap", "is named"}},
		{"yes", 730, 44, 140, 86, []string{"5 Start", "only without a gap", "that was not", "accepted"}},
		{"doubt", 10, 190, 250, 46, []string{"A number has no full answer", "no plan: ErrUndecided"}},
		{"doubt", 275, 190, 250, 46, []string{"A crash at any request", "Apply again: it goes on"}},
		{"no", 540, 190, 330, 46, []string{"The contacts have changed, or a gap", "not started: ErrChanged, ErrUnprotected"}},
	}
	arrows := []arrow{{165, 87, 190, 87}, {340, 87, 370, 87}, {520, 87, 550, 87}, {700, 87, 730, 87}}
	var b bytes.Buffer
	begin(&b, 280, "A plan is made, applied, asserted, and then the campaign is started.")
	text(&b, "", 10, 24, "What happens to a campaign", 600)
	for _, x := range boxes {
		x.draw(&b)
	}
	for _, a := range arrows {
		a.draw(&b)
	}
	text(&b, "", 10, 172, "What can go wrong", 600)
	text(&b, "note", 10, 264, "At no moment is a number callable that was blocked before.", 400)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// begin writes the head of a picture. title is what a screen reader reads.
func begin(b *bytes.Buffer, height int, title string) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="13" role="img">`+"\n", width, height)
	fmt.Fprintf(b, "<title>%s</title>\n<style>%s</style>\n", title, style)
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
