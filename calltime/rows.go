package calltime

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
)

// Row is one rule about calling hours, with its source. Hours are local times: "9-21" is open from
// 9:00:00 until just before 21:00:00. Minutes are written "9-21:30", and two intervals "10-13
// 14-20". "" is closed all day.
type Row struct {
	ID string `json:"id"` // such as "us-fl/hours"; it is the List of the reasons
	// ISO 3166-2 of a state, such as "US-FL", or ISO 3166-1 of a country, such as "US". A row of a
	// country also applies in all its states. A row of a part of another country, such as "GB-SCT",
	// applies in the whole country, unless the call's region is another part of it and trusted.
	Jurisdiction string        `json:"jurisdiction"`
	Channels     []dnc.Channel `json:"channels,omitempty"` // empty: every channel
	Weekdays     string        `json:"weekdays"`           // Monday to Friday
	Saturday     string        `json:"saturday"`
	Sunday       string        `json:"sunday"`
	// Hours on a holiday; SameHours: those of the weekday; "" is closed.
	Holidays string `json:"holidays"`
	// WaivedByConsent, WaivedByRelationship; empty: nothing lifts the row.
	WaivedBy []string `json:"waivedBy,omitempty"`
	From     string   `json:"from,omitempty"`  // first local day in force, YYYY-MM-DD; "": always
	Until    string   `json:"until,omitempty"` // first local day no longer in force; "": no end
	Source   string   `json:"source"`          // the law or page that has the rule; required
	// P: the law itself; S: a secondary source; U: unverified, so the strictest meaning.
	Evidence string `json:"evidence,omitempty"`
	Reviewed string `json:"reviewed"`       // the day on which the source was read, YYYY-MM-DD; required
	Note     string `json:"note,omitempty"` // if sources differ: how, and which one this row follows
}

// SameHours in Row.Holidays says that a holiday has the hours of its weekday.
const SameHours = "same"

// Values of Row.WaivedBy.
const (
	WaivedByConsent      = "consent"      // the person agreed to calls at other hours
	WaivedByRelationship = "relationship" // an established business relationship that is still in force
)

// span is open from a second of the local day to another.
type span struct{ open, close int }

// compiled is a Row ready to be asked.
type compiled struct {
	Row
	days     [7][]span // by time.Weekday
	past     [7]bool   // the row is open before and after the midnight that ends the day
	holidays []span
	asks     bool // for holidays
	channels uint8
	waivedBy Waiver
	reviewed time.Time
}

var (
	regionName = regexp.MustCompile(`^[A-Z]{2}(-[A-Z0-9]{1,3})?$`)
	rowName    = regexp.MustCompile(`^[a-z0-9_/.-]{1,64}$`)
)

// ReadRows reads a JSON array of Row, for example a file of your own rows. Unknown fields are
// refused.
func ReadRows(r io.Reader) ([]Row, error) {
	dec := json.NewDecoder(io.LimitReader(r, 16<<20))
	dec.DisallowUnknownFields()
	var rows []Row
	if err := dec.Decode(&rows); err != nil {
		return nil, fmt.Errorf("calltime: the rows are not a JSON array of rows: %w", err)
	}
	for _, row := range rows {
		if _, err := row.compile(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (r Row) compile() (*compiled, error) {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("calltime: row %q: "+format, append([]any{r.ID}, args...)...)
	}
	c := &compiled{Row: r}
	var err error
	switch {
	case !rowName.MatchString(r.ID):
		return nil, bad("the id must be like \"us-fl/hours\"")
	case !regionName.MatchString(r.Jurisdiction):
		return nil, bad("the jurisdiction %q is not an ISO 3166 code, as \"US-FL\" or \"FR\"", r.Jurisdiction)
	case r.Source == "":
		return nil, bad("it has no source")
	}
	if c.reviewed, err = time.Parse(time.DateOnly, r.Reviewed); err != nil {
		return nil, bad("reviewed is not a day YYYY-MM-DD")
	}
	for _, day := range []string{r.From, r.Until} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return nil, bad("%q is not a day YYYY-MM-DD", day)
		}
	}
	if r.From != "" && r.Until != "" && r.From >= r.Until {
		return nil, bad("it is never in force: from %s, until %s", r.From, r.Until)
	}
	for day := range c.days {
		text := r.Weekdays
		if time.Weekday(day) == time.Saturday {
			text = r.Saturday
		} else if time.Weekday(day) == time.Sunday {
			text = r.Sunday
		}
		if c.days[day], err = parseSpans(text); err != nil {
			return nil, bad("%w", err)
		}
	}
	if c.asks = r.Holidays != SameHours; c.asks {
		if c.holidays, err = parseSpans(r.Holidays); err != nil {
			return nil, bad("%w", err)
		}
	}
	for day, spans := range c.days {
		next := c.days[(day+1)%7]
		c.past[day] = !c.asks && r.Until == "" && len(spans) > 0 && len(next) > 0 && spans[len(spans)-1].close == 86400 && next[0].open == 0
	}
	for _, ch := range r.Channels {
		if ch > dnc.Text {
			return nil, bad("there is no channel %d", ch)
		}
		c.channels |= 1 << ch
	}
	if len(r.Channels) == 0 {
		c.channels = 0xff
	}
	for _, w := range r.WaivedBy {
		i := slices.Index(waiverNames, w)
		if i < 0 {
			return nil, bad("%q in WaivedBy is not known: use %q or %q", w, WaivedByConsent, WaivedByRelationship)
		}
		c.waivedBy |= 1 << i
	}
	return c, nil
}

// parseSpans reads "10-13 14-20".
func parseSpans(text string) ([]span, error) {
	var out []span
	for part := range strings.FieldsSeq(text) {
		from, to, ok := strings.Cut(part, "-")
		open, err1 := parseClock(from)
		closing, err2 := parseClock(to)
		if !ok || err1 != nil || err2 != nil || open >= closing || closing > 86400 {
			return nil, fmt.Errorf(
				"%q is not an interval like \"9-21:30\", which ends after it begins, by 24 at the latest", part)
		}
		if len(out) > 0 && open < out[len(out)-1].close {
			return nil, fmt.Errorf("the intervals %q overlap or are out of order", text)
		}
		if len(out) > 0 && open == out[len(out)-1].close { // nothing ends there
			out[len(out)-1].close = closing
			continue
		}
		out = append(out, span{open, closing})
	}
	return out, nil
}

func parseClock(s string) (int, error) {
	hours, minutes, ok := strings.Cut(s, ":")
	h, err := strconv.ParseUint(hours, 10, 5)
	if err != nil {
		return 0, err
	}
	var m uint64
	if ok {
		if m, err = strconv.ParseUint(minutes, 10, 6); err != nil || m > 59 {
			return 0, fmt.Errorf("%q is not a time", s)
		}
	}
	return int(h)*3600 + int(m)*60, nil
}

// inForce reports whether the row holds on a civil day, written YYYY-MM-DD.
func (c *compiled) inForce(day string) bool {
	return (c.From == "" || day >= c.From) && (c.Until == "" || day < c.Until)
}

// concerns reports whether the row holds in a region. It does in its own, in one within its country,
// and in the country that its own is a part of, because the person may be there.
func (c *compiled) concerns(region string) bool {
	country := countryOf(c.Jurisdiction)
	return c.Jurisdiction == region || len(c.Jurisdiction) == 2 && c.Jurisdiction == countryOf(region) ||
		len(c.Jurisdiction) > 2 && country == region && !stateless(country)
}

// countryOf is the country whose rows hold in a region.
func countryOf(region string) string {
	if c := alike[region]; c != "" {
		return c
	}
	country, _, _ := strings.Cut(region, "-")
	return country
}

// alike are countries that share a calling code and are treated as the larger one.
var alike = map[string]string{"GG": "GB", "JE": "GB", "IM": "GB", "CX": "AU", "CC": "AU"}
