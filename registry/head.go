package registry

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
)

// head is what the key of a list says is in force. It never changes once it is read.
type head struct {
	gen      uint64
	version  string
	stamp    string // "loaded" as it is written, to tell two heads of the same generation apart
	previous string
	next     uint64
	count    uint64
	source   string
	sha256   string
	obtained time.Time
	loaded   time.Time
	coverage coverage
	shards   map[uint64]struct{}
	broken   *dnc.Error // why its data cannot be judged by age: obtained is missing, unreadable

	prefix      string // of the shards' keys
	hit, clear  []dnc.Reason
	undated     string // obtained as it is written
	sortedShard []uint64
}

// The fields of the head's HASH.
const (
	fieldGen, fieldVer, fieldPrev, fieldNext = "gen", "ver", "prev", "next"
	fieldCount, fieldShards, fieldSource     = "count", "shards", "source"
	fieldSHA256, fieldObtained, fieldLoaded  = "sha256", "obtained", "loaded"
	fieldCoverage                            = "coverage"
	markerField                              = "_"
	fieldCounts                              = "counts" // beside the head alone: the numbers of each shard, as shards has them
)

// metaFields are those of the head that belong to a version rather than to the list.
var metaFields = []string{fieldCount, fieldShards, fieldSource, fieldSHA256, fieldObtained, fieldLoaded, fieldCoverage}

const maxShards = 1_000_000

// parseHead reads the fields of a head.
func (r *Registry) parseHead(f map[string]string) (*head, *dnc.Error) {
	incomplete := func(field string) *dnc.Error {
		return r.fail(dnc.CodeListIncomplete, "the list's key "+strconv.Quote(r.key)+" has no field "+field+" that can be read: import the list again")
	}
	if f[fieldVer] == "" {
		return nil, r.fail(dnc.CodeListMissing, "no version is in force at the key "+strconv.Quote(r.key)+": import the list with Replace, or check the name and the database")
	}
	h := &head{version: f[fieldVer], stamp: f[fieldLoaded], previous: f[fieldPrev], source: f[fieldSource], sha256: f[fieldSHA256], undated: f[fieldObtained]}
	var err error
	if h.gen, err = parseID(f[fieldGen]); err != nil {
		return nil, incomplete(fieldGen)
	}
	if _, err = versionNumber(h.version); err != nil {
		return nil, incomplete(fieldVer)
	}
	if h.count, err = strconv.ParseUint(f[fieldCount], 10, 63); err != nil {
		return nil, incomplete(fieldCount)
	}
	h.next, _ = strconv.ParseUint(f[fieldNext], 10, 63)
	if _, err = versionNumber(h.previous); err != nil {
		h.previous = ""
	}
	h.loaded, _ = time.Parse(time.RFC3339Nano, f[fieldLoaded])
	ids := words(f[fieldShards])
	if len(ids) > maxShards || len(ids) == 0 && h.count > 0 {
		return nil, incomplete(fieldShards)
	}
	h.shards = make(map[uint64]struct{}, len(ids))
	for _, id := range ids {
		s, err := strconv.ParseUint(id, 10, 64)
		if err != nil || s > 99_999_999 || strconv.FormatUint(s, 10) != id {
			return nil, incomplete(fieldShards)
		}
		if _, again := h.shards[s]; !again {
			h.sortedShard = append(h.sortedShard, s)
		}
		h.shards[s] = struct{}{}
	}
	if h.coverage, err = newCoverage(words(f[fieldCoverage])); err != nil {
		return nil, incomplete(fieldCoverage)
	}
	if h.obtained, err = time.Parse(time.RFC3339, h.undated); err != nil {
		h.broken = r.fail(dnc.CodeListStale, "when its data was obtained cannot be read from the field obtained, which is RFC 3339")
	}
	h.prefix = r.key + ":" + h.version + ":"
	h.hit = []dnc.Reason{{Code: "dnc_" + r.name, List: r.name, Version: h.version, Date: h.obtained}}
	h.clear = []dnc.Reason{{Code: dnc.CodeAllowed, List: r.name, Version: h.version, Date: h.obtained}}
	return h, nil
}

// clockSkew is by how much the clock that dated the data may be ahead of this one.
const clockSkew = time.Minute

// aged is why the data may not be used any more, by the clock now.
func (h *head) aged(r *Registry, now time.Time) *dnc.Error {
	if h.broken != nil {
		return h.broken
	}
	age := now.Sub(h.obtained)
	switch {
	case age < -clockSkew:
		return r.fail(dnc.CodeListStale, "its data was obtained in the future: one of the clocks is wrong")
	case age > r.maxAge:
		return r.fail(dnc.CodeListStale, fmt.Sprintf("its data was obtained on %s, more than %s ago: import a newer copy",
			h.obtained.UTC().Format(time.DateOnly), days(r.maxAge)))
	}
	return nil
}

func days(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return strconv.Itoa(int(d/(24*time.Hour))) + " days"
	}
	return d.String()
}

// same reports whether what a check read of the head is this one.
func (h *head) same(gen, version, stamp string) bool {
	return version == h.version && stamp == h.stamp && gen == strconv.FormatUint(h.gen, 10)
}

// fail makes an error of this list.
func (r *Registry) fail(code, hint string) *dnc.Error {
	return &dnc.Error{Code: code, List: r.name, Hint: hint}
}

// reasons of a failure: with the version and the date, where a head is known.
func (h *head) reasons(e *dnc.Error) []dnc.Reason {
	reason := dnc.Reason{Code: e.Code, List: e.List}
	if h != nil && !strings.HasPrefix(e.Code, "store_") {
		reason.Version, reason.Date = h.version, h.obtained
	}
	return []dnc.Reason{reason}
}
