package preflight

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
)

// What the file of a plan is. A reader refuses another version: to leave out what it does not know
// would block too few.
const (
	planFormat  = "dnc preflight plan"
	planVersion = 2
	maxPlan     = 2 << 30 // bytes; a million findings are about 100 MB
)

// savedPlan is the file of a plan. The sum is over the plan's bytes: it finds a file that was cut
// or edited.
type savedPlan struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	SHA256  string          `json:"sha256"`
	Plan    json.RawMessage `json:"plan"`
}

type savedBody struct {
	Made          time.Time        `json:"made"`
	CampaignID    string           `json:"campaignId"`
	ContactListID string           `json:"contactListId"`
	Columns       []string         `json:"columns"`
	Counts        Counts           `json:"counts"`
	Reasons       []ReasonCount    `json:"reasons"`
	Lists         []ListUsed       `json:"lists"`
	Areas         []areaCount      `json:"areas"`
	Preview       Preview          `json:"preview"`
	Sizes         map[string]int64 `json:"dncListSizes"`
	Unmarkable    []string         `json:"unmarkable"`
	Contacts      string           `json:"contacts"` // the sum over ids and phone columns
	Rules         savedRules       `json:"rules"`
	BlockUnknown  bool             `json:"blockUnknown"`
	Start         bool             `json:"startWhenVerified"`
	Accept        []GapKind        `json:"accept"`
	Redial        bool             `json:"redialWhenComplete"`
	Hours         bool             `json:"hours,omitempty"`
	Parse         bool             `json:"parse,omitempty"`
	Grounds       []dnc.Reason     `json:"grounds"`
	Findings      []savedFinding   `json:"findings"`
	Unblock       []savedUnblock   `json:"unblock"`
}

type savedRules struct {
	ContactListID  string    `json:"contactListId,omitempty"`
	BlockedNumbers []string  `json:"blockedNumbers,omitempty"`
	Expires        time.Time `json:"expires,omitzero"`
	DNCListIDs     []string  `json:"dncListIds,omitempty"`
}

type savedFinding struct {
	ContactID string `json:"contact"`
	Column    int    `json:"column"`
	Number    string `json:"number,omitempty"` // E.164; "" for a cell that holds no number
	Ground    int    `json:"ground"`
	Unknown   bool   `json:"unknown,omitempty"`
	Later     bool   `json:"later,omitempty"`
	Mark      string `json:"mark,omitempty"`
	Listed    bool   `json:"listed,omitempty"`
}

type savedUnblock struct {
	Number  string      `json:"number"`
	Expires []time.Time `json:"expires"` // that its entry may have
}

var markNames = map[markState]string{markNone: "", markToMake: "make", markThere: "there"}

// Save writes the plan as JSON, for [ReadPlan]. The file has the full phone numbers that are not
// allowed: protect it as you protect the contact list.
func (p *Plan) Save(w io.Writer) error {
	if err := p.usable(); err != nil {
		return err
	}
	r := p.config.rules
	body := savedBody{
		Made: p.made, CampaignID: p.campaignID, ContactListID: p.contactListID, Columns: p.columns, Counts: p.counts,
		Reasons: p.reasons, Lists: p.lists, Areas: p.areas, Preview: p.preview, Sizes: p.sizes,
		Unmarkable: p.unmarkable, Contacts: p.contents.text(),
		Rules:        savedRules{r.ContactListID, r.BlockedNumbers, r.Expires, r.DNCListIDs},
		BlockUnknown: p.config.blockUnknown, Start: p.config.start, Accept: p.config.accept, Redial: p.config.redial,
		Hours: p.config.askHours, Parse: p.config.parseGiven,
		Grounds: p.grounds, Findings: make([]savedFinding, 0, len(p.findings)),
	}
	for _, f := range p.findings {
		body.Findings = append(body.Findings, savedFinding{
			f.contactID, f.column, f.number.E164(), f.ground, f.unknown, f.later, markNames[f.mark], f.listed,
		})
	}
	for _, u := range p.unblocks {
		body.Unblock = append(body.Unblock, savedUnblock{u.number.E164(), u.expires})
	}
	plan, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("preflight: the plan cannot be written as JSON: %w", err)
	}
	sum := sha256.Sum256(plan)
	file, err := json.Marshal(savedPlan{planFormat, planVersion, hex.EncodeToString(sum[:]), plan})
	if err != nil {
		return fmt.Errorf("preflight: the plan cannot be written as JSON: %w", err)
	}
	_, err = w.Write(append(file, '\n'))
	return err
}

// ReadPlan reads a plan that [Plan.Save] has written. Apply will use the client. A file of another
// version, one that was cut off, and one that was edited are refused. The error wraps
// [ErrInvalidInput] and has no text of the file.
//
// The options give what a file cannot keep: the functions of [WithHours] and [WithParse]. A plan that
// was made with WithParse needs it again where hours are compared.
func ReadPlan(r io.Reader, client *genesys.CampaignClient, opts ...ReadOption) (*Plan, error) {
	if client == nil {
		return nil, invalid("the client is nil")
	}
	data, err := io.ReadAll(io.LimitReader(r, maxPlan+1))
	if err != nil {
		return nil, fmt.Errorf("preflight: the plan cannot be read: %w", err)
	}
	var file savedPlan
	if len(data) > maxPlan || strict(data, &file) != nil || file.Format != planFormat {
		return nil, invalid("this is not the file of a plan, or it was cut or edited: save the plan again")
	}
	if file.Version != planVersion {
		return nil, invalid("the plan has version %d, and this program reads version %d: make a new plan",
			file.Version, planVersion)
	}
	if sum := sha256.Sum256(file.Plan); hex.EncodeToString(sum[:]) != file.SHA256 {
		return nil, invalid("the plan was cut or edited since it was saved: make a new one")
	}
	var body savedBody
	if strict(file.Plan, &body) != nil {
		return nil, invalid("the plan was edited since it was saved: make a new one")
	}
	p, err := body.plan()
	if err != nil {
		return nil, err
	}
	p.client = client
	for _, o := range opts {
		if o == nil {
			return nil, invalid("a ReadOption is nil")
		}
		if err := o.read(&p.config); err != nil {
			return nil, err
		}
	}
	switch {
	case p.config.parse != nil:
	case p.config.parseGiven && p.config.hours != nil:
		return nil, invalid("the plan was made with WithParse: give ReadPlan the same, or its numbers cannot be compared with hours")
	default:
		p.config.parse = dnc.ParseNumber
	}
	return p, nil
}

// strict decodes one JSON value and refuses fields that it does not know.
func strict(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows")
	}
	return nil
}

func (b *savedBody) plan() (*Plan, error) {
	p := &Plan{
		made: b.Made, campaignID: b.CampaignID, contactListID: b.ContactListID, columns: b.Columns, preview: b.Preview,
		sizes: b.Sizes,
	}
	p.config = config{
		rules: genesys.Rules{
			ContactListID: b.Rules.ContactListID, BlockedNumbers: b.Rules.BlockedNumbers, Expires: b.Rules.Expires,
			DNCListIDs: b.Rules.DNCListIDs,
		},
		blockUnknown: b.BlockUnknown, start: b.Start, accept: b.Accept, redial: b.Redial, askHours: b.Hours,
		parseGiven: b.Parse,
	}
	p.scrubbed = scrubbed{
		counts: b.Counts, reasons: b.Reasons, lists: b.Lists, areas: b.Areas, grounds: b.Grounds,
		unmarkable: b.Unmarkable,
		findings:   make([]finding, 0, len(b.Findings)),
	}
	whole := p.campaignID != "" && p.contactListID != "" && len(p.columns) > 0 && checkKinds(b.Accept) == nil &&
		p.contents.read(b.Contacts, b.Counts.Contacts) == nil && len(b.Unblock) == b.Preview.Unblock &&
		len(b.Findings) == b.Counts.Numbers()-b.Counts.Allowed
	for _, f := range b.Findings {
		var n dnc.Number
		var err error
		if f.Number != "" {
			n, err = dnc.ParseNumber(f.Number)
		}
		mark, known := markOf(f.Mark)
		whole = whole && err == nil && known && f.Column >= 0 && f.Column < len(p.columns) && f.Ground >= 0 &&
			f.Ground < len(p.grounds)
		p.findings = append(p.findings, finding{f.ContactID, f.Column, n, f.Ground, f.Unknown, f.Later, mark, f.Listed})
	}
	for _, u := range b.Unblock {
		n, err := dnc.ParseNumber(u.Number)
		whole = whole && err == nil && len(u.Expires) > 0
		p.unblocks = append(p.unblocks, unblock{n, u.Expires})
	}
	if !whole {
		return nil, invalid("the plan contradicts itself: make a new one")
	}
	return p, nil
}

func markOf(name string) (markState, bool) {
	for mark, s := range markNames {
		if s == name {
			return mark, true
		}
	}
	return markNone, false
}

// text is the sum as hexadecimal digits.
func (s *contents) text() string {
	return fmt.Sprintf("%016x%016x%016x%016x", s.sum[0], s.sum[1], s.sum[2], s.sum[3])
}

func (s *contents) read(text string, contacts int) error {
	s.contacts = int64(contacts)
	if len(text) != 64 {
		return errors.New("the sum is too short")
	}
	_, err := fmt.Sscanf(text, "%016x%016x%016x%016x", &s.sum[0], &s.sum[1], &s.sum[2], &s.sum[3])
	return err
}
