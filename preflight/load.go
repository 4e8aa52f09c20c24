package preflight

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/contactfile"
	"github.com/dnc-go/dnc/genesys"
)

// A LoadReport says what [Load] did, also with an error. Each row is counted in one of Loaded,
// Existing, Blocked, BlockedForNow, Unknown and Invalid.
type LoadReport struct {
	Rows          int `json:"rows"`
	Loaded        int `json:"loaded"`        // written to the contact list
	Existing      int `json:"existing"`      // a contact with this id was on the list already, and was not changed
	Blocked       int `json:"blocked"`       // a number is blocked, or the row says that the contact opted out
	BlockedForNow int `json:"blockedForNow"` // a number is blocked only for now, as outside of calling hours
	Unknown       int `json:"unknown"`       // a number has no full answer; [Load] then returns an error
	Invalid       int `json:"invalid"`       // the row cannot be used; [Rejected].Err says why

	// ExistingNotAllowed is how many of the Existing contacts have a number that is not allowed. A
	// plan of the campaign blocks the numbers that its checker does not allow. It does not know the
	// opt-outs that a file has in a column of its own: record them in a list.
	ExistingNotAllowed int `json:"existingNotAllowed"`

	// Dropped is how many numbers were left out of contacts that were loaded. See [DropNumbers].
	Dropped int `json:"dropped"`

	// Reasons counts the first reasons of the numbers that are not allowed. Lists are the lists that
	// took part in the decisions.
	Reasons []ReasonCount `json:"reasons"`
	Lists   []ListUsed    `json:"lists"`

	// Rejected are the first 10,000 rows that were not loaded, in their order. LeftOut is how many
	// more there are. With [OnRejected] both are empty.
	Rejected []Rejected `json:"-"`
	LeftOut  int        `json:"-"`
}

// String is the report in counts, on one line.
func (r LoadReport) String() string {
	text := fmt.Sprintf("rows: %d; %d loaded, %d already on the list, %d blocked, %d unknown, %d invalid",
		r.Rows, r.Loaded, r.Existing, r.Blocked, r.Unknown, r.Invalid)
	if r.BlockedForNow > 0 {
		text += fmt.Sprintf(", %d blocked only for now", r.BlockedForNow)
	}
	if r.ExistingNotAllowed > 0 {
		text += fmt.Sprintf("; %d of those on the list are not allowed", r.ExistingNotAllowed)
	}
	if r.Dropped > 0 {
		text += fmt.Sprintf("; numbers left out: %d", r.Dropped)
	}
	return text
}

// Load writes contacts into a contact list, and only those that may be called. It asks the checker
// about the numbers in all phone columns of the list. A contact is loaded if it has a number and
// all its numbers are allowed. The report has the other contacts, each with its reason.
//
// Numbers are written as E.164, so that the platform finds them on DNC lists.
//
// The columns of the first readable row must be those of the list. Otherwise nothing is written,
// and the error wraps [ErrInvalidInput]. A later row that cannot be used is rejected with its line
// and the cause, and Load goes on.
//
// Each contact needs an id: its own, or one of [DeriveIDs]. So Load may be stopped at any moment
// and called again with the same rows. A contact that is on the list already is not changed: its
// attempts and marks stay.
//
// A number without a full answer (see [dnc.Decision.Undecided]) is not loaded. Load then goes on,
// and its error wraps [ErrUndecided]. An error of rows, of the context or of the client ends Load.
// The report then has what was loaded until then.
//
// Give a Checker of lists alone: one that knows calling hours rejects rows at night.
//
// Rows are streamed. Load holds 10,000 rows in memory, and about 40 bytes for each id. It exports a
// list that is not empty once, and sends one request for each 1,000 contacts.
//
// Needs outbound:contactList:view and outbound:contact:add. A list that is not empty also needs
// outbound:contact:view.
func Load(
	ctx context.Context, client *genesys.CampaignClient, checker dnc.Checker, contactListID string,
	rows iter.Seq2[Row, error], opts ...LoadOption,
) (LoadReport, error) {
	if client == nil || checker == nil || rows == nil {
		return LoadReport{}, invalid("the client, the checker or the rows are nil")
	}
	c, err := newLoadConfig(opts)
	if err != nil {
		return LoadReport{}, err
	}
	l := &load{client: client, config: c, ids: map[idKey]whose{}, tally: newTally()}
	if l.list, err = client.ContactList(ctx, contactListID); err != nil {
		return LoadReport{}, err
	}
	if len(l.list.PhoneColumns) == 0 {
		return LoadReport{}, invalid("the contact list has no phone columns")
	}
	if err := l.readIDs(ctx); err != nil {
		return LoadReport{}, err
	}
	err = l.run(ctx, checker, rows)
	l.tally.settle()
	l.report.Reasons, l.report.Lists = l.tally.reasonCounts(), l.tally.listStates()
	if err == nil && l.report.Unknown > 0 {
		err = undecided(l.report.Reasons, "%d of %d rows were not loaded, because a number has no full answer (reasons seen: %q); remove the cause and load again",
			l.report.Unknown, l.report.Rows)
	}
	return l.report, err
}

// load is one run of Load.
type load struct {
	client  *genesys.CampaignClient
	config  loadConfig
	list    *genesys.ContactList
	ids     map[idKey]whose
	columns bool // those of the rows were compared
	pending []*loading
	refused int // rows that the platform refused
	proven  bool
	tally   *tally
	report  LoadReport
}

// readIDs reads which contacts there are.
func (l *load) readIDs(ctx context.Context) error {
	if l.list.Size == 0 {
		return nil
	}
	contacts := int64(0)
	for contact, err := range l.client.ExportContacts(ctx, l.list.ID) {
		if err != nil {
			return err
		}
		contacts++
		l.ids[keyOf(contact.ID)] = onList
	}
	if contacts < l.list.Size {
		return fmt.Errorf("%w: the counts of contacts differ: %d on the contact list, %d in its export",
			genesys.ErrUnexpectedReply, l.list.Size, contacts)
	}
	return nil
}

func (l *load) run(ctx context.Context, checker dnc.Checker, rows iter.Seq2[Row, error]) error {
	number := func(c rowCell) (dnc.Number, error) {
		if c.column == "" {
			return dnc.Number{}, errNoNumber
		}
		return c.row.number(c.column, l.config.parse)
	}
	for checked, err := range dnc.Stream(ctx, checker, l.cells(rows), number) {
		if err != nil {
			if e := ctx.Err(); e != nil && !errors.Is(err, e) { // Stream gives the cause alone
				err = fmt.Errorf("%w: %w", e, err)
			}
			return err
		}
		row := checked.Input.row
		if checked.Input.column != "" {
			l.tally.add(checked.Decision, checked.Decision.Callable() && !checked.Decision.Undecided())
			row.decided(checked.Input.column, checked.Decision, checked.Invalid)
		}
		if row.left--; row.left > 0 {
			continue
		}
		if err := l.finish(ctx, row); err != nil {
			return err
		}
	}
	return l.flush(ctx)
}

// cells gives the numbers of the rows; a row without any is one cell without a column.
func (l *load) cells(rows iter.Seq2[Row, error]) iter.Seq2[rowCell, error] {
	return func(yield func(rowCell, error) bool) {
		for r, err := range rows {
			if err != nil {
				yield(rowCell{}, err)
				return
			}
			l.report.Rows++
			row, err := l.prepare(r)
			if err != nil {
				yield(rowCell{}, err)
				return
			}
			columns := row.numbers
			if row.err != nil {
				columns = nil
			}
			row.left = max(len(columns), 1)
			if len(columns) == 0 && !yield(rowCell{row: row}, nil) {
				return
			}
			for _, column := range columns {
				if !yield(rowCell{row, column}, nil) {
					return
				}
			}
		}
	}
}

// prepare finds out what is wrong with a row by itself. An error ends the load.
func (l *load) prepare(r Row) (*loading, error) {
	row := &loading{line: r.Line, contact: r.Contact, err: r.Err, countries: r.countries, optedOut: r.optedOut != ""}
	if row.optedOut {
		row.worst = &rejection{column: r.optedOut, Decision: optedOut}
	}
	if row.line == 0 {
		row.line = l.report.Rows
	}
	if row.err == nil {
		row.err = l.compareColumns(r.Contact.Data)
		if row.err != nil && !l.columns {
			return nil, row.err
		}
		l.columns = true
	}
	if row.err == nil {
		row.data = maps.Clone(r.Contact.Data)
		row.err = l.identify(row)
	}
	if row.err == nil {
		for _, column := range l.list.PhoneColumns {
			if row.data[column] != "" {
				row.numbers = append(row.numbers, column)
			}
		}
		if len(row.numbers) == 0 {
			row.err = errNoNumber
		}
	}
	return row, nil
}

// optedOut is the decision about a row that says itself that nobody may call.
var optedOut = dnc.Decision{Verdict: dnc.Block, Reasons: dnc.ReasonsOf(dnc.Reason{Code: contactfile.CodeOptedOut})}

// identify gives a row its id, and looks whether another contact has it.
func (l *load) identify(row *loading) error {
	if row.contact.ID == "" && l.config.derive {
		row.contact.ID = deriveID(l.list.ID, row.contact.Data)
	}
	if row.contact.ID == "" {
		return invalid("the row has no id: a second load would add the contact again; give it an id, or use DeriveIDs")
	}
	if err := genesys.CheckContactID(row.contact.ID); err != nil {
		return err
	}
	key := keyOf(row.contact.ID)
	switch l.ids[key] {
	case onList:
		row.there = true
	case inRows:
		return invalid("the id was in an earlier row")
	default:
		l.ids[key] = inRows
	}
	return nil
}

// finish decides what becomes of a row.
func (l *load) finish(ctx context.Context, row *loading) error {
	if row.there {
		l.report.Existing++
		if row.err == nil && row.worst == nil {
			return nil
		}
		l.report.ExistingNotAllowed++
		return l.reject(row)
	}
	switch bad := row.worst; {
	case row.err != nil:
		l.report.Invalid++
	case row.optedOut:
		l.tally.add(optedOut, false)
		l.report.Blocked++
	case bad == nil || l.config.drop && !row.undecided && len(row.dropped) < len(row.numbers):
		for _, column := range row.dropped {
			row.data[column] = ""
		}
		l.report.Dropped += len(row.dropped)
		l.pending = append(l.pending, row)
		if !l.proven || len(l.pending) == loadChunk {
			return l.flush(ctx)
		}
		return nil
	case bad.Number.IsZero():
		l.report.Invalid++
	case doubtful(bad.Decision):
		l.report.Unknown++
	case later(bad.Decision):
		l.report.BlockedForNow++
	default:
		l.report.Blocked++
	}
	return l.reject(row)
}

// keptRejected bounds LoadReport.Rejected.
const keptRejected = 10_000

func (l *load) reject(row *loading) error {
	r := row.rejected()
	switch {
	case l.config.rejected != nil:
		return l.config.rejected(r)
	case len(l.report.Rejected) < keptRejected:
		l.report.Rejected = append(l.report.Rejected, r)
	default:
		l.report.LeftOut++
	}
	return nil
}

// The bounds of writing: contacts in a request, and how many rows the platform may refuse before
// the load ends.
const (
	loadChunk  = 1000
	maxRefused = 25
)

// flush writes what is pending.
func (l *load) flush(ctx context.Context) error {
	rows := l.pending
	l.pending = l.pending[:0:0]
	return l.write(ctx, rows)
}

// write adds contacts. The first contact goes alone: should the platform give it an id of its own,
// then one contact can be there twice and not a thousand. Where the platform refuses a request for
// one of its contacts, that one is looked for.
func (l *load) write(ctx context.Context, rows []*loading) error {
	if len(rows) == 0 {
		return nil
	}
	contacts := make([]genesys.Contact, 0, len(rows))
	for _, row := range rows {
		contacts = append(contacts,
			genesys.Contact{ID: row.contact.ID, Data: row.data, Uncallable: row.contact.Uncallable})
	}
	_, err := l.client.AddContacts(ctx, l.list.ID, contacts, genesys.AddOptions{})
	e, _ := errors.AsType[*genesys.Error](err)
	switch {
	case err == nil:
		l.proven = true
		l.report.Loaded += len(rows)
		return nil
	case e == nil || e.Uncertain || e.Status != http.StatusBadRequest || l.refused >= maxRefused || ctx.Err() != nil:
		return fmt.Errorf("preflight: the contacts from row %d on were not loaded: %w", rows[0].line, err)
	case len(rows) > 1:
		half := len(rows) / 2
		if err := l.write(ctx, rows[:half]); err != nil {
			return err
		}
		return l.write(ctx, rows[half:])
	}
	l.refused++
	l.report.Invalid++
	rows[0].err = err
	return l.reject(rows[0])
}

// compareColumns says which columns a row has too many or too few.
func (l *load) compareColumns(data map[string]string) error {
	var more, fewer []string
	for name := range data {
		if !slices.Contains(l.list.Columns, name) {
			more = append(more, maskDigits(name))
		}
	}
	for _, name := range l.list.Columns {
		if _, ok := data[name]; !ok {
			fewer = append(fewer, name)
		}
	}
	if len(more)+len(fewer) == 0 {
		return nil
	}
	slices.Sort(more)
	var wrong []string
	if len(more) > 0 {
		wrong = append(wrong, fmt.Sprintf("has the columns %q, which the contact list does not have", more))
	}
	if len(fewer) > 0 {
		wrong = append(wrong, fmt.Sprintf("lacks the columns %q of the contact list", fewer))
	}
	return invalid("the row %s: a contact has exactly the list's columns", strings.Join(wrong, ", and "))
}
