package evidence

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/dirlock"
)

// Open opens the log in a directory for writing, and makes the directory if it is missing. key
// hides the numbers of new records. Errors about an argument wrap dnc.ErrOption.
//
// It checks the newest day's file and the newest checkpoint of the directory. If a crash left the
// last write unfinished, no caller has got a decision of it: Open moves it to a file *.torn, and
// records that. If anything before is damaged, the error is ErrDamaged, and if the log is shorter
// than it was, ErrMissing. Then keep the directory as it is, and begin a new one. If another Log
// has the directory open, the error is ErrLocked.
func Open(dir string, key Key, checkpoints CheckpointConfig, opts ...Option) (*Log, error) {
	l := &Log{dir: dir, checkpoints: checkpoints, open: newGroup(), wake: make(chan struct{}, 1), stop: make(chan struct{})}
	l.config = config{clock: time.Now, retention: minRetention, syncFile: func(f syncer) error { return f.Sync() }}
	if err := l.configure(key, opts); err != nil {
		return nil, err
	}
	var err error
	if l.dir, err = filepath.Abs(dir); err != nil { // the process may change its directory
		return nil, err
	}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return nil, err
	}
	if l.lock, err = dirlock.Acquire(l.dir); err != nil {
		if errors.Is(err, dirlock.ErrLocked) {
			err = fmt.Errorf("%w: give each process a directory of its own: %w", ErrLocked, err)
		}
		return nil, err
	}
	if err := l.noteKeys(); err != nil {
		_ = l.lock.Unlock()
		return nil, err
	}
	if err := l.recover(); err != nil {
		l.closeFiles()
		return nil, err
	}
	l.finished.Go(l.write)
	l.finished.Go(l.saveRegularly)
	return l, nil
}

func (l *Log) configure(key Key, opts []Option) error {
	switch c := &l.checkpoints; {
	case l.dir == "":
		return fmt.Errorf("%w: no directory is named: Open needs the path of one", dnc.ErrOption)
	case c.Signer == nil:
		return fmt.Errorf("%w: CheckpointConfig has no Signer: note.NewSigner makes one", dnc.ErrOption)
	case c.Save == nil:
		return fmt.Errorf("%w: CheckpointConfig has no Save: without saved checkpoints nobody notices a log that was rewritten", dnc.ErrOption)
	case c.Every < 0:
		return fmt.Errorf("%w: CheckpointConfig.Every is below 0", dnc.ErrOption)
	case c.Every == 0:
		c.Every = time.Minute
	}
	for _, o := range opts {
		if o == nil {
			return fmt.Errorf("%w: an Option is nil", dnc.ErrOption)
		}
		if err := o(&l.config); err != nil {
			return err
		}
	}
	l.name = l.checkpoints.Signer.Name()
	l.keys = copied(append([]Key{key}, l.old...))
	taggers, err := newTaggers(l.keys)
	if err != nil {
		return err
	}
	l.tagger = taggers[0]
	return nil
}

// recover reads what is needed of the files: the newest day, and the edge of the tree.
func (l *Log) recover() error {
	var err error
	if l.mark, err = os.OpenFile(l.path("acknowledged"), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	if l.hashes.f, err = os.OpenFile(l.path("tree"), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	all, err := days(l.dir)
	if err != nil {
		return err
	}
	markDay, markSize, err := readMark(l.dir)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		if markDay != "" {
			return fmt.Errorf("%w: the file of %s is gone", ErrMissing, markDay)
		}
		return l.checkOwn()
	}
	begin, err := l.rebuildFrom(all)
	if err != nil {
		return err
	}
	var cut *event
	for i, day := range all[begin:] {
		if cut, err = l.rebuildDay(day, begin+i == len(all)-1, markDay, markSize); err != nil {
			return err
		}
	}
	if markDay > l.day {
		return fmt.Errorf("%w: the file of %s is gone", ErrMissing, markDay)
	}
	if err := l.hashes.f.Truncate(tlog.StoredHashCount(l.tree.size) * tlog.HashSize); err != nil {
		return err
	}
	if err := l.checkOwn(); err != nil {
		return err
	}
	if cut == nil {
		return nil
	}
	l.log().Warn("evidence: a write that was never acknowledged was cut off", "day", cut.Day, "bytes", cut.Bytes)
	return l.recordEvent(*cut)
}

// recordEvent records an event of the log itself. The caller holds files, or is Open.
func (l *Log) recordEvent(e event) error {
	e.Time = l.clock().UTC()
	leaf, err := encodeEvent(e)
	if err != nil {
		return err
	}
	return l.commit([][]byte{leaf})
}

// rebuildFrom is the first day whose hashes are computed anew, the newest if possible, and sets the
// tree to what it was before.
func (l *Log) rebuildFrom(all []string) (int, error) {
	info, err := l.hashes.f.Stat()
	if err != nil {
		return 0, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		h, err := l.headerOf(all[i])
		if err != nil {
			return 0, err
		}
		if tlog.StoredHashCount(h.first)*tlog.HashSize > info.Size() {
			continue
		}
		t, err := treeAt(h.first, l.hashes)
		if err != nil {
			return 0, err
		}
		if t.root() != h.root {
			continue // the hashes were not written whole: an older day has them
		}
		l.tree = *t
		return i, nil
	}
	return 0, fmt.Errorf("%w: the file tree does not have the hashes of the records before %s", ErrDamaged, all[0])
}

func (l *Log) headerOf(day string) (dayHeader, error) {
	f, err := os.Open(l.path(day + dayExt))
	if err != nil {
		return dayHeader{}, err
	}
	defer func() { _ = f.Close() }()
	return readDayHeader(f, day)
}

// rebuildDay reads a day, writes its hashes, and cuts off an unfinished last write of the newest.
func (l *Log) rebuildDay(day string, newest bool, markDay string, markSize int64) (*event, error) {
	f, err := os.OpenFile(l.path(day+dayExt), os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if l.file != nil {
		_ = l.file.Close()
	}
	l.day, l.file = day, f
	h, err := readDayHeader(f, day)
	if err != nil {
		return nil, err
	}
	if h.first != l.tree.size || h.root != l.tree.root() {
		return nil, fmt.Errorf("%w: %s does not follow from the day before it", ErrDamaged, day)
	}
	first, stored := l.tree.size, []tlog.Hash(nil)
	end, err := scan(f, h.size, l.tree.size, func(_ int64, record []byte) error {
		stored = l.tree.add(tlog.RecordHash(record), stored)
		return nil
	})
	if err != nil && !errors.Is(err, errFrame) {
		return nil, err
	}
	if writeErr := l.hashes.write(first, stored); writeErr != nil {
		return nil, writeErr
	}
	l.size = end
	if day == markDay && end < markSize {
		return nil, fmt.Errorf("%w: %s is sound up to byte %d, and was acknowledged up to %d", ErrDamaged, day, end, markSize)
	}
	if err == nil {
		return nil, nil
	}
	if acknowledged, scanErr := acknowledgedAfter(f, end); scanErr != nil {
		return nil, scanErr
	} else if acknowledged || !newest {
		return nil, fmt.Errorf("%w: %s at byte %d: %w", ErrDamaged, day, end, err)
	}
	return l.cut()
}

// cut removes what is behind the sound end of the newest file, and keeps it beside it.
func (l *Log) cut() (*event, error) {
	info, err := l.file.Stat()
	if err != nil {
		return nil, err
	}
	e := &event{Event: "cut", Day: l.day, First: l.tree.size, Offset: l.size, Bytes: info.Size() - l.size}
	keep, err := os.OpenFile(l.path(fmt.Sprintf("%s-%d.torn", l.day, l.size)), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(keep, io.NewSectionReader(l.file, l.size, e.Bytes))
	if err = errors.Join(err, keep.Sync(), keep.Close()); err != nil {
		return nil, err
	}
	if err := l.file.Truncate(l.size); err != nil {
		return nil, err
	}
	return e, l.file.Sync()
}

// readMark reads up to where the newest file was acknowledged. A new directory has none.
func readMark(dir string) (day string, size int64, err error) {
	b, err := os.ReadFile(filepath.Join(dir, "acknowledged")) //nolint:gosec // a file of the log
	if errors.Is(err, os.ErrNotExist) || err == nil && len(b) == 0 {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, err
	}
	day, text, ok := strings.Cut(strings.TrimSpace(string(b[:min(len(b), 64)])), " ")
	size, err = strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if _, bad := time.Parse(time.DateOnly, day); !ok || err != nil || bad != nil {
		return "", 0, fmt.Errorf("%w: the file acknowledged cannot be read", ErrDamaged)
	}
	return day, size, nil
}

// checkOwn compares the log with the newest checkpoint in its directory. It does not count as saved:
// the process may have ended, or Save failed, between the two. So the first checkpoint after Open is
// saved in any case.
func (l *Log) checkOwn() error {
	text, err := os.ReadFile(filepath.Join(l.dir, checkpointsFile))
	if errors.Is(err, os.ErrNotExist) || err == nil && len(text) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if whole := wholeCheckpoints(text); whole < len(text) {
		l.log().Warn("evidence: a checkpoint that was not written whole was cut off", "bytes", len(text)-whole)
		if err := os.Truncate(l.path(checkpointsFile), int64(whole)); err != nil {
			return err
		}
		text = text[:whole]
	}
	all, err := splitCheckpoints(text)
	if err != nil {
		return err
	}
	newest := Checkpoint{Size: -1}
	for _, one := range all {
		if c, err := parseCheckpoint(one); err == nil && c.Size > newest.Size {
			newest = c
		}
	}
	switch {
	case newest.Size < 0:
		return nil
	case newest.Size > l.tree.size:
		return fmt.Errorf("%w: the log has %d records, and the checkpoint of %s has %d", ErrMissing, l.tree.size, newest.Time.Format(time.RFC3339), newest.Size)
	}
	t, err := treeAt(newest.Size, l.hashes)
	if err != nil {
		return err
	}
	if t.root() != newest.Root {
		return fmt.Errorf("%w: the first %d records differ from the checkpoint of %s", ErrRewritten, newest.Size, newest.Time.Format(time.RFC3339))
	}
	return nil
}

// library is the version of this module, as the program was built with it.
var library = func() string {
	const path = "github.com/dnc-go/dnc"
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if b.Main.Path == path {
		return b.Main.Version
	}
	for _, m := range b.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return "unknown"
}()
