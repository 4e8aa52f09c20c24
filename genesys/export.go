package genesys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// exportWait is how long an export is waited for, unless the context ends earlier.
const exportWait = 15 * time.Minute

// exportOf is where the newest export of a list lies.
type exportOf struct {
	URI       string    `json:"uri"`
	Timestamp time.Time `json:"exportTimestamp"`
}

// export asks for an export, waits for it and opens it. Neither an export that was there before is
// taken for the new one, nor one that somebody else had asked for: it shows the list as it was
// then.
func (c *CampaignClient) export(ctx context.Context, path string, body []byte) (io.ReadCloser, error) {
	before, asked, err := c.exportNow(ctx, path)
	if err != nil && !notReady(err) {
		return nil, err
	}
	if err := c.do(ctx, call{method: http.MethodPost, path: path + "/export", body: body}); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(exportWait)
	for wait := firstPoll; ; wait = min(wait*2, lastPoll) {
		now, _, err := c.exportNow(ctx, path)
		switch {
		case err == nil && now.URI != "" && now.Timestamp.After(before.Timestamp) && !now.Timestamp.Before(asked):
			return c.download(ctx, path, now)
		case err != nil && !notReady(err):
			return nil, err
		case now.URI != "" && now.Timestamp.IsZero():
			return nil, &Error{
				Method: http.MethodGet, Path: path + "/export", Status: http.StatusOK, Err: ErrUnexpectedReply,
				Message: "the export has no time, so it may be one of before",
			}
		case time.Now().After(deadline):
			return nil, &Error{Method: http.MethodGet, Path: path + "/export", Err: neverReady(now, asked)}
		}
		if !pause(ctx, wait) {
			return nil, ended(ctx,
				&Error{Method: http.MethodGet, Path: path + "/export", Err: errors.New("the export is not ready")})
		}
	}
}

// neverReady says what there was in the place of an export.
func neverReady(now exportOf, asked time.Time) error {
	const text = "the export was not ready within 15 minutes"
	if now.URI == "" {
		return errors.New(text)
	}
	return fmt.Errorf("%s: the newest is of %s, and it was asked for at %s: does somebody change the Date of replies?",
		text, now.Timestamp.UTC().Format(time.RFC3339), asked.UTC().Format(time.RFC3339))
}

// exportNow is the newest export, and the platform's own time: two clocks may be apart. Its Date
// has full seconds.
func (c *CampaignClient) exportNow(ctx context.Context, path string) (e exportOf, at time.Time, err error) {
	at = time.Now().Truncate(time.Second)
	var header http.Header
	err = c.do(ctx, call{method: http.MethodGet, path: path + "/export", into: &e, header: &header})
	if date, dateErr := http.ParseTime(header.Get("Date")); dateErr == nil {
		at = date
	}
	return e, at, err
}

// notReady is how the platform says that there is no export yet: 404, and at times 400, both with
// this code.
func notReady(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusBadRequest) &&
		e.Code == "no.available.list.export.uri"
}

// A DNCEntry is an entry of an internal DNC list, as an export has it. It prints its expiry only.
type DNCEntry struct {
	Number  string    // as it was added: not always E.164, and on lists for e-mail an address
	Expires time.Time // zero: never
}

// String is when the entry expires.
func (e DNCEntry) String() string {
	if e.Expires.IsZero() {
		return "DNC entry that stays"
	}
	return "DNC entry until " + e.Expires.UTC().Format(expiryLayout)
}

// Format writes String for every verb.
func (e DNCEntry) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// LogValue is String.
func (e DNCEntry) LogValue() slog.Value { return slog.StringValue(e.String()) }

// ExportDNCList asks for a new export of a list, waits until it is ready, and streams its entries.
// It is the only way to see what is on a list. An error ends the sequence: then some entries are
// missing. If the file has fewer entries than the list, the error wraps [ErrUnexpectedReply]. Needs
// outbound:dnc:view and outbound:dncList:view.
func (c *CampaignClient) ExportDNCList(ctx context.Context, listID string) iter.Seq2[DNCEntry, error] {
	return func(yield func(DNCEntry, error) bool) {
		list, err := c.DNCList(ctx, listID)
		if err != nil {
			yield(DNCEntry{}, err)
			return
		}
		entries := int64(0)
		for entry, err := range c.exportEntries(ctx, listID) {
			if entries++; !yield(entry, err) || err != nil {
				return
			}
		}
		if entries >= list.Size {
			return
		}
		if list, err = c.DNCList(ctx, listID); err == nil && entries < list.Size {
			err = &Error{
				Method: http.MethodGet, Path: dncLists + "/" + listID + "/export",
				Status: http.StatusOK, Err: ErrUnexpectedReply,
				Message: fmt.Sprintf("the counts of entries differ, export: %d, list: %d: the export is cut off, or expired entries are counted (RemoveExpiredDNCEntries removes them)",
					entries, list.Size),
			}
		}
		if err != nil {
			yield(DNCEntry{}, err)
		}
	}
}

// exportEntries is an export without a look at the list's size.
func (c *CampaignClient) exportEntries(ctx context.Context, listID string) iter.Seq2[DNCEntry, error] {
	return func(yield func(DNCEntry, error) bool) {
		if err := checkID("DNC list id", listID); err != nil {
			yield(DNCEntry{}, err)
			return
		}
		for row, err := range c.exportRows(ctx, dncLists+"/"+listID, nil, (*header).ofDNCList) {
			var entry DNCEntry
			if err == nil {
				if entry, err = row.dncEntry(); err != nil {
					err = exportError(dncLists+"/"+listID, err)
				}
			}
			if !yield(entry, err) || err != nil {
				return
			}
		}
	}
}

// An ExportedContact is a row of a contact list's export. It prints its id only.
type ExportedContact struct {
	ID       string
	Callable bool // the column ContactCallable

	header *header // nil: without columns
	cells  []string
}

// Value returns the text in one of the list's own columns. ok is false if the export does not have
// the column.
func (c ExportedContact) Value(column string) (text string, ok bool) {
	if c.header == nil {
		return "", false
	}
	i, ok := c.header.at[column]
	if !ok || i == c.header.id || i >= c.header.callable {
		return "", false
	}
	return c.cells[i], true
}

// System returns the text in one of the platform's columns, such as "ContactCallable" or
// "CallRecordLastResult-phone". ok is false if the export does not have the column.
func (c ExportedContact) System(column string) (text string, ok bool) {
	if c.header == nil {
		return "", false
	}
	i, ok := c.header.at[column]
	if !ok || i < c.header.callable { // the platform's columns stand after the list's own
		return "", false
	}
	return c.cells[i], true
}

// Data returns the list's own columns in a new map. To read one column, Value is cheaper.
func (c ExportedContact) Data() map[string]string {
	data := map[string]string{}
	if c.header == nil {
		return data
	}
	for i, name := range c.header.names[:c.header.callable] {
		if i != c.header.id {
			data[name] = c.cells[i]
		}
	}
	return data
}

// String is the id.
func (c ExportedContact) String() string { return "contact " + clean(c.ID, 64) }

// Format writes String for every verb.
func (c ExportedContact) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is the id.
func (c ExportedContact) LogValue() slog.Value { return slog.StringValue(c.String()) }

// PhoneCallable reports whether the platform would dial the number in a phone column. For this the
// contact and the number must be callable, and the medium Voice must be contactable.
func (c ExportedContact) PhoneCallable(column string) bool {
	if !c.Callable || c.header == nil {
		return c.Callable
	}
	for _, i := range c.header.flags(column) {
		if i >= 0 && strings.EqualFold(c.cells[i], "false") {
			return false
		}
	}
	return true
}

// ExportContacts asks for a new export of a contact list, waits until it is ready, and streams its
// contacts. An error ends the sequence. That the export has all contacts is seen by their number
// alone: [ContactList].Size. Needs outbound:contact:view and outbound:contactList:view.
func (c *CampaignClient) ExportContacts(ctx context.Context, listID string) iter.Seq2[ExportedContact, error] {
	return func(yield func(ExportedContact, error) bool) {
		if err := checkID("contact list id", listID); err != nil {
			yield(ExportedContact{}, err)
			return
		}
		for row, err := range c.exportRows(ctx, contactLists+"/"+listID, []byte("{}"), (*header).ofContactList) {
			var contact ExportedContact
			if err == nil {
				contact = row.contact()
			}
			if !yield(contact, err) || err != nil {
				return
			}
		}
	}
}

func (c *CampaignClient) exportRows(
	ctx context.Context, path string, body []byte, check func(*header) error,
) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		file, err := c.export(ctx, path, body)
		if err != nil {
			yield(row{}, err)
			return
		}
		defer func() { _ = file.Close() }()
		for r, err := range rows(file, check) {
			if err != nil {
				if ctx.Err() != nil {
					err = ended(ctx, err)
				}
				err = exportError(path, err)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// exportError is the error of a file that was given and cannot be used.
func exportError(path string, err error) error {
	return &Error{Method: http.MethodGet, Path: path + "/export", Status: http.StatusOK, Err: err}
}
