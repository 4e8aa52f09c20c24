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
)

// maxFields bounds what must be remembered of a contact to find a field that occurs twice.
const maxFields = 64

// contacts are those of a request.
type contacts struct {
	numbers   []string // one of each contact, in their order
	campaigns []string // likewise; "" where a contact has none
}

// readContacts reads a JSON array of {"phoneNumber":"...","campaignId":"..."} and returns both as
// they were given.
//
// It is stricter than encoding/json by itself, which matches names in any case (and "phoneſ..."
// with U+017F), takes the last of two equal names, reads null as "", puts U+FFFD in the place of
// bad UTF-8 and leaves alone what follows: each of them could have one number checked and another
// one called. Other fields are left alone. An invalid phone number is not an error: it is
// decided. campaignId is a string or null; "" is no campaign.
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
		number, campaign, err := c.read(dec, where)
		if err != nil {
			return contacts{}, err
		}
		out.numbers = append(out.numbers, number)
		out.campaigns = append(out.campaigns, campaign)
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

func (c *contactReader) read(dec *json.Decoder, where string) (number, campaign string, err error) {
	t, err := dec.Token()
	if err != nil {
		return "", "", jsonError(where, err)
	}
	if t != json.Delim('{') {
		return "", "", malformed(where + " is not an object with a phoneNumber")
	}
	c.names = c.names[:0]
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return "", "", jsonError(where, err)
		}
		name, _ := t.(string)
		switch {
		case slices.Contains(c.names, name):
			return "", "", malformed(where + " has two fields of the same name: leave one out")
		case len(c.names) == maxFields:
			return "", "", malformed(where + " has more than " + strconv.Itoa(maxFields) + " fields")
		case strings.ContainsRune(name, utf8.RuneError):
			return "", "", malformed(where + " has a field whose name is not valid UTF-8")
		}
		c.names = append(c.names, name)
		if err := dec.Decode(&c.value); err != nil {
			return "", "", jsonError(where, err)
		}
		if !utf8.Valid(c.value) || loneSurrogate(c.value) {
			return "", "", malformed(where + " is not valid UTF-8")
		}
		switch name {
		case "phoneNumber":
			err = c.text(&number, where+": phoneNumber")
		case "campaignId":
			if string(c.value) != "null" { // what many serializers write for an optional field that is not set
				err = c.text(&campaign, where+": campaignId")
			}
		}
		if err != nil {
			return "", "", err
		}
	}
	if _, err := dec.Token(); err != nil {
		return "", "", jsonError(where, err)
	}
	if !slices.Contains(c.names, "phoneNumber") {
		return "", "", malformed(where + " has no field that is named exactly phoneNumber")
	}
	return number, campaign, nil
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
