package main

import (
	"fmt"
	"io"
	"time"

	"github.com/dnc-go/dnc"
)

// progressEvery is how often a line is written while rows come.
const progressEvery = 2 * time.Second

// progress counts, and tells now and then. It looks at the clock once in a thousand rows, so it costs nothing.
type progress struct {
	out            io.Writer
	began, last    time.Time
	total, unknown int
	allowed        int
}

func newProgress(out io.Writer) *progress {
	now := time.Now()
	return &progress{out: out, began: now, last: now}
}

func (p *progress) count(d dnc.Decision) {
	p.total++
	switch {
	case d.Callable():
		p.allowed++
	case d.Fallback || d.Verdict == dnc.Unknown: // behind Protect an unknown number is a fallback that blocks
		p.unknown++
	}
	if p.total%1000 == 0 && time.Since(p.last) >= progressEvery {
		p.last = time.Now()
		p.print("checking")
	}
}

func (p *progress) print(what string) {
	rate := float64(p.total) / max(time.Since(p.began).Seconds(), 1e-3)
	_, _ = fmt.Fprintf(p.out, "batch: %s: %d rows, %.0f a second: %d allowed, %d blocked, %d of them unknown\n",
		what, p.total, rate, p.allowed, p.total-p.allowed, p.unknown)
}
