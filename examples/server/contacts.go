package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dnc-go/dnc"
)

// maxFields bounds what must be remembered of a contact to find a field that occurs twice.
const maxFields = 64

// maxPlace bounds a timeZone, a region and a postalCode in bytes: the calling hours keep answers by them.
const maxPlace = 64

// contacts are those of a request.
type contacts struct {
	numbers []string   // one of each contact, in their order
	calls   []dnc.Call // what else is known of each, in the same order; no Number
}

// readContacts reads a JSON array of {"phoneNumber","campaignId","timeZone","region",
// "postalCode"} and returns them as they were given. All but the first may be missing.
//
// It is stricter than encoding/json by itself, which matches names in any case (and "phoneſ..."
// with U+017F), takes the last of two equal names, reads null as "", puts U+FFFD in the place of
// bad UTF-8 and leaves alone what follows: each of them could have one number checked and another
// one called. A field that is misspelt is refused, as "campaign_id". Other fields are left alone. An invalid phone number is not an error: it is
// decided. The optional fields are strings or null; "" is as if the field was missing.
//
// It holds one field at a time besides what it returns. Its errors name the index of a contact and
// never quote one.
func readContacts(body io.Reader) (contacts, error) {
	dec := json.NewDecoder(body)
	switch t, err := dec.Token(); {
	case errors.Is(err, io.EOF):
		return contacts{}, malformed("the body is empty: send a JSON array of {\"phoneNumber\",\"campaignId\"}")
	case err != nil:
		return contacts{}, jsonError("the body", err)
	case t != json.Delim('['):
		return contacts{}, malformed("the body must be a JSON array of {\"phoneNumber\",\"campaignId\"}")
	}
	var c contactReader
	var out contacts
	for dec.More() {
		if len(out.numbers) == maxContacts {
			return contacts{}, errTooLarge
		}
		where := fmt.Sprintf("contact %d", len(out.numbers))
		number, call, err := c.read(dec, where)
		if err != nil {
			return contacts{}, err
		}
		out.numbers = append(out.numbers, number)
		out.calls = append(out.calls, call)
	}
	if _, err := dec.Token(); err != nil {
		return contacts{}, jsonError(fmt.Sprintf("after %d contacts", len(out.numbers)), err)
	}
	switch _, err := dec.Token(); {
	case errors.Is(err, io.EOF):
		return out, nil
	case err != nil:
		if _, bad := errors.AsType[*json.SyntaxError](err); !bad {
			return contacts{}, err
		}
	}
	return contacts{}, malformed("something follows the JSON array: leave it out")
}

// contactReader keeps its buffers from one contact to the next.
type contactReader struct {
	names []string
	value json.RawMessage
}

func (c *contactReader) read(dec *json.Decoder, where string) (number string, call dnc.Call, err error) {
	t, err := dec.Token()
	if err != nil {
		return "", dnc.Call{}, jsonError(where, err)
	}
	if t != json.Delim('{') {
		return "", dnc.Call{}, malformed(where + " is not an object with a phoneNumber")
	}
	c.names = c.names[:0]
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return "", dnc.Call{}, jsonError(where, err)
		}
		name, _ := t.(string)
		switch {
		case slices.Contains(c.names, name):
			return "", dnc.Call{}, malformed(where + " has two fields of the same name: leave one out")
		case len(c.names) == maxFields:
			return "", dnc.Call{}, malformed(where + " has more than " + strconv.Itoa(maxFields) + " fields")
		case strings.ContainsRune(name, utf8.RuneError):
			return "", dnc.Call{}, malformed(where + " has a field whose name is not valid UTF-8")
		}
		c.names = append(c.names, name)
		if err := dec.Decode(&c.value); err != nil {
			return "", dnc.Call{}, jsonError(where, err)
		}
		if !utf8.Valid(c.value) || loneSurrogate(c.value) {
			return "", dnc.Call{}, malformed(where + " is not valid UTF-8")
		}
		switch name {
		case "phoneNumber":
			err = c.text(&number, where+": phoneNumber")
		case "campaignId":
			err = c.optional(&call.Campaign, where+": campaignId")
		case "timeZone":
			err = c.zone(&call.Location, where+": timeZone")
		case "region":
			err = c.place(&call.Location.Region, where+": region")
		case "postalCode":
			err = c.place(&call.Location.Postal, where+": postalCode")
		default:
			err = misspelt(where, name)
		}
		if err != nil {
			return "", dnc.Call{}, err
		}
	}
	if _, err := dec.Token(); err != nil {
		return "", dnc.Call{}, jsonError(where, err)
	}
	if !slices.Contains(c.names, "phoneNumber") {
		return "", dnc.Call{}, malformed(where + " has no field that is named exactly phoneNumber")
	}
	return number, call, nil
}

// fields are those that a contact may have. Others are left alone.
var fields = []string{"phoneNumber", "campaignId", "timeZone", "region", "postalCode"}

// misspelt refuses a field that is one of fields but for case, "_", "-" and blanks. Left alone, a
// "campaign_id" would have the campaign's list not asked, and its numbers called.
func misspelt(where, name string) error {
	for _, field := range fields {
		if strings.EqualFold(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name), field) {
			return malformed(where + " has a field whose name differs from " + field + " in case or signs: write it as " + field)
		}
	}
	return nil
}

// optional reads a text, or the null that many serializers write for a field that is not set.
func (c *contactReader) optional(to *string, what string) error {
	if string(c.value) == "null" {
		return nil
	}
	return c.text(to, what)
}

// place reads the name of a zone or region, or a postal code.
func (c *contactReader) place(to *string, what string) error {
	if len(c.value) > maxPlace {
		return malformed(what + " is longer than " + strconv.Itoa(maxPlace) + " bytes")
	}
	return c.optional(to, what)
}

func (c *contactReader) zone(to *dnc.Location, what string) error {
	var name string
	err := c.place(&name, what)
	if name != "" {
		to.Zones = []string{name}
	}
	return err
}

func (c *contactReader) text(to *string, what string) error {
	if len(c.value) == 0 || c.value[0] != '"' {
		return malformed(what + " must be a string")
	}
	if err := json.Unmarshal(c.value, to); err != nil {
		return malformed(what + " must be a string")
	}
	return nil
}

// loneSurrogate finds half a character, as \ud800 with nothing behind it: valid as JSON, and no
// text. encoding/json would make U+FFFD of it, and the report would not show what was given.
func loneSurrogate(value []byte) bool {
	for {
		i := bytes.IndexByte(value, '\\')
		if i < 0 {
			return false
		}
		r, ok := escaped(value[i:])
		switch {
		case !ok:
			value = value[min(i+2, len(value)):] // another escape, of two characters, or half of one
			continue
		case r >= 0xdc00 && r < 0xe000:
			return true
		case r >= 0xd800 && r < 0xdc00:
			low, ok := escaped(value[i+6:])
			if !ok || low < 0xdc00 || low >= 0xe000 {
				return true
			}
			i += 6
		}
		value = value[i+6:]
	}
}

// escaped reads \uXXXX at the beginning of b.
func escaped(b []byte) (uint64, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	r, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return r, err == nil
}

func malformed(message string) error {
	return &apiError{http.StatusBadRequest, "malformed", message}
}

// jsonError keeps the words of a syntax error, which hold one character of the body at most; those
// of other errors hold whole values.
func jsonError(where string, err error) error {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return malformed(fmt.Sprintf("%s: the JSON is malformed: %v", where, e))
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return malformed(where + ": the JSON is malformed")
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}
