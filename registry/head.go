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
	stamp    string // the field loaded as it is written, to tell two heads of the same generation apart
	count    uint64
	source   string
	sha256   string
	obtained time.Time
	loaded   time.Time
	coverage coverage
	shards   map[uint64]struct{}
	sorted   []uint64   // the shards, ascending as the head has them
	noDate   *dnc.Error // the field obtained is missing or unreadable, so that the data has no age

	genText    string // gen as it is written
	prefix     string // of the shards' keys
	hit, clear dnc.Reasons
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
func (s *store) parseHead(f map[string]string) (*head, *dnc.Error) {
	key := strconv.Quote(s.keys.head)
	incomplete := func(field string) *dnc.Error {
		return s.fail(dnc.CodeListIncomplete, "the list's key "+key+" has no field "+field+" that can be read: import the list again")
	}
	if f[fieldVer] == "" {
		return nil, s.fail(dnc.CodeListMissing, "no version is in force at the key "+key+
			": import the list with Replace, or check the name and the database")
	}
	h := &head{version: f[fieldVer], stamp: f[fieldLoaded], source: f[fieldSource], sha256: f[fieldSHA256], genText: f[fieldGen]}
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
	h.loaded, _ = time.Parse(time.RFC3339Nano, f[fieldLoaded])
	if !h.parseShards(f[fieldShards]) {
		return nil, incomplete(fieldShards)
	}
	if h.coverage, err = newCoverage(words(f[fieldCoverage])); err != nil {
		return nil, incomplete(fieldCoverage)
	}
	if h.obtained, err = time.Parse(time.RFC3339, f[fieldObtained]); err != nil {
		h.noDate = s.fail(dnc.CodeListStale, "when its data was obtained cannot be read from the field obtained, which is RFC 3339")
	}
	h.prefix = s.keys.prefix(h.version)
	h.hit = dnc.ReasonsOf(dnc.Reason{Code: "dnc_" + s.list, List: s.list, Version: h.version, Date: h.obtained})
	h.clear = dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeAllowed, List: s.list, Version: h.version, Date: h.obtained})
	return h, nil
}

func (h *head) parseShards(field string) bool {
	ids := words(field)
	if len(ids) > maxShards || len(ids) == 0 && h.count > 0 {
		return false
	}
	h.shards = make(map[uint64]struct{}, len(ids))
	for _, id := range ids {
		s, err := strconv.ParseUint(id, 10, 64)
		if err != nil || s > maxShard || strconv.FormatUint(s, 10) != id {
			return false
		}
		if _, again := h.shards[s]; !again {
			h.sorted = append(h.sorted, s)
		}
		h.shards[s] = struct{}{}
	}
	return true
}

// clockSkew is by how much the clock that dated the data may be ahead of this one.
const clockSkew = time.Minute

// tooOld is why the data may not be used any more at a time, nil while it may.
func (h *head) tooOld(s *store, maxAge time.Duration, now time.Time) *dnc.Error {
	if h.noDate != nil {
		return h.noDate
	}
	age := now.Sub(h.obtained)
	switch {
	case age < -clockSkew:
		return s.fail(dnc.CodeListStale, "its data was obtained in the future: one of the clocks is wrong")
	case age > maxAge:
		return s.fail(dnc.CodeListStale, fmt.Sprintf("its data was obtained on %s, more than %s ago: import a newer copy",
			h.obtained.UTC().Format(time.DateOnly), days(maxAge)))
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
	return gen == h.genText && version == h.version && stamp == h.stamp
}

// reasons of a failure: with the version and the date, where a head is known.
func (h *head) reasons(e *dnc.Error) dnc.Reasons {
	reason := dnc.Reason{Code: e.Code, List: e.List}
	if h != nil && !strings.HasPrefix(e.Code, "store_") {
		reason.Version, reason.Date = h.version, h.obtained
	}
	return dnc.ReasonsOf(reason)
}
