package genesystest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// kindOfEntry is a kind of what a DNC list blocks.
type kindOfEntry struct {
	property, source string
	methods          []string // of lists that take it; nil: any
	is               func(string) bool
}

// The kinds of entries.
var (
	phoneNumbers   = &kindOfEntry{"phoneNumbers", "rds", []string{"Phone", "Any"}, e164}
	emailAddresses = &kindOfEntry{
		"emailAddresses", "rds",
		[]string{"Email", "Any"},
		func(s string) bool { return strings.Count(s, "@") == 1 && len(s) > 2 },
	}
	whatsAppNumbers = &kindOfEntry{"whatsAppNumbers", "rds", []string{"WhatsApp", "Any"}, e164}
	customEntries   = &kindOfEntry{
		"customExclusionColumnEntries", "rds_custom", nil, func(s string) bool { return s != "" },
	}
)

func e164(s string) bool {
	digits, plus := strings.CutPrefix(s, "+")
	return plus && len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

func (k *kindOfEntry) patch(p *Platform, q *request, l *dncList) reply {
	var o rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := (kinds{
		"action": oneOf("Add", "Remove"), k.property: texts, "expirationDateTime": text,
	}).check(&o); refused != nil {
		return *refused
	}
	var entries []string
	o.Read(k.property, &entries)
	switch o.Text("action") {
	case "Add":
		return k.add(p, l, entries, o.Text("expirationDateTime"))
	case "Remove":
		if refused := k.check(p, l, entries); refused != nil {
			return *refused
		}
		for _, n := range entries {
			delete(l.entries, n)
		}
		return noContent
	}
	return fail(http.StatusBadRequest, "invalid.property", "The property action is Add or Remove")
}

// post takes a bare array, and the expiry from the query.
func (k *kindOfEntry) post(p *Platform, q *request, l *dncList) reply {
	var entries []string
	if !texts.is(q.body) || json.Unmarshal(q.body, &entries) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not an array of strings")
	}
	return k.add(p, l, entries, q.query.Get("expirationDateTime"))
}

// The form of an expiry: minutes, UTC, at most 180 days ahead.
const (
	expiryLayout = "2006-01-02T15:04Z"
	maxExpiry    = 180 * 24 * time.Hour
)

// add adds all of them or none.
func (k *kindOfEntry) add(p *Platform, l *dncList, entries []string, expires string) reply {
	var at time.Time
	if expires != "" {
		var err error
		at, err = time.Parse(expiryLayout, expires)
		if err != nil || !at.After(time.Now()) || time.Until(at) > maxExpiry {
			return fail(http.StatusBadRequest, "invalid.date.value", "The expiration date is not valid")
		}
	}
	if refused := k.check(p, l, entries); refused != nil {
		return *refused
	}
	fresh := map[string]struct{}{}
	for _, n := range entries {
		if _, there := l.entries[n]; !there {
			fresh[n] = struct{}{}
		}
	}
	if len(l.entries)+len(fresh) > p.options.listLimit {
		return failWith(http.StatusBadRequest, "dnc.records.per.list.limit.exceeded",
			"The limit of records per DNC list would be exceeded",
			map[string]any{"limit": map[string]any{
				"key": "dnc.records.per.list", "namespace": "outbound", "value": p.options.listLimit,
			}})
	}
	for _, n := range entries {
		l.entries[n] = at
	}
	return noContent
}

func (k *kindOfEntry) check(p *Platform, l *dncList, entries []string) *reply {
	var got reply
	switch {
	case l.source() != k.source:
		got = fail(http.StatusBadRequest, "dnc.source.operation.not.supported",
			"The operation is not supported for this DNC source")
	case k.methods != nil && !slices.Contains(k.methods, l.method()):
		got = fail(http.StatusBadRequest, "invalid.contact.method", "The DNC list does not take such entries")
	case len(entries) == 0:
		got = fail(http.StatusBadRequest, "invalid.property", "The property "+k.property+" is required")
	case len(entries) > p.options.chunk:
		got = fail(http.StatusRequestEntityTooLarge, "request.entity.too.large", "The request is over the size limit")
	case slices.ContainsFunc(entries, func(n string) bool { return !k.is(n) }):
		got = fail(http.StatusBadRequest, "invalid.phone.number", "An entry is not valid")
	default:
		return nil
	}
	return &got
}

// delete empties the list unless it is told expiredOnly=true.
func (k *kindOfEntry) delete(_ *Platform, q *request, l *dncList) reply {
	if l.source() != k.source {
		return fail(http.StatusBadRequest, "dnc.source.operation.not.supported",
			"The operation is not supported for this DNC source")
	}
	if q.query.Get("expiredOnly") != "true" {
		clear(l.entries)
		return noContent
	}
	for n, expires := range l.entries {
		if !expires.IsZero() && !expires.After(time.Now()) {
			delete(l.entries, n)
		}
	}
	return noContent
}
