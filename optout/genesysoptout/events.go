package genesysoptout

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/optout"
)

// maxEvent is how many bytes one event may have.
const maxEvent = 1 << 20

// errEvents ends a sequence of events that cannot be read.
var errEvents = errors.New("genesysoptout: the events cannot be read")

// Events reads wrap-up events and yields a Request for each event with one of the wrap-up codes. r
// is a sequence of JSON objects, or of arrays of them, as a notification channel or EventBridge
// sends them for the topic v2.detail.events.conversation.{id}.acw. Request.Source is "wrapup", and
// SourceID has the conversation and the participant, so that an event that arrives again is a
// duplicate.
//
// Give the codes by their ids, not by their names: a code that is renamed keeps its id. Your
// organisation defines its codes on the platform.
//
// Events was written without the schema of the event, which is not public. So it accepts several
// forms. It finds conversationId, participantId, wrapupCode or wrapUpCode, and a time in
// milliseconds or RFC 3339, at any depth and in upper or lower case. The number of the person is
// "dnis" if direction is outbound, "ani" if it is inbound, and "address" if these or the direction
// are missing. Each may begin with "tel:". Try it with a recorded event of your organisation before
// you rely on it, and compare its requests with the conversations of each day.
//
// If an event has one of the codes, but its number cannot be read, Events yields an error that
// names its place, and goes on. Look up that conversation, because a person asked not to be called.
// Invalid JSON ends the sequence, with an error as the last item. Errors have no telephone number.
func Events(r io.Reader, wrapUpCodes ...string) iter.Seq2[optout.Request, error] {
	return func(yield func(optout.Request, error) bool) {
		if len(wrapUpCodes) == 0 {
			yield(optout.Request{}, fmt.Errorf("%w: no wrap-up code is given: no event would be an opt-out", errEvents))
			return
		}
		if i := slices.IndexFunc(wrapUpCodes, func(code string) bool { return code == "" || code != strings.TrimSpace(code) }); i >= 0 {
			yield(optout.Request{}, fmt.Errorf("%w: wrap-up code %d (counted from 0) is empty or has spaces around it", errEvents, i))
			return
		}
		limited := &io.LimitedReader{R: r, N: maxEvent}
		dec := json.NewDecoder(limited)
		for i := 0; ; i++ {
			limited.N = maxEvent
			var raw any
			err := dec.Decode(&raw)
			if errors.Is(err, io.EOF) && limited.N > 0 {
				return
			}
			if err != nil { // its text can quote the event
				err = fmt.Errorf("%w: event %d (counted from 0) is broken, cut, or above %d bytes", errEvents, i, maxEvent)
				yield(optout.Request{}, err)
				return
			}
			for e := range split(raw, wrapUpCodes) {
				request, err := e.request()
				if err != nil {
					err = fmt.Errorf("genesysoptout: event %d (counted from 0), conversation %q: %w",
						i, e.conversation(), err)
				}
				if !yield(request, err) {
					return
				}
			}
		}
	}
}

// split yields the events of a JSON value that have one of the codes: each element of an array, and
// each conversation of an object that has several.
func split(v any, codes []string) iter.Seq[event] {
	return func(yield func(event) bool) {
		items, isArray := v.([]any)
		if !isArray {
			items = conversations(v)
		}
		found := false
		for _, item := range items {
			for e := range split(item, codes) {
				if found = true; !yield(e) {
					return
				}
			}
		}
		if e := make(event); !found && !isArray && e.collect(v, codes) {
			yield(e)
		}
	}
}

// conversations are the outermost objects within v that have a conversationId, where they are
// several.
func conversations(v any) (all []any) {
	var find func(v any)
	find = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				find(item)
			}
		case map[string]any:
			names := slices.Sorted(maps.Keys(v))
			if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, "conversationId") }) {
				all = append(all, v)
				return
			}
			for _, name := range names {
				find(v[name])
			}
		}
	}
	if find(v); len(all) < 2 {
		return nil
	}
	return all
}

// event is the fields of an event by their names in small letters, of any depth. The first of a name
// counts.
type event map[string]string

// collect reports whether any wrap-up of the event has one of the codes.
func (e event) collect(v any, codes []string) (found bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			found = e.collect(item, codes) || found
		}
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		for _, name := range names {
			found = e.keep(strings.ToLower(name), v[name], codes) || found
		}
		for _, name := range names {
			found = e.collect(v[name], codes) || found
		}
	}
	return found
}

// keep keeps a field, and reports whether it is one of the codes.
func (e event) keep(name string, value any, codes []string) bool {
	text, isText := value.(string)
	if number, ok := value.(float64); ok {
		text, isText = fmt.Sprintf("%.0f", number), true
	}
	if !isText {
		return false
	}
	if name == "wrapupcode" {
		if !slices.ContainsFunc(codes, func(code string) bool { return strings.EqualFold(code, text) }) {
			return false
		}
		e[name] = text
		return true
	}
	if first, known := e[name]; !known {
		e[name] = text
	} else if name == "conversationid" && first != text {
		e[several] = "yes"
	}
	return false
}

// several marks an event with more than one conversation. No field has this name: it is not in small
// letters.
const several = "SEVERAL"

// conversation is the id of the conversation, if it looks like one: an error may hold it.
func (e event) conversation() string {
	id := e["conversationid"]
	if len(id) != 36 || strings.Trim(strings.ToLower(id), "0123456789abcdef-") != "" {
		return "unknown"
	}
	return id
}

func (e event) request() (optout.Request, error) {
	if e[several] != "" {
		return optout.Request{}, errors.New("it has an opt-out's wrap-up code, and several conversations: it is not known whose number counts")
	}
	text := ""
	switch strings.ToLower(e["direction"]) { // without it ani may be the number that called, not the person
	case "outbound":
		text = e["dnis"]
	case "inbound":
		text = e["ani"]
	}
	if text == "" {
		text = e["address"]
	}
	n, err := dnc.ParseNumber(strings.TrimPrefix(strings.TrimPrefix(text, "tel:"), "sip:"))
	if err != nil {
		return optout.Request{}, fmt.Errorf("it has an opt-out's wrap-up code, and its number cannot be read: %w", err)
	}
	r := optout.Request{
		Number: n, Source: "wrapup", At: e.at(),
		Evidence: "wrap-up code " + e["wrapupcode"] + " of conversation " + e.conversation(),
	}
	if id := e["conversationid"]; id != "" {
		r.SourceID = id + "/" + e["participantid"]
	}
	return r, nil
}

// at is when the wrap-up was made; zero if the event does not say.
func (e event) at() time.Time {
	for _, name := range []string{"eventtime", "wrapupdate", "time", "timestamp"} {
		if t, err := time.Parse(time.RFC3339, e[name]); err == nil {
			return t
		}
		var ms int64
		if n, err := fmt.Sscanf(e[name], "%d", &ms); err == nil && n == 1 && ms > 1e12 && ms < 1e13 {
			return time.UnixMilli(ms).UTC()
		}
	}
	return time.Time{}
}
