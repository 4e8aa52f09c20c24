package dnc

import (
	"fmt"
	"log/slog"
)

// Counts counts decisions. Total is Blocked plus Allowed. The zero Counts is ready to use.
type Counts struct {
	Total   int `json:"total"`
	Blocked int `json:"blocked"` // not callable: blocked, unknown and invalid numbers
	Allowed int `json:"allowed"`
	Unknown int `json:"unknown"`           // the part of Blocked without a full answer
	Invalid int `json:"invalid,omitempty"` // the part of Blocked that are not numbers
}

// Add counts a decision. A decision that is Undecided counts as Unknown, also if a fallback blocked
// the number. One whose reason is [CodeInvalidNumber] counts as Invalid. A number that a fallback
// allowed counts as Allowed.
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

// String is the counts, such as "total=3 blocked=2 allowed=1 unknown=0 invalid=1"; invalid is left
// out where it is 0.
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
