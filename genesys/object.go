package genesys

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// object is a JSON object whose members keep their order and every byte of their values: what this library does not know passes
// through it unchanged.
type object struct{ members []member }

type member struct {
	name  string
	value json.RawMessage
}

var errNotObject = errors.New("not a JSON object")

func (o *object) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errNotObject
	}
	o.members = nil
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok || seen[name] {
			return errNotObject // a name twice: which of the two the platform means cannot be known
		}
		seen[name] = true
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return errNotObject
		}
		o.members = append(o.members, member{name, value})
	}
	return nil
}

// bytes writes the object. It is not MarshalJSON, since json.Marshal rewrites what that returns.
func (o *object) bytes() []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(plainJSON(m.name))
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// plainJSON is json.Marshal without its care for HTML.
func plainJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (o *object) get(name string) json.RawMessage {
	for _, m := range o.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// read decodes a member, and leaves v alone if it is absent or of another type.
func (o *object) read(name string, v any) { _ = json.Unmarshal(o.get(name), v) }

func (o *object) text(name string) (s string) {
	o.read(name, &s)
	return s
}

func (o *object) reference(name string) string {
	var ref reference
	o.read(name, &ref)
	return ref.ID
}

// set replaces a member, or adds it at the end. Copies of the object are not affected.
func (o *object) set(name string, value json.RawMessage) {
	i := slices.IndexFunc(o.members, func(m member) bool { return m.name == name })
	o.members = slices.Clone(o.members)
	if i < 0 {
		o.members = append(o.members, member{name, value})
		return
	}
	o.members[i].value = value
}

func (o *object) equal(p *object, except ...string) bool {
	count := func(o *object) (n int) {
		for _, m := range o.members {
			if !slices.Contains(except, m.name) {
				n++
			}
		}
		return n
	}
	for _, m := range o.members {
		if !slices.Contains(except, m.name) && !bytes.Equal(m.value, p.get(m.name)) {
			return false
		}
	}
	return count(o) == count(p)
}

type reference struct {
	ID string `json:"id"`
}
