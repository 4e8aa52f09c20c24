package preflight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

// The sources of an [OptOut].
const (
	SourceDNCList = "dnc_list" // an entry of a DNC list
	SourceWrapUp  = "wrap_up"  // the wrap-up code of a call
)

// An OptOut is a number that must not be called, and where the platform has recorded that. It
// prints no number.
type OptOut struct {
	Number  dnc.Number
	Source  string    // SourceDNCList or SourceWrapUp
	ListID  string    // the DNC list, or the contact list
	Expires time.Time // when the entry expires; zero means never

	ContactID, Column, Code string // where the wrap-up code is; "" for an entry
}

// String is where the opt-out came from.
func (o OptOut) String() string {
	if o.Source == SourceWrapUp {
		return fmt.Sprintf("opt-out by wrap-up code %s in column %q of contact list %s", o.Code, o.Column, o.ListID)
	}
	return "opt-out by DNC list " + o.ListID
}

// Format writes String for every verb.
func (o OptOut) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.String()) }

// LogValue is String.
func (o OptOut) LogValue() slog.Value { return slog.StringValue(o.String()) }

// A SyncReport says what [Sync] found and did, also with an error.
type SyncReport struct {
	OptOuts        int `json:"optOuts"`        // numbers that the platform says have opted out
	Added          int `json:"added"`          // how many of them were added to the list of IntoList
	Expired        int `json:"expired"`        // entries that have expired: they do not count as opt-outs
	EmailAddresses int `json:"emailAddresses"` // entries that are e-mail addresses
	Unreadable     int `json:"unreadable"`     // entries and cells that cannot be read; [Sync] then returns an error

	OwnNumbers int `json:"ownNumbers"` // the numbers of ToDNCList, and those that this run has added
	Sent       int `json:"sent"`       // how many of them were sent to the platform's list

	// ForeignNumbers are numbers on the platform's list of ToDNCList that are not among OwnNumbers.
	// They stay there.
	ForeignNumbers []dnc.Number `json:"-"`
}

// String is the report in counts, on one line.
func (r SyncReport) String() string {
	text := fmt.Sprintf("opt-outs on the platform: %d, added to the list: %d; numbers of the list: %d, sent to the platform: %d, entries there that are not on the list: %d",
		r.OptOuts, r.Added, r.OwnNumbers, r.Sent, len(r.ForeignNumbers))
	if r.Unreadable > 0 {
		text += fmt.Sprintf("; cannot be read: %d", r.Unreadable)
	}
	return text
}

// Sync brings opt-outs that the platform has recorded into your own list ([IntoList]), and the
// numbers of your list to a DNC list of the platform ([ToDNCList]). It only adds numbers. What it
// does not add it reports.
//
// Everything is read before anything is written. Each export is repeated until two in a row agree.
// Nothing is written if an export fails, is cut off or does not stop changing, if a list has no
// full answer, or if your numbers end with an error. What was written is read back; if it is not
// there, the error wraps [genesys.ErrNotVerified].
//
// Sync may be stopped at any moment and repeated. A second run without new opt-outs writes nothing.
// An entry that cannot be read as a number is counted, and Sync returns an error at the end: set
// [WithParse].
//
// Needs outbound:dncList:view and outbound:dnc:view. [FromWrapUps] needs outbound:contactList:view
// and outbound:contact:view, and [ToDNCList] needs outbound:dnc:edit.
func Sync(ctx context.Context, client *genesys.CampaignClient, opts ...SyncOption) (SyncReport, error) {
	if client == nil {
		return SyncReport{}, invalid("the client is nil")
	}
	c, err := newSyncConfig(opts)
	if err != nil {
		return SyncReport{}, err
	}
	s := &syncing{client: client, config: c, found: map[dnc.Number]struct{}{}}
	if err := s.read(ctx); err != nil {
		return s.report, err
	}
	if !c.dryRun {
		if err := s.write(ctx); err != nil {
			return s.report, err
		}
	} else {
		s.report.Added, s.report.Sent = len(s.news), len(s.send)
	}
	if n := s.report.Unreadable; n > 0 {
		err = fmt.Errorf("preflight: %w: some entries or cells of the platform (%d) cannot be read as phone numbers, so their opt-outs are not on the list: set WithParse, or correct them",
			genesys.ErrUnexpectedReply, n)
	}
	return s.report, err
}

// syncing is one run of Sync.
type syncing struct {
	client *genesys.CampaignClient
	config syncConfig
	found  map[dnc.Number]struct{} // opt-outs of the platform
	outs   []OptOut                // the same, with their origin
	news   []OptOut                // those that are not on the list
	send   []string                // numbers that the platform's list lacks
	own    []string                // numbers that must be on it
	report SyncReport
}

// write brings opt-outs in first: whoever is on the platform's list is not called by it already.
func (s *syncing) write(ctx context.Context) error {
	if len(s.news) > 0 {
		if err := s.add(ctx); err != nil {
			return err
		}
	}
	if len(s.send) == 0 {
		return nil
	}
	err := s.client.AddDNCNumbers(ctx, s.config.to, s.send, time.Time{})
	if part, ok := errors.AsType[*genesys.PartialError](err); ok {
		s.report.Sent = part.Done
	}
	if err != nil {
		return err
	}
	s.report.Sent = len(s.send)
	return untilSeen(ctx, "numbers that must be on the DNC list are not there, or expire", func() (missing int, err error) {
		left, err := s.client.MissingDNCNumbers(ctx, s.config.to, s.own, time.Time{})
		return len(left), err
	})
}

// addChunk is how many opt-outs are recorded and added at once.
const addChunk = 1000

func (s *syncing) add(ctx context.Context) error {
	numbers := make([]dnc.Number, 0, len(s.news))
	for from := 0; from < len(s.news); from += addChunk {
		part := s.news[from:min(from+addChunk, len(s.news))]
		if err := s.config.record(ctx, part); err != nil {
			return fmt.Errorf("preflight: where opt-outs came from could not be recorded: %w", err)
		}
		begin := len(numbers)
		for _, o := range part {
			numbers = append(numbers, o.Number)
		}
		added, err := s.config.adder.Add(ctx, numbers[begin:]...)
		s.report.Added += added
		if err != nil {
			return err
		}
	}
	return untilSeen(ctx, "opt-outs were added to the list and are not on it", func() (missing int, err error) {
		left, err := s.notListed(ctx, numbers)
		return len(left), err
	})
}

// notListed are the positions of the numbers that are not on the list of IntoList.
func (s *syncing) notListed(ctx context.Context, numbers []dnc.Number) (at []int, err error) {
	for from := 0; from < len(numbers); from += addChunk {
		part := numbers[from:min(from+addChunk, len(numbers))]
		ds, err := s.config.list.CheckBatch(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("%w: the list of IntoList gives no full answer: %w", ErrUndecided, err)
		}
		for i, d := range ds {
			listed, known := isListed(d)
			switch {
			case !known:
				return nil, fmt.Errorf("%w: the list of IntoList gives no full answer: %s", ErrUndecided, d.Reasons)
			case !listed:
				at = append(at, from+i)
			}
		}
	}
	return at, nil
}

// isListed reports whether a list has a number, and whether that is known. A geo rule or a limit
// beside the list blocks numbers that are not on it: once it is gone they may be called.
func isListed(d dnc.Decision) (listed, known bool) {
	if d.Undecided() {
		return false, false
	}
	known = true
	for r := range d.Reasons.All() {
		switch r.Code {
		case dnc.CodeAllowed, dnc.CodeNotForbidden, dnc.CodeOutsideHours, dnc.CodeHoliday, dnc.CodeEmergency,
			attemptLimit:
			continue
		}
		switch {
		case unknownReason(r):
			known = false
		case !strings.HasPrefix(r.Code, "geo_blocked_"):
			return true, true
		}
	}
	return false, known
}

// seenLooks is how often what was written is looked for, 1 s, 2 s, 4 s ... apart: reads lag behind
// writes.
const seenLooks = 5

// untilSeen looks until nothing is missing.
func untilSeen(ctx context.Context, what string, look func() (missing int, err error)) error {
	for try := 0; ; try++ {
		missing, err := look()
		if err != nil || missing == 0 {
			return err
		}
		if try == seenLooks-1 {
			return fmt.Errorf("preflight: %w: %d %s", genesys.ErrNotVerified, missing, what)
		}
		select {
		case <-time.After(time.Second << try):
		case <-ctx.Done():
			return fmt.Errorf("preflight: %w: %w (%w): %d %s",
				genesys.ErrNotVerified, ctx.Err(), context.Cause(ctx), missing, what)
		}
	}
}
