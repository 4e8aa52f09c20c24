package main

import (
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dnc-go/dnc/registry"
)

const (
	barEvery  = 200 * time.Millisecond // on a terminal
	lineEvery = 5 * time.Second        // in a log
	barWidth  = 16                     // so that all fits into 80 columns: what wraps cannot be cleared
	clearLine = "\r\x1b[K"
)

// progress shows how far an import is: a bar on a terminal, and elsewhere a line now and then. Log
// lines are written through it, so that they do not run into the bar.
type progress struct {
	bytes atomic.Int64 // of the files that were read, in this phase

	mu       sync.Mutex
	out      io.Writer
	terminal bool
	total    int64 // bytes of the files
	phase    registry.Phase
	began    time.Time // the phase
	numbers  int64
	rejected int64
	drawn    bool // the bar is there
}

func newProgress(out io.Writer, total int64) *progress {
	return &progress{out: out, terminal: isTerminal(out), total: total, began: time.Now()}
}

// phaseHash comes before those of an import: the files are read for their SHA-256.
const phaseHash registry.Phase = "SHA-256"

// isTerminal reports whether somebody is looking.
func isTerminal(out io.Writer) bool {
	f, ok := out.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

// start shows progress until the function that it returns is called.
func (p *progress) start() (stop func()) {
	every := lineEvery
	if p.terminal {
		every = barEvery
	}
	ticker := time.NewTicker(every)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ticker.C:
				p.mu.Lock()
				p.draw()
				p.mu.Unlock()
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-ended
		p.mu.Lock()
		defer p.mu.Unlock()
		p.clear()
	}
}

// set is told how far it is.
func (p *progress) set(phase registry.Phase, numbers, rejected int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.numbers, p.rejected = numbers, rejected
	if phase == p.phase {
		return
	}
	p.phase, p.began = phase, time.Now()
	if p.terminal {
		p.draw()
	}
}

// Write is for log lines.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	return p.out.Write(b)
}

func (p *progress) clear() {
	if p.drawn {
		_, _ = io.WriteString(p.out, clearLine)
		p.drawn = false
	}
}

func (p *progress) draw() {
	done := 1.0
	if p.total > 0 {
		done = min(float64(p.bytes.Load())/float64(p.total), 1)
	}
	text := fmt.Sprintf("%3.0f %%  %s", 100*done, p.phase)
	if p.numbers > 0 {
		text += fmt.Sprintf(": %s numbers", grouped(p.numbers))
	}
	if seconds := time.Since(p.began).Seconds(); p.numbers > 0 && p.phase == registry.PhaseRead && seconds > 0 {
		text += fmt.Sprintf(", %s/s", grouped(int64(float64(p.numbers)/seconds)))
	}
	if p.rejected > 0 {
		text += fmt.Sprintf(", %s rejected", grouped(p.rejected))
	}
	if !p.terminal {
		_, _ = fmt.Fprintf(p.out, "import: %s\n", strings.TrimSpace(text))
		return
	}
	full := int(done * barWidth)
	_, _ = fmt.Fprintf(p.out, "%s[%s%s] %s", clearLine, strings.Repeat("#", full), strings.Repeat("-", barWidth-full), text)
	p.drawn = true
}

// grouped is a number with commas.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
