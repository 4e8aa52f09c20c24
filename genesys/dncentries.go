package genesys

import (
	"context"
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// An EntryKind is a kind of entry of a DNC list. Which kinds a list takes depends on its source type
// and its contact method.
type EntryKind int

// The kinds of entries.
const (
	PhoneNumbers    EntryKind = iota // "+14155550123", on internal lists of contact method Phone or Any
	EmailAddresses                   // "ann@example.com", on internal lists of contact method Email or Any
	WhatsAppNumbers                  // "+14155550123", on internal lists of contact method WhatsApp or Any
	CustomEntries                    // values of the list's custom exclusion column, on lists of source type rds_custom
)

// entryKinds are the paths and properties of the kinds, and what is wrong with an entry.
var entryKinds = map[EntryKind]struct {
	path, property, noun, wanted string
	is                           func(string) bool
}{
	PhoneNumbers:    {"/phonenumbers", "phoneNumbers", "number", wantedNumber, isE164},
	EmailAddresses:  {"/emailaddresses", "emailAddresses", "entry", "an e-mail address", isEmail},
	WhatsAppNumbers: {"/whatsappnumbers", "whatsAppNumbers", "number", wantedNumber, isE164},
	CustomEntries: {
		"/customexclusioncolumns", "customExclusionColumnEntries",
		"entry", "a text that is not blank, of at most 512 bytes", isCell,
	},
}

const wantedNumber = `E.164: want "+", a country code and the number, 7 to 15 digits in all`

func isEmail(s string) bool {
	at, err := mail.ParseAddress(s)
	return err == nil && at.Address == s && len(s) <= 254
}

func isCell(s string) bool {
	return strings.TrimSpace(s) != "" && len(s) <= 512 && !strings.ContainsFunc(s, unicode.IsControl)
}

// AddDNCEntries adds entries of any kind. Otherwise it does the same as
// [CampaignClient.AddDNCNumbers]. Needs outbound:dnc:edit.
func (c *CampaignClient) AddDNCEntries(
	ctx context.Context, listID string, kind EntryKind, entries []string, expires time.Time,
) error {
	text, err := expiryText(expires)
	if err != nil {
		return err
	}
	return c.patchEntries(ctx, listID, kind, "Add", entries, text)
}

// RemoveDNCEntries removes entries of any kind. Otherwise it does the same as
// [CampaignClient.RemoveDNCNumbers]. Needs outbound:dnc:edit.
func (c *CampaignClient) RemoveDNCEntries(ctx context.Context, listID string, kind EntryKind, entries []string) error {
	return c.patchEntries(ctx, listID, kind, "Remove", entries, "")
}

func (c *CampaignClient) patchEntries(
	ctx context.Context, listID string, kind EntryKind, action string, entries []string, expires string,
) error {
	if err := checkID("DNC list id", listID); err != nil {
		return err
	}
	of, known := entryKinds[kind]
	if !known {
		return invalid("the kind of the entries is %d: want PhoneNumbers, EmailAddresses, WhatsAppNumbers or CustomEntries",
			kind)
	}
	for i, e := range entries {
		if !of.is(e) {
			return invalid("%s %d of %d (counted from 0) is not %s", of.noun, i, len(entries), of.wanted)
		}
	}
	chunk := c.chunk
	for done := 0; done < len(entries); {
		part := entries[done:min(done+chunk, len(entries))]
		body := map[string]any{"action": action, of.property: part}
		if expires != "" {
			body["expirationDateTime"] = expires
		}
		err := c.do(ctx, call{
			method: http.MethodPatch, path: dncLists + "/" + listID + of.path,
			repeatable: action == "Add", body: rawjson.Marshal(body),
		})
		switch {
		case err == nil:
			done += len(part)
		case (errors.Is(err, ErrTooLarge) || action == "Add" && tooMuch(err)) && len(part) > 1 && ctx.Err() == nil:
			chunk = (len(part) + 1) / 2
		case done > 0 || len(part) < len(entries):
			return &PartialError{Done: done, Total: len(entries), Err: err}
		default:
			return err
		}
	}
	return nil
}
