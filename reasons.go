package dnc

import (
	"encoding/json"
	"iter"
	"strings"
)

// Reasons are the reasons of a Decision, strongest first. They cannot be changed, because decisions
// share them. The zero Reasons has none. Reasons can be a map key, for example to count decisions.
// == is true only for Reasons that one call of ReasonsOf made.
type Reasons struct{ of *reasonList }

type reasonList struct {
	list []Reason
	one  [1]Reason // list, where there is one reason: nearly always
}

// ReasonsOf makes Reasons, strongest first, for the decisions of a Checker of your own. It copies
// its arguments. If many decisions have the same reasons, call it once and share the result.
func ReasonsOf(reasons ...Reason) Reasons {
	switch len(reasons) {
	case 0:
		return Reasons{}
	case 1:
		g := &reasonList{one: [1]Reason{reasons[0]}}
		g.list = g.one[:]
		return Reasons{g}
	}
	return Reasons{&reasonList{list: append([]Reason(nil), reasons...)}}
}

// all is the reasons themselves, which nobody changes.
func (r Reasons) all() []Reason {
	if r.of == nil {
		return nil
	}
	return r.of.list
}

// All is the sequence of the reasons, strongest first.
func (r Reasons) All() iter.Seq[Reason] {
	return func(yield func(Reason) bool) {
		for _, reason := range r.all() {
			if !yield(reason) {
				return
			}
		}
	}
}

// Len is how many reasons there are.
func (r Reasons) Len() int { return len(r.all()) }

// String is the reasons, separated by semicolons.
func (r Reasons) String() string {
	texts := make([]string, r.Len())
	for i, reason := range r.all() {
		texts[i] = reason.String()
	}
	return strings.Join(texts, "; ")
}

// MarshalJSON writes an array of Reason.
func (r Reasons) MarshalJSON() ([]byte, error) {
	if r.Len() == 0 {
		return []byte("[]"), nil
	}
	return json.Marshal(r.all())
}

// UnmarshalJSON reads an array of Reason.
func (r *Reasons) UnmarshalJSON(data []byte) error {
	var list []Reason
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*r = ReasonsOf(list...)
	return nil
}
