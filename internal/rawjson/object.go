// Package rawjson keeps JSON objects as they were received: in their order, with every byte of
// their values.
package rawjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

// Object is a JSON object whose members keep their order and every byte of their values: what this
// library does not know passes through it unchanged.
type Object struct{ members []member }

type member struct {
	name  string
	value json.RawMessage
}

// ErrNotObject is JSON that is no object, or one with a name twice.
var ErrNotObject = errors.New("not a JSON object")

// UnmarshalJSON reads an object. A name that occurs twice is an error: which of the two counts
// cannot be known.
func (o *Object) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return ErrNotObject
	}
	o.members = nil
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok || seen[name] {
			return ErrNotObject // a name twice: which of the two the platform means cannot be known
		}
		seen[name] = true
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return ErrNotObject
		}
		o.members = append(o.members, member{name, value})
	}
	if _, err := dec.Token(); err != nil {
		return ErrNotObject
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return ErrNotObject
	}
	return nil
}

// Bytes writes the object. It is not MarshalJSON, since json.Marshal rewrites what that returns.
func (o *Object) Bytes() []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(Marshal(m.name))
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// Marshal is [json.Marshal] without its care for HTML.
func Marshal(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Get is a member's value, nil if there is none.
func (o *Object) Get(name string) json.RawMessage {
	for _, m := range o.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// Read decodes a member, and leaves v alone if it is absent or of another type.
func (o *Object) Read(name string, v any) { _ = json.Unmarshal(o.Get(name), v) }

// Text is a member that is a string, "" otherwise.
func (o *Object) Text(name string) (s string) {
	o.Read(name, &s)
	return s
}

// Reference is the id of a member of the shape {"id"}.
func (o *Object) Reference(name string) string {
	var ref struct {
		ID string `json:"id"`
	}
	o.Read(name, &ref)
	return ref.ID
}

// Set replaces a member, or adds it at the end. Copies of the object are not affected.
func (o *Object) Set(name string, value json.RawMessage) {
	i := slices.IndexFunc(o.members, func(m member) bool { return m.name == name })
	o.members = slices.Clone(o.members)
	if i < 0 {
		o.members = append(o.members, member{name, value})
		return
	}
	o.members[i].value = value
}

// Equal compares the members' bytes, in any order, except for some.
func (o *Object) Equal(p *Object, except ...string) bool {
	left := len(p.members)
	for _, m := range p.members {
		if slices.Contains(except, m.name) {
			left--
		}
	}
	for i, m := range o.members {
		if slices.Contains(except, m.name) {
			continue
		}
		left--
		var other json.RawMessage
		if i < len(p.members) && p.members[i].name == m.name {
			other = p.members[i].value // the order is mostly the same
		} else if other = p.Get(m.name); other == nil {
			return false
		}
		if !bytes.Equal(m.value, other) {
			return false
		}
	}
	return left == 0
}

// Delete takes a member away. Copies of the object are not affected.
func (o *Object) Delete(name string) {
	o.members = slices.DeleteFunc(slices.Clone(o.members), func(m member) bool { return m.name == name })
}

// Names are the members' names in their order.
func (o *Object) Names() []string {
	names := make([]string, 0, len(o.members))
	for _, m := range o.members {
		names = append(names, m.name)
	}
	return names
}
