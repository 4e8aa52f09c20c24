package optout

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
)

// A segment is a file of the outbox. It begins with a line
//
//	dnc-optout 1 <its number> <length of the segment before it> <CRC of this line>
//
// and goes on with batches, each written and synced at once:
//
//	B <bytes of the records> <CRC of them> <CRC of this line>
//	{"n":1,"kind":"optout",...}
//	{"n":2,...}
//
// The CRCs are CRC-32C, as 8 hexadecimal digits. What lies in a segment behind the length that the
// next one names was never acknowledged.
const (
	segmentFormat = "dnc-optout 1 %08d %010d "
	segmentHeader = len("dnc-optout 1 00000000 0000000000 00000000\n")
	batchFormat   = "B %08d %08x "
	batchHeader   = len("B 00000000 00000000 00000000\n")
	maxBatch      = 99_999_999 // bytes that a batch's header can name
	sector        = 512        // a disk writes at least so many bytes or none
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// sealed ends a header line with its CRC.
func sealed(format string, args ...any) []byte {
	b := fmt.Appendf(nil, format, args...)
	return fmt.Appendf(b, "%08x\n", sum(b))
}

func segmentLine(number int, before int64) []byte { return sealed(segmentFormat, number, before) }

func batchLine(body []byte) []byte { return sealed(batchFormat, len(body), sum(body)) }

// segment is what was read of a file.
type segment struct {
	number int
	before int64 // the length of the segment before it
	end    int64 // of the last whole batch
	torn   bool  // behind end lies a write that was cut, and was never acknowledged
}

// readSegment reads a segment and hands over its records. Damage is a *DamageError without the
// file's name.
func readSegment(data []byte, each func(*record) error) (segment, error) {
	var s segment
	number, before, ok := segmentOf(data)
	if !ok {
		if tornPrefix(data, segmentLine(0, 0)) || unwritten(data, 0) {
			s.torn = true
			return s, nil
		}
		return s, &DamageError{What: "it does not begin as an outbox of this version"}
	}
	s.number, s.before, s.end = number, before, int64(segmentHeader)
	for int(s.end) < len(data) {
		body, what := nextBatch(data[s.end:])
		if what != "" {
			if !tornTail(data, int(s.end)) {
				return s, &DamageError{Offset: s.end, What: what}
			}
			s.torn = true
			return s, nil
		}
		if err := eachRecord(body, each); err != nil {
			if d, ok := errors.AsType[*DamageError](err); ok {
				d.Offset = s.end
			}
			return s, err
		}
		s.end += int64(batchHeader + len(body))
	}
	return s, nil
}

func segmentOf(data []byte) (number int, before int64, ok bool) {
	if len(data) < segmentHeader {
		return 0, 0, false
	}
	line := data[:segmentHeader]
	var got uint32
	if n, err := fmt.Sscanf(string(line), segmentFormat+"%08x\n", &number, &before, &got); err != nil || n != 3 {
		return 0, 0, false
	}
	return number, before, number >= 0 && before >= 0 && bytes.Equal(line, segmentLine(number, before))
}

// nextBatch is the body of the batch at the beginning of data, or what is wrong with it.
func nextBatch(data []byte) (body []byte, what string) {
	size, crc, ok := batchOf(data)
	switch {
	case !ok:
		return nil, "the header of a batch cannot be read"
	case len(data)-batchHeader < size:
		return nil, "the file ends within a batch"
	}
	body = data[batchHeader : batchHeader+size]
	if sum(body) != crc {
		return nil, "the records of a batch are not those that were written"
	}
	return body, ""
}

func batchOf(data []byte) (size int, crc uint32, ok bool) {
	if len(data) < batchHeader || data[0] != 'B' {
		return 0, 0, false
	}
	line := data[:batchHeader]
	var got uint32
	if n, err := fmt.Sscanf(string(line), batchFormat+"%08x\n", &size, &crc, &got); err != nil || n != 3 || size <= 0 {
		return 0, 0, false
	}
	return size, crc, bytes.Equal(line, sealed(batchFormat, size, crc))
}

func eachRecord(body []byte, each func(*record) error) error {
	for len(body) > 0 {
		line, rest, found := bytes.Cut(body, []byte{'\n'})
		if !found {
			return &DamageError{What: "a record has no end"}
		}
		r, err := parseRecord(line)
		if err != nil {
			return &DamageError{What: err.Error()}
		}
		if err := each(&r); err != nil {
			return err
		}
		body = rest
	}
	return nil
}

// tornTail reports whether what lies behind the last whole batch is a write that was cut by a crash.
// A batch is written when the one before it is safe, so a whole batch behind the broken one proves
// that the broken one was acknowledged. A write that was cut is short, or has sectors that never
// reached the disk. Anything else is damage: it may have been acknowledged.
func tornTail(data []byte, end int) bool {
	tail := data[end:]
	for at := 0; at < len(tail); {
		next := bytes.Index(tail[at:], []byte("\nB "))
		if next < 0 {
			break
		}
		at += next + 1
		if _, what := nextBatch(tail[at:]); what == "" {
			return false
		}
	}
	if size, _, ok := batchOf(tail); ok && len(tail)-batchHeader < size {
		return true
	}
	return tornPrefix(tail, batchLine(nil)) || unwritten(data, end)
}

// tornPrefix reports whether data is the beginning of a header line like this one.
func tornPrefix(data, like []byte) bool {
	if len(data) >= len(like) {
		return false
	}
	for i, c := range data {
		digit := like[i] >= '0' && like[i] <= '9' || like[i] >= 'a' && like[i] <= 'f'
		if c != like[i] && (!digit || !strings.ContainsRune("0123456789abcdef", rune(c))) {
			return false
		}
	}
	return true
}

// unwritten reports whether there is a sector from a place on that was never written: all zeros as
// far as it belongs to the tail. No record has a zero byte.
func unwritten(data []byte, from int) bool {
	for start := from; start < len(data); start = (start/sector + 1) * sector {
		end := min((start/sector+1)*sector, len(data))
		if len(bytes.Trim(data[start:end], "\x00")) == 0 {
			return true
		}
	}
	return false
}
