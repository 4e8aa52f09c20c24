package evidence

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/dnc-go/dnc"
)

// Proof shows that one record is in the log of a checkpoint, without the rest of the log. It has
// the record, and about 32 bytes for each doubling of the log's size. Its JSON can be given to
// others.
type Proof struct {
	Record     int64            `json:"record"`
	Leaf       []byte           `json:"leaf"`       // the record; that of a batch has up to 4,096 decisions
	Position   int              `json:"position"`   // the place of the decision in the record, from 0
	Path       tlog.RecordProof `json:"path"`       // the audit path (RFC 6962, 2.1.1)
	Checkpoint string           `json:"checkpoint"` // the signed checkpoint
}

// Prove makes the proof that an Entry is in the log of a signed checkpoint. The checkpoint must be
// newer than the Entry.
func (r *Reader) Prove(e Entry, checkpoint []byte) (Proof, error) {
	c, err := parseCheckpoint(checkpoint)
	if err != nil {
		return Proof{}, err
	}
	if e.Record >= c.Size {
		return Proof{}, fmt.Errorf("%w: it has %d records, and the entry is record %d: take a later one", ErrInvalidCheckpoint, c.Size, e.Record)
	}
	p := Proof{Record: e.Record, Position: e.Position, Checkpoint: string(checkpoint)}
	day, err := r.dayOf(e.Record)
	if err != nil {
		return Proof{}, err
	}
	err = readDay(r.dir, day, func(index int64, record []byte) error {
		if index != e.Record {
			return nil
		}
		p.Leaf = append([]byte(nil), record...)
		return errStopped
	})
	if err != nil && err != errStopped { //nolint:errorlint // it is handed through as it is
		return Proof{}, err
	}
	if p.Leaf == nil {
		return Proof{}, fmt.Errorf("%w: record %d", ErrMissing, e.Record)
	}
	f, err := os.Open(filepath.Join(r.dir, "tree"))
	if err != nil {
		return Proof{}, err
	}
	defer func() { _ = f.Close() }()
	if p.Path, err = tlog.ProveRecord(c.Size, e.Record, hashFile{f}); err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return p, p.check(c)
}

// dayOf is the day whose file has a record.
func (r *Reader) dayOf(record int64) (string, error) {
	all, err := days(r.dir)
	if err != nil {
		return "", err
	}
	for _, day := range slices.Backward(all) {
		file, h, err := openDay(r.dir, day)
		if err != nil {
			return "", err
		}
		_ = file.Close()
		if h.first <= record {
			return day, nil
		}
	}
	return "", fmt.Errorf("%w: record %d", ErrMissing, record)
}

func (p Proof) check(c Checkpoint) error {
	if err := tlog.CheckRecord(p.Path, c.Size, c.Root, p.Record, tlog.RecordHash(p.Leaf)); err != nil {
		return fmt.Errorf("%w: the record is not in the log of the checkpoint: %w", ErrRewritten, err)
	}
	return nil
}

// Verify checks the proof with the public keys, and checks that its decision is about the number n.
// It does not read the log.
func (p Proof) Verify(verifiers note.Verifiers, n dnc.Number, key Key) (Entry, error) {
	c, err := openCheckpoint([]byte(p.Checkpoint), verifiers)
	if err != nil {
		return Entry{}, err
	}
	if err := p.check(c); err != nil {
		return Entry{}, err
	}
	t, err := newTagger(key)
	if err != nil {
		return Entry{}, err
	}
	l, err := parseLeaf(p.Leaf)
	if err != nil || p.Position < 0 || p.Position >= l.decisions() {
		return Entry{}, fmt.Errorf("%w: the record has no decision %d", ErrDamaged, p.Position)
	}
	if l.header.Key != key.ID || tag(l.body[p.Position*l.width:][:tagSize]) != t.borrow().number(n) {
		return Entry{}, fmt.Errorf("%w: the decision is about another number, or was recorded with another key", ErrMissing)
	}
	return l.entry(p.Record, p.Position, n), nil
}
