package optout

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// outbox is the files in the directory. One goroutine appends; others may read.
type outbox struct {
	dir   string
	fs    fileSystem
	limit int64 // of a segment, at which the next one begins; a single batch may be larger

	mu    sync.RWMutex // of first, last, end and the names of the files
	first int          // the first segment
	last  int          // the last one, which is written; 0: there is none
	end   int64        // how much of the last one counts
	file  file         // the last segment; nil if it must not be written any more
	mark  markFile     // how far the outbox was acknowledged; nil before the first batch
}

const defaultSegment = 8 << 20

func segmentName(number int) string { return fmt.Sprintf("%08d.log", number) }

func (o *outbox) path(number int) string { return filepath.Join(o.dir, segmentName(number)) }

// open reads all segments and hands over their records. It changes files only when everything was
// read: the last segment is written anew up to its last whole batch, so that all of it is safe.
func (o *outbox) open(each func(*record) error) error {
	numbers, err := o.segments()
	if err != nil {
		return err
	}
	if len(numbers) == 0 {
		if err := o.kept(0, 0); err != nil {
			return err
		}
		o.first = 1
		return o.begin(1, 0)
	}
	data, err := o.fs.ReadFile(o.path(numbers[0]))
	if err != nil {
		return err
	}
	o.first = numbers[0]
	for _, number := range numbers[1:] {
		next, err := o.fs.ReadFile(o.path(number))
		if err != nil {
			return err
		}
		of, before, ok := segmentOf(next)
		if !ok {
			s, err := readSegment(next, each)
			if err != nil || !s.torn || number != numbers[len(numbers)-1] {
				return &DamageError{File: o.path(number), What: "its header cannot be read"}
			}
			if err := o.kept(number, 0); err != nil {
				return err
			}
			if err := o.fs.Remove(o.path(number)); err != nil { // it was begun in a crash, and holds nothing
				return err
			}
			break
		}
		if of != number {
			return &DamageError{File: o.path(number), What: "it is another file that was renamed"}
		}
		if err := o.readClosed(number-1, data, before, each); err != nil {
			return err
		}
		o.last, data = number, next
	}
	return o.readLast(max(o.last, numbers[0]), data, each)
}

// segments are the numbers of the files, which begin with 1 and must not have a gap.
func (o *outbox) segments() ([]int, error) {
	names, err := o.fs.ReadDir(o.dir)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, name := range names {
		digits, isLog := strings.CutSuffix(name, ".log")
		if number, err := strconv.Atoi(digits); isLog && err == nil && segmentName(number) == name {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	for i, number := range numbers {
		if missing := i + 1; number != missing {
			return nil, &DamageError{File: o.path(missing), What: "it is missing, and later files are there"}
		}
	}
	return numbers, nil
}

// readClosed reads a segment that is followed by another one, which says how much of it counts.
func (o *outbox) readClosed(number int, data []byte, end int64, each func(*record) error) error {
	if int64(len(data)) < end {
		return &DamageError{File: o.path(number), Offset: int64(len(data)), What: fmt.Sprintf("it has %d bytes, and had %d", len(data), end)}
	}
	s, err := readSegment(data[:end], each)
	switch {
	case err != nil:
		return o.damage(number, err)
	case s.torn:
		return &DamageError{File: o.path(number), Offset: s.end, What: "a batch cannot be read, and later files are there"}
	case s.number != number:
		return &DamageError{File: o.path(number), What: "it is another file that was renamed"}
	}
	return nil
}

func (o *outbox) readLast(number int, data []byte, each func(*record) error) error {
	s, err := readSegment(data, each)
	if err != nil {
		return o.damage(number, err)
	}
	if err := o.kept(number, s.end); err != nil {
		return err
	}
	switch {
	case s.end == 0 && number == o.first: // the first segment of all was begun in a crash
		if err := o.fs.Remove(o.path(number)); err != nil {
			return err
		}
		return o.begin(number, 0)
	case s.number != number:
		return &DamageError{File: o.path(number), What: "it is another file that was renamed"}
	}
	o.last, o.end = number, s.end
	return o.settle(data[:s.end])
}

func (o *outbox) damage(number int, err error) error {
	if d, ok := errors.AsType[*DamageError](err); ok {
		d.File = o.path(number)
	}
	return err
}

// settle writes the last segment anew. After a crash nobody knows what of it is on disk: an earlier
// fsync may have failed, after which the system takes the lost bytes for written.
func (o *outbox) settle(data []byte) error {
	temp := filepath.Join(o.dir, "new.tmp")
	_ = o.fs.Remove(temp)
	f, err := o.fs.Create(temp)
	if err != nil {
		return err
	}
	err = writeAll(f, data)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = o.fs.Rename(temp, o.path(o.last))
	}
	if err == nil {
		err = o.fs.SyncDir(o.dir)
	}
	if err == nil {
		o.file, err = o.fs.Append(o.path(o.last))
	}
	return err
}

// writeAll writes and syncs.
func writeAll(f file, data []byte) error {
	n, err := f.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = f.Sync()
	}
	return err
}

// begin starts a segment. before is how much counts of the one before it. What lies there under the
// new name was begun before and failed, and holds nothing.
func (o *outbox) begin(number int, before int64) error {
	_ = o.fs.Remove(o.path(number))
	f, err := o.fs.Create(o.path(number))
	if err != nil {
		return err
	}
	err = writeAll(f, segmentLine(number, before))
	if err == nil {
		err = o.fs.SyncDir(o.dir)
	}
	if err != nil {
		_ = f.Close()
		_ = o.fs.Remove(o.path(number))
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last, o.end, o.file = number, int64(segmentHeader), f
	return nil
}

// append writes a batch of records and syncs it. After an error the batch was not acknowledged, and
// the file is not written again: what of it reached the disk cannot be known, and a later fsync
// would not tell. The next append begins a segment that says how much of this one counts.
func (o *outbox) append(body []byte) error {
	if o.file != nil && o.end > int64(segmentHeader) && o.end+int64(len(body)) > o.limit {
		_ = o.file.Close()
		o.file = nil
	}
	if o.file == nil {
		if err := o.begin(o.last+1, o.end); err != nil {
			return err
		}
	}
	if err := writeAll(o.file, append(batchLine(body), body...)); err != nil {
		_ = o.file.Close()
		o.file = nil
		return err
	}
	o.mu.Lock()
	o.end += int64(batchHeader + len(body))
	o.mu.Unlock()
	o.writeMark()
	return nil
}

// read hands over all records that are safe.
func (o *outbox) read(each func(*record) error) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	for number := o.first; number <= o.last; number++ {
		data, err := o.fs.ReadFile(o.path(number))
		if err != nil {
			return err
		}
		end := o.end
		if number < o.last {
			next, err := o.fs.ReadFile(o.path(number + 1))
			if err != nil {
				return err
			}
			_, end, _ = segmentOf(next)
		}
		if err := o.readClosed(number, data, end, each); err != nil {
			return err
		}
	}
	return nil
}

func (o *outbox) close() error {
	if o.mark != nil {
		_ = o.mark.Close()
		o.mark = nil
	}
	if o.file == nil {
		return nil
	}
	err := o.file.Close()
	o.file = nil
	return err
}
