package evidence

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Verification is what Verify found in a log that agrees with its checkpoints.
type Verification struct {
	Records     int64
	Decisions   int64    // decisions in the files of the log
	Days        int      // days that have a file
	Removed     []string // days that Log.Remove deleted
	Checkpoints int      // checkpoints that agree with the log
	Newest      Checkpoint
	Unprotected int64 // records after the newest checkpoint: nothing proves that nobody changed them
}

// Verify reads a whole log and compares it with checkpoints, which are one after another in one
// text. Give it the checkpoints that CheckpointConfig.Save stored elsewhere: those in the log's own
// directory prove nothing.
//
// Errors, for errors.Is: ErrDamaged if bytes or the order of records are wrong, ErrMissing if
// records are gone, ErrRewritten if the log differs from a checkpoint, ErrInvalidCheckpoint if a
// checkpoint cannot be read or no verifier accepts its signature, and ErrNoCheckpoint if there is
// no checkpoint. A log that is written meanwhile can look damaged at its end: verify a copy, or try
// again.
func Verify(dir string, checkpoints []byte, verifiers note.Verifiers) (Verification, error) {
	texts, err := splitCheckpoints(checkpoints)
	if err != nil {
		return Verification{}, err
	}
	if len(texts) == 0 {
		return Verification{}, fmt.Errorf("%w: a log that was rewritten as a whole can only be noticed by one", ErrNoCheckpoint)
	}
	v := &verifier{dir: dir}
	for _, text := range texts {
		c, err := openCheckpoint(text, verifiers)
		if err != nil {
			return Verification{}, err
		}
		v.checkpoints = append(v.checkpoints, c)
	}
	slices.SortStableFunc(v.checkpoints, func(a, b Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	for _, c := range v.checkpoints {
		if c.Name != v.checkpoints[0].Name {
			return Verification{}, fmt.Errorf("%w: they are of two logs, %q and %q", ErrInvalidCheckpoint, v.checkpoints[0].Name, c.Name)
		}
	}
	return v.run()
}

type verifier struct {
	dir         string
	checkpoints []Checkpoint // by size
	tree        tree
	result      Verification
	gaps        []event // records without a file
	removed     []event
	stored      hashFile
}

func (v *verifier) run() (Verification, error) {
	all, err := days(v.dir)
	if err != nil {
		return Verification{}, err
	}
	f, err := os.Open(filepath.Join(v.dir, "tree"))
	if err == nil {
		v.stored.f = f
		defer func() { _ = f.Close() }()
	}
	if err := v.compare(); err != nil {
		return Verification{}, err
	}
	for _, day := range all {
		if err := v.day(day); err != nil {
			return Verification{}, err
		}
	}
	if len(v.checkpoints) > 0 {
		c := v.checkpoints[len(v.checkpoints)-1]
		return Verification{}, fmt.Errorf("%w: the log has %d records, and the checkpoint of %s has %d", ErrMissing, v.tree.size, c.Time.Format(time.RFC3339), c.Size)
	}
	for _, gap := range v.gaps {
		if at := v.accounted(gap); at < gap.Next {
			return Verification{}, fmt.Errorf("%w: from %d on, and no record says that they were removed", ErrMissing, at)
		}
	}
	v.result.Records, v.result.Days = v.tree.size, len(all)
	v.result.Unprotected = v.tree.size - v.result.Newest.Size
	return v.result, nil
}

func (v *verifier) day(day string) error {
	f, err := os.Open(filepath.Join(v.dir, day+dayExt)) //nolint:gosec // a file of the log
	if err != nil {
		return err
	}
	h, err := readDayHeader(f, day)
	_ = f.Close()
	if err != nil {
		return err
	}
	if h.first > v.tree.size {
		if err := v.skip(h); err != nil {
			return err
		}
	}
	if h.first != v.tree.size || h.root != v.tree.root() {
		return fmt.Errorf("%w: %s does not follow from what is before it", ErrDamaged, day)
	}
	return scanDay(v.dir, day, func(index int64, record []byte) error {
		l, err := parseLeaf(record)
		if err != nil {
			return fmt.Errorf("record %d: %w", index, err)
		}
		v.result.Decisions += int64(l.decisions())
		if l.event != nil && l.event.Event == "removed" {
			v.removed = append(v.removed, *l.event)
			v.result.Removed = append(v.result.Removed, l.event.Day)
		}
		return v.add(tlog.RecordHash(record))
	})
}

// skip takes the hashes of records whose file is gone from the file tree. Whether they may be gone
// is judged in the end.
func (v *verifier) skip(h dayHeader) error {
	gap := event{First: v.tree.size, Next: h.first}
	if v.stored.f == nil || h.first-v.tree.size > 1<<40 {
		return fmt.Errorf("%w: %d to %d, before %s", ErrMissing, gap.First, gap.Next-1, h.day)
	}
	for i := gap.First; i < gap.Next; i++ {
		leaves, err := v.stored.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		if err != nil {
			return fmt.Errorf("%w: record %d: %w", ErrMissing, i, err)
		}
		if err := v.add(leaves[0]); err != nil {
			return err
		}
	}
	v.gaps = append(v.gaps, gap)
	return nil
}

// accounted is up to where the log says itself that the records of a gap were removed. Several days
// can have left one gap, and each has a record.
func (v *verifier) accounted(gap event) int64 {
	at := gap.First
	for {
		i := slices.IndexFunc(v.removed, func(e event) bool { return e.First == at && e.Next > at && e.Next <= gap.Next })
		if i < 0 {
			return at
		}
		at = v.removed[i].Next
	}
}

func (v *verifier) add(h tlog.Hash) error {
	v.tree.add(h, nil)
	return v.compare()
}

// compare compares the tree with the checkpoints of its size.
func (v *verifier) compare() error {
	for len(v.checkpoints) > 0 && v.checkpoints[0].Size == v.tree.size {
		c := v.checkpoints[0]
		if c.Root != v.tree.root() {
			return fmt.Errorf("%w: its first %d records differ from the checkpoint of %s", ErrRewritten, c.Size, c.Time.Format(time.RFC3339))
		}
		v.result.Checkpoints++
		if c.Size > v.result.Newest.Size || v.result.Newest.Time.Before(c.Time) {
			v.result.Newest = c
		}
		v.checkpoints = v.checkpoints[1:]
	}
	return nil
}
