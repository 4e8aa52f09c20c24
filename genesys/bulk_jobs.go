package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// refused reports whether the platform has not begun a job: it has no jobs, or takes none now, or
// not this one.
func refused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && !e.Uncertain && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound ||
		e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusConflict || e.Status == http.StatusNotImplemented)
}

// inJobs changes contacts by jobs, and returns those that do not show their marks afterwards.
func (b *bulk) inJobs(ctx context.Context, items []*marked) (left []*marked, err error) {
	var done, odd []*marked // odd: those of jobs that were not begun
	for from := 0; from < len(items); from += bulkUpdate {
		part := items[from:min(from+bulkUpdate, len(items))]
		if err := b.job(ctx, part); refused(err) {
			odd = append(odd, part...)
		} else if err != nil && !errors.Is(err, errJobFailed) { // that others have done what they should is known
			return nil, err
		} else {
			done = append(done, part...)
		}
	}
	left, err = b.untilMarked(ctx, done)
	return append(odd, left...), err
}

// untilMarked looks at contacts until they show their marks, and returns those that do not.
func (b *bulk) untilMarked(ctx context.Context, items []*marked) (_ []*marked, err error) {
	if len(items) == 0 {
		return nil, nil
	}
	for try := range verifyTries {
		if try > 0 && !pause(ctx, min(firstPoll<<(try-1), lastPoll)) {
			return nil, ended(ctx, fmt.Errorf("%w: contacts that do not show their marks: %d", ErrNotVerified, len(items)))
		}
		if items, err = b.without(ctx, items); err != nil || len(items) == 0 {
			return nil, err
		}
	}
	return items, nil
}

// without are the contacts that do not show their marks.
func (b *bulk) without(ctx context.Context, items []*marked) (left []*marked, err error) {
	for from := 0; from < len(items); from += bulkRead {
		part := items[from:min(from+bulkRead, len(items))]
		found, err := b.c.readContacts(ctx, b.listID, part)
		if err != nil {
			return nil, err
		}
		for _, item := range part {
			if contact, ok := found[item.id]; !ok || !item.shows(contact) {
				left = append(left, item)
			}
		}
	}
	return left, nil
}

// try changes one contact by a job and looks whether that did what it should. Where it changed
// anything else, the contact is written back as it was, with its marks.
func (b *bulk) try(ctx context.Context, item *marked) (ok bool, err error) {
	if err := b.job(ctx, []*marked{item}); err != nil {
		if refused(err) {
			return false, nil
		}
		return false, err
	}
	for try := range ownLooks {
		if try > 0 && !pause(ctx, firstPoll<<(try-1)) {
			return false, ended(ctx, errors.New("genesys: the contacts were not marked"))
		}
		found, err := b.c.readContacts(ctx, b.listID, []*marked{item})
		if err != nil {
			return false, err
		}
		contact, there := found[item.id]
		if there && item.shows(contact) {
			return b.kept(ctx, item, contact)
		}
	}
	return false, nil
}

// kept reports whether a contact has lost nothing by a job: no value of its data, and no flag that
// says not to call. If it has, both are written back. What else is different somebody else has
// changed meanwhile.
func (b *bulk) kept(ctx context.Context, item *marked, now rawjson.Object) (bool, error) {
	damaged := false
	for _, name := range append([]string{"data"}, flags...) {
		if lost(item.read.Get(name), now.Get(name)) {
			damaged = true
			now.Set(name, item.read.Get(name))
		}
	}
	if !damaged {
		return true, nil
	}
	for _, m := range item.marks {
		if _, err := setFalse(&now, m.Part.flag()...); err != nil {
			return false, errors.Join(ErrUnexpectedReply, err)
		}
	}
	path, shown := contactPath(b.listID, item.id)
	return false, b.c.do(ctx, call{method: http.MethodPut, path: path, shown: shown, body: now.Bytes(), single: true})
}

// lost reports whether a value has lost a false, or a text, somewhere inside.
func lost(before, now json.RawMessage) bool {
	var old, is map[string]json.RawMessage
	if json.Unmarshal(before, &old) == nil && old != nil {
		_ = json.Unmarshal(now, &is)
		for name, value := range old {
			if lost(value, is[name]) {
				return true
			}
		}
		return false
	}
	switch empty := len(now) == 0 || string(now) == "null" || string(now) == `""`; string(before) {
	case "false":
		return string(now) != "false"
	case "", "null", "true", `""`:
		return false
	default:
		return empty
	}
}
