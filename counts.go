package dnc

import (
	"fmt"
	"log/slog"
)

// Counts says what became of many numbers. Total is Blocked plus Allowed. The zero value has
// counted none.
type Counts struct {
	Total   int `json:"total"`
	Blocked int `json:"blocked"` // everything that is not callable
	Allowed int `json:"allowed"`
	Unknown int `json:"unknown"`           // those of Blocked for which there was no full answer
	Invalid int `json:"invalid,omitempty"` // those of Blocked that are no numbers
}

// Add counts a decision. One that is Undecided is Unknown, also where a fallback blocked the
// number. An invalid number is known by its reason, [CodeInvalidNumber]. A fallback that allows
// counts as Allowed.
func (c *Counts) Add(d Decision) {
	c.Total++
	if d.Callable() {
		c.Allowed++
		return
	}
	c.Blocked++
	switch {
	case d.Reason().Code == CodeInvalidNumber:
		c.Invalid++
	case d.Undecided():
		c.Unknown++
	}
}

// String is the counts, as "total=3 blocked=2 allowed=1 unknown=0 invalid=1"; invalid is left out
// where it is 0.
func (c Counts) String() string {
	s := fmt.Sprintf("total=%d blocked=%d allowed=%d unknown=%d", c.Total, c.Blocked, c.Allowed, c.Unknown)
	if c.Invalid > 0 {
		s += fmt.Sprintf(" invalid=%d", c.Invalid)
	}
	return s
}

// LogValue shows the counts.
func (c Counts) LogValue() slog.Value { return slog.GroupValue(c.attrs()...) }

func (c Counts) attrs() []slog.Attr {
	return []slog.Attr{
		slog.Int("total", c.Total), slog.Int("blocked", c.Blocked), slog.Int("allowed", c.Allowed),
		slog.Int("unknown", c.Unknown), slog.Int("invalid", c.Invalid),
	}
}
