package preflight

import (
	"context"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/dnc-go/dnc"
)

// A SyncOption says what [Sync] brings where. One that cannot be used makes Sync return an error
// that wraps [ErrInvalidInput].
type SyncOption interface{ sync(c *syncConfig) error }

type syncOption func(*syncConfig) error

func (f syncOption) sync(c *syncConfig) error { return f(c) }

// A NumberAdder takes numbers onto a list and says how many were not on it before.
// [*dnc.RedisWriter] is one. To add a number twice must do no harm.
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
		return c, invalid("FromDNCLists or FromWrapUps say where opt-outs come from and Into where they go: give both, or neither")
	case !in && c.to == "":
		return c, invalid("there is nothing to bring anywhere: give FromDNCLists or FromWrapUps with Into, or ToDNCList")
	}
	return c, nil
}

// FromDNCLists names internal DNC lists of the platform whose entries are opt-outs: those to which
// agents or wrap-up rules add. An entry that expires is one too; one that has expired is not. The
// own list of a campaign ([genesys.OwnDNCListName]) is refused: a plan has filled it.
func FromDNCLists(ids ...string) SyncOption {
	return syncOption(func(c *syncConfig) error {
		c.dncLists = append(c.dncLists, ids...)
		return nil
	})
}

var wrapUpID = regexp.MustCompile(`^(?i)([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|ININ-[A-Z0-9-]+)$`)

// FromWrapUps names a contact list, and the ids of the wrap-up codes by which agents say that
// somebody has opted out. Names of codes are refused: a code that is renamed would lose opt-outs.
// The export of a contact list has the last wrap-up code of each number alone, so one that a later
// call has replaced is not seen: run Sync often.
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

// Into is where opt-outs of the platform go. list says which numbers are on it already: give the list
// itself, without a fallback and without other lists. A geo rule or calling hours beside it do not
// count. to is its writer. record keeps where opt-outs came from. It is called before they are
// written, with those that are not on the list, and again where a run was ended between the two. An
// error of record ends the run.
func Into(list dnc.Checker, to NumberAdder, record func(context.Context, []OptOut) error) SyncOption {
	return syncOption(func(c *syncConfig) error {
		switch {
		case list == nil || to == nil || record == nil:
			return invalid("Into: the list, its writer or the record is nil")
		case c.adder != nil:
			return invalid("Into is given twice")
		}
		c.list, c.adder, c.record = list, to, record
		return nil
	})
}

// ToDNCList brings your numbers to an internal DNC list of the platform: those that are not on it
// are added, without an expiry. Entries that are not yours are reported and stay. An error among
// numbers, or none at all, ends the run before anything is written.
//
// The list may be one of [FromDNCLists] too. Then a number that you take off your own list comes
// back, until it is taken off the platform's list as well.
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

// SyncDryRun reads everything and writes nothing: Added and Sent of the report are what would be
// written.
func SyncDryRun() SyncOption {
	return syncOption(func(c *syncConfig) error {
		c.dryRun = true
		return nil
	})
}
