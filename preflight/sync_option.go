package preflight

import (
	"context"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/dnc-go/dnc"
)

// A SyncOption says from where to where [Sync] brings numbers. Sync refuses an invalid option with
// an error that wraps [ErrInvalidInput].
type SyncOption interface{ sync(c *syncConfig) error }

type syncOption func(*syncConfig) error

func (f syncOption) sync(c *syncConfig) error { return f(c) }

// A NumberAdder adds numbers to a list, and returns how many were not on it before.
// [*dnc.RedisWriter] is one. Adding a number twice must do no harm.
type NumberAdder interface {
	Add(ctx context.Context, numbers ...dnc.Number) (int, error)
}

type syncConfig struct {
	parse func(string) (dnc.Number, error)

	dncLists []string
	wrapUps  []wrapUps
	list     dnc.Checker
	adder    NumberAdder
	record   func(context.Context, []OptOut) error

	to     string
	ours   iter.Seq2[dnc.Number, error]
	dryRun bool
}

type wrapUps struct {
	contactListID string
	codes         []string
}

func newSyncConfig(opts []SyncOption) (syncConfig, error) {
	c := syncConfig{parse: dnc.ParseNumber}
	for _, o := range opts {
		if o == nil {
			return c, invalid("a SyncOption is nil")
		}
		if err := o.sync(&c); err != nil {
			return c, err
		}
	}
	in := len(c.dncLists)+len(c.wrapUps) > 0
	switch {
	case in != (c.adder != nil):
		return c, invalid("FromDNCLists or FromWrapUps say where opt-outs come from and IntoList where they go: give both, or neither")
	case !in && c.to == "":
		return c, invalid("there is nothing to bring anywhere: give FromDNCLists or FromWrapUps with IntoList, or ToDNCList")
	}
	return c, nil
}

// FromDNCLists names internal DNC lists of the platform whose entries are opt-outs: the lists to
// which agents or wrap-up rules add numbers. An entry counts until it expires. A campaign's own
// list ([genesys.OwnDNCListName]) is refused, because plans fill it.
func FromDNCLists(ids ...string) SyncOption {
	return syncOption(func(c *syncConfig) error {
		c.dncLists = append(c.dncLists, ids...)
		return nil
	})
}

var wrapUpID = regexp.MustCompile(`^(?i)([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|ININ-[A-Z0-9-]+)$`)

// FromWrapUps names a contact list, and the wrap-up codes by which agents record that somebody
// opted out. codes are ids, not names: if a code were renamed, opt-outs would be lost.
//
// The export of a contact list has only the last wrap-up code of each number. If a later call has
// another code, the opt-out is not seen: run Sync often.
func FromWrapUps(contactListID string, codes ...string) SyncOption {
	return syncOption(func(c *syncConfig) error {
		if len(codes) == 0 {
			return invalid("FromWrapUps names no wrap-up code")
		}
		for i, code := range codes {
			if !wrapUpID.MatchString(code) {
				return invalid("FromWrapUps: code %d (counted from 0) is not the id of a wrap-up code: names change, ids do not",
					i)
			}
		}
		c.wrapUps = append(c.wrapUps, wrapUps{contactListID, slices.Clone(codes)})
		return nil
	})
}

// IntoList sets the list of yours that gets the platform's opt-outs.
//
// list says which numbers are on it already. Give the list itself, without a fallback and without
// other lists. Blocks by geo rules or calling hours do not count as being on the list.
//
// to adds numbers to the same list.
//
// record keeps where opt-outs came from. It gets the opt-outs that are not on the list yet, before
// they are added. If a run was cut off in between, the next run calls it again with the same
// opt-outs. If it returns an error, Sync ends.
func IntoList(list dnc.Checker, to NumberAdder, record func(context.Context, []OptOut) error) SyncOption {
	return syncOption(func(c *syncConfig) error {
		switch {
		case list == nil || to == nil || record == nil:
			return invalid("IntoList: the list, its writer or the record is nil")
		case c.adder != nil:
			return invalid("IntoList is given twice")
		}
		c.list, c.adder, c.record = list, to, record
		return nil
	})
}

// ToDNCList brings your numbers to an internal DNC list of the platform. Numbers that are not on it
// are added without an expiry. Other entries stay, and are reported. If numbers has an error or is
// empty, Sync ends before anything is written.
//
// The list may also be one of [FromDNCLists]. A number that you remove from your own list then
// comes back, until you remove it from the platform's list too.
func ToDNCList(id string, numbers iter.Seq2[dnc.Number, error]) SyncOption {
	return syncOption(func(c *syncConfig) error {
		switch {
		case numbers == nil || strings.TrimSpace(id) == "":
			return invalid("ToDNCList: the id is empty or the numbers are nil")
		case c.to != "":
			return invalid("ToDNCList is given twice")
		}
		c.to, c.ours = id, numbers
		return nil
	})
}

// SyncDryRun has Sync write nothing. Added and Sent of the report are what would be written.
func SyncDryRun() SyncOption {
	return syncOption(func(c *syncConfig) error {
		c.dryRun = true
		return nil
	})
}
