package optout

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// The mark is a small file that says how far the outbox was acknowledged:
//
//	dnc-optout-acknowledged 1 <number of the last segment> <how much of it> <CRC of this line>
//
// Without it a file whose end was cut, or the newest file that was removed, would look like a write
// that a crash interrupted, and opt-outs that were acknowledged would be gone unnoticed. The mark is
// written when a batch is synced, before anybody is told. It is not synced itself. So a power cut
// can leave an older mark, which finds less, but never a mark of a batch that is not on disk.
const (
	markName   = "acknowledged"
	markFormat = "dnc-optout-acknowledged 1 %08d %010d "
	markSize   = len("dnc-optout-acknowledged 1 00000000 0000000000 00000000\n")
)

func markLine(number int, end int64) []byte { return sealed(markFormat, number, end) }

func markOf(data []byte) (number int, end int64, ok bool) {
	line := data[:min(len(data), markSize)]
	var got uint32
	n, err := fmt.Sscanf(string(line), markFormat+"%08x\n", &number, &end, &got)
	return number, end, err == nil && n == 3 && bytes.Equal(line, markLine(number, end))
}

func (o *outbox) markPath() string { return filepath.Join(o.dir, markName) }

// writeMark notes that all of the last segment is acknowledged. An error is none of the caller's:
// the batch is safe, and an older mark is no wrong one.
func (o *outbox) writeMark() {
	if o.mark == nil {
		m, err := o.fs.Mark(o.markPath())
		if err != nil {
			return
		}
		o.mark = m
	}
	if _, err := o.mark.WriteAt(markLine(o.last, o.end), 0); err != nil {
		_ = o.mark.Close()
		o.mark = nil
	}
}

// kept is a *DamageError if more was acknowledged than the last segment still has: end bytes of it. A
// mark that cannot be read is ignored, as a power cut can leave one.
func (o *outbox) kept(last int, end int64) error {
	data, err := o.fs.ReadFile(o.markPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	number, acknowledged, ok := markOf(data)
	const lost = "opt-outs in it were acknowledged (if no copy has them, remove the file " + markName + " and ask their senders again)"
	switch {
	case !ok || number < last || number == last && acknowledged <= end:
		return nil
	case number > last:
		return &DamageError{File: o.path(number), What: "it is missing, and " + lost}
	}
	return &DamageError{File: o.path(number), Offset: end, What: fmt.Sprintf("its end was cut: it had %d bytes, and ", acknowledged) + lost}
}
