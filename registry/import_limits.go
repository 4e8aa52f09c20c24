package registry

import (
	"context"
	"slices"
	"strconv"

	"github.com/dnc-go/dnc"
)

// readOld reads the version that the new one is compared with: the one in force, or what is kept of
// it beside a head that cannot be read.
func (i *importer) readOld(ctx context.Context) error {
	h, failure := i.s.parseHead(i.base)
	if failure != nil && i.base[fieldVer] != "" {
		meta, err := i.s.readMeta(ctx, i.base[fieldVer])
		if isStoreError(err) {
			return err
		}
		h, i.unreadable = meta, err != nil
	}
	if h != nil {
		i.old, i.report.Previous = h, h.version
	}
	return nil
}

// checkLimits compares the new version with the old one, and refuses what is more likely a mistake.
func (i *importer) checkLimits(ctx context.Context) error {
	r := i.report
	var count uint64
	for _, t := range i.writer.shards {
		count += t.numbers
	}
	r.Numbers, r.Duplicates = int64(count), r.Read-int64(count)
	r.Added = int64(count - i.writer.common)
	if n := len(i.writer.shards); n > maxShards {
		return i.refuse("the numbers are spread over %d shards of ten million, and a list has at most %d", n, maxShards)
	}
	if !i.imp.AllowEmpty {
		if count == 0 {
			return i.refuse("the list has no number, so everything would be allowed: if that is right, set Import.AllowEmpty")
		}
		if prefix, found := i.emptyPrefix(); found {
			return i.refuse("no number begins with %s, so everything there would be allowed: the file may be missing; if it is right that nobody there "+
				"is listed, set Import.AllowEmpty, and if the data does not cover it, leave it out of Import.Coverage", short(prefix))
		}
	}
	if i.unreadable && i.imp.MaxShrink < 1 {
		return i.refuse("the version in force cannot be read, so whether the list shrank is not known: if this import is known to be whole, set " +
			"Import.MaxShrink to 1")
	}
	if i.old == nil {
		return nil
	}
	r.Removed = int64(i.old.count - min(i.old.count, i.writer.common)) //nolint:gosec // a count of numbers
	if i.imp.MaxShrink == 1 {
		return nil
	}
	return i.checkShrink(ctx, count)
}

// checkShrink refuses a list, or a shard, that lost too many numbers.
func (i *importer) checkShrink(ctx context.Context, count uint64) error {
	counts, err := i.s.readCounts(ctx, i.old)
	if err != nil {
		return err
	}
	var before uint64
	narrowed := false
	percent := strconv.FormatFloat(100*i.imp.MaxShrink, 'g', 4, 64) + " %"
	for _, shard := range i.old.sorted {
		if in, same := i.covered.whole(shard); same && !in {
			narrowed = true
			continue // its area is not covered any more: nothing of it will be allowed
		}
		has := uint64(0)
		if t := i.writer.shards[shard]; t != nil {
			has = t.numbers
		}
		had, known := counts[shard]
		if !known && has == 0 {
			return i.refuse("there is no number that begins with %s any more, and how many there were is not known: a file may be missing; if it is "+
				"right, set Import.MaxShrink to 1", shardName(shard))
		}
		before += had
		if had >= boundedShard && shrunk(had, has, i.imp.MaxShrink) {
			return i.refuse("the numbers that begin with %s shrank from %d to %d, by more than %s: a file may be missing or cut off; if it is "+
				"right, raise Import.MaxShrink", shardName(shard), had, has, percent)
		}
	}
	if !narrowed {
		before = max(before, i.old.count)
	}
	if shrunk(before, count, i.imp.MaxShrink) {
		return i.refuse("it shrank from %d numbers to %d, by more than %s: a file may be missing or cut off; if it is right, raise "+
			"Import.MaxShrink", before, count, percent)
	}
	return nil
}

func shrunk(before, after uint64, share float64) bool {
	return after < before && float64(before-after) > share*float64(before)
}

// readCounts reads how many numbers each shard of a version has: from its marker or, where a shard
// has lost it, from what is kept of the version. A shard with neither is left out.
func (s *store) readCounts(ctx context.Context, h *head) (map[uint64]uint64, error) {
	counts, err := s.readMarkers(ctx, h.prefix, h.sorted)
	if err != nil || len(counts) == len(h.shards) {
		return counts, err
	}
	meta, err := s.readMetaFields(ctx, h.version)
	if err != nil {
		if isStoreError(err) {
			return nil, err
		}
		return counts, nil
	}
	shards, kept := words(meta[fieldShards]), words(meta[fieldCounts])
	if len(shards) != len(kept) {
		return counts, nil
	}
	for at, text := range shards {
		shard, err1 := strconv.ParseUint(text, 10, 64)
		n, err2 := strconv.ParseUint(kept[at], 10, 63)
		if _, known := counts[shard]; !known && err1 == nil && err2 == nil {
			counts[shard] = n
		}
	}
	return counts, nil
}

// isStoreError reports whether Redis gave no answer, rather than one that cannot be read.
func isStoreError(err error) bool {
	e, ok := err.(*dnc.Error) //nolint:errorlint // of this package's own making
	return ok && e != nil
}

// emptyPrefix is a prefix of the coverage with which no number begins.
func (i *importer) emptyPrefix() (string, bool) {
	shards := i.writer.sortedShards()
	for _, p := range i.covered.strings() {
		if !i.begins(shards, p) {
			return p, true
		}
	}
	return "", false
}

// begins reports whether a number that was written begins with a prefix. A prefix that is finer
// than a block of 10,000 numbers has one if its block has.
func (i *importer) begins(shards []uint64, prefix string) bool {
	p, _ := strconv.ParseUint(prefix, 10, 64)
	for size := max(len(prefix), minDigits); size <= maxDigits; size++ { // numbers of that many digits
		first := p * pow10[size-len(prefix)]
		last := first + pow10[size-len(prefix)] - 1
		at, _ := slices.BinarySearch(shards, first/shardSize)
		for ; at < len(shards) && shards[at] <= last/shardSize; at++ {
			t := i.writer.shards[shards[at]]
			start := shards[at] * shardSize
			from := max(first, start) / blockSize % fields
			to := min(last, start+shardSize-1) / blockSize % fields
			for field := from; field <= to; field++ {
				if t.has(field) {
					return true
				}
			}
		}
	}
	return false
}
