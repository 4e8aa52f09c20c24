package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"
)

// refusal is why a body is not taken. It names places, never what stands there.
type refusal struct {
	status int
	problem
}

func badRequest(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, problem{"invalid_request", fmt.Sprintf(format, args...)}}
}

var tooLarge = &refusal{http.StatusRequestEntityTooLarge, problem{
	"too_large",
	fmt.Sprintf("a request holds at most %d contacts and %d MiB: send several", maxContacts, maxBody>>20),
}}

// readContacts reads [{"phoneNumber":"...","campaignId":"..."}, ...] and returns the phone numbers as they were given. It reads
// token by token: encoding/json alone takes names in any case (also "phoneſ"), the last of two, null for "", and a replacement
// character for what is no UTF-8.
func readContacts(body io.Reader) ([]string, *refusal) {
	text, err := io.ReadAll(body) // bounded by the caller
	if err != nil {
		return nil, broken(err, "the body does not arrive")
	}
	if !utf8.Valid(text) {
		return nil, badRequest("the body is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return nil, broken(err, `the body is not a JSON array of {"phoneNumber":"..."}`)
	}
	numbers := []string{}
	for dec.More() {
		if len(numbers) == maxContacts {
			return nil, tooLarge
		}
		number, bad := readContact(dec, len(numbers))
		if bad != nil {
			return nil, bad
		}
		numbers = append(numbers, number)
	}
	if _, err := dec.Token(); err != nil {
		return nil, broken(err, "the array does not end")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, broken(err, "something follows the array")
	}
	return numbers, nil
}

func readContact(dec *json.Decoder, index int) (string, *refusal) {
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return "", broken(err, fmt.Sprintf("the element at index %d is not an object", index))
	}
	var number string
	seen := make(map[string]bool, 2)
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return "", broken(err, fmt.Sprintf("the object at index %d cannot be read", index))
		}
		if seen[name] {
			return "", badRequest("a name stands twice in the object at index %d", index)
		}
		seen[name] = true
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return "", broken(err, fmt.Sprintf("the object at index %d cannot be read", index))
		}
		if name != "phoneNumber" && (name != "campaignId" || string(value) == "null") {
			continue // callers send what they have
		}
		var text string
		if value[0] != '"' || json.Unmarshal(value, &text) != nil {
			return "", badRequest("%s at index %d is not a string", name, index)
		}
		if name == "phoneNumber" {
			number = text
		}
	}
	if _, err := dec.Token(); err != nil {
		return "", broken(err, fmt.Sprintf("the object at index %d does not end", index))
	}
	if !seen["phoneNumber"] {
		return "", badRequest("phoneNumber is missing at index %d", index)
	}
	return number, nil
}

// broken tells a body that is too large from one that is wrong.
func broken(err error, message string) *refusal {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge
	}
	return badRequest("%s", message)
}
