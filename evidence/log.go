package evidence

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/dnc-go/dnc/internal/dirlock"
)

// Log is a log of decisions that is open for writing. Open opens it, and Close must be called at
// the end. It is safe for concurrent use.
type Log struct {
	config
	dir         string
	name        string // that of the Signer
	tagger      *tagger
	keys        []Key
	checkpoints CheckpointConfig
	lock        *dirlock.Lock

	mu       sync.Mutex
	open     *group // collects the records of the next commit
	closed   bool
	lost     int64 // decisions that were not recorded
	saved    Checkpoint
	saveErr  error
	failing  bool // a warning was logged, and nothing was recorded since
	wake     chan struct{}
	stop     chan struct{}
	finished sync.WaitGroup
	closing  sync.Once
	closeErr error
	keeping  sync.Mutex // held while the file of checkpoints changes

	files  sync.Mutex // held while files change
	broken error      // why nothing can be written any more
	day    string     // of the newest file
	file   *os.File
	size   int64 // of the newest file, all of it acknowledged
	mark   *os.File
	hashes hashFile
	tree   tree
	buf    []byte
}

// group is the records of one commit: one write and one fsync for everybody who waits.
type group struct {
	leaves [][]byte
	done   chan struct{} // closed when err is set
	err    error
}

func newGroup() *group { return &group{done: make(chan struct{})} }

// Status is the state of a Log.
type Status struct {
	Records    int64      // how many records it has
	Lost       int64      // decisions that could not be recorded, since Open
	Checkpoint Checkpoint // the newest checkpoint that this Log has saved; the zero Checkpoint before the first
	SaveError  error      // why the last checkpoint could not be saved; nil if it was saved
	Error      error      // why the log can record nothing any more; nil if it can
}

// Status returns the state of the log.
func (l *Log) Status() Status {
	if l == nil || l.open == nil {
		return Status{Error: errZero}
	}
	l.files.Lock()
	s := Status{Records: l.tree.size, Error: l.broken}
	l.files.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	s.Lost, s.Checkpoint, s.SaveError = l.lost, l.saved, l.saveErr
	if l.closed {
		s.Error = ErrClosed
	}
	return s
}

// Reader returns a Reader of the log. It can be used while the log is written, and after Close.
func (l *Log) Reader() *Reader {
	if l == nil || l.open == nil {
		return &Reader{}
	}
	return &Reader{dir: l.dir, keys: l.keys}
}

var errZero = errors.New("evidence: this Log was not made by Open")

// append records leaves, and returns when they are on the disk. They may be there also beside the
// error of a context that ended.
func (l *Log) append(ctx context.Context, leaves [][]byte) error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	g := l.open
	g.leaves = append(g.leaves, leaves...)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default: // the writer will look already
	}
	select {
	case <-g.done:
		return g.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write commits groups until the log is closed, and what is left then.
func (l *Log) write() {
	for {
		select {
		case <-l.wake:
			l.commitOpen()
		case <-l.stop:
			l.commitOpen()
			return
		}
	}
}

func (l *Log) commitOpen() {
	l.mu.Lock()
	g := l.open
	l.open = newGroup()
	l.mu.Unlock()
	if len(g.leaves) > 0 {
		l.files.Lock()
		g.err = l.commit(g.leaves)
		l.files.Unlock()
		l.report(g.err)
	}
	close(g.done)
}

// report logs when recording begins to fail, and when it works again.
func (l *Log) report(err error) {
	l.mu.Lock()
	begin, end := err != nil && !l.failing, err == nil && l.failing
	l.failing = err != nil
	l.mu.Unlock()
	switch {
	case begin:
		l.log().Warn("evidence: decisions cannot be recorded", "error", err)
	case end:
		l.log().Info("evidence: decisions are recorded again")
	}
}

func (l *Log) log() *slog.Logger {
	if l.logger != nil {
		return l.logger
	}
	return slog.Default()
}

// commit writes records and syncs them. After an error nothing of them counts as written. The
// caller holds files.
func (l *Log) commit(leaves [][]byte) error {
	if l.broken != nil {
		return l.broken
	}
	if err := l.rotate(); err != nil {
		return err
	}
	next, stored := l.tree, make([]tlog.Hash, 0, 2*len(leaves))
	for _, leaf := range leaves {
		stored = next.add(tlog.RecordHash(leaf), stored)
	}
	// The hashes go first: without their records they count for nothing and are written over, so a disk
	// that is full here has done no harm.
	if err := l.hashes.write(l.tree.size, stored); err != nil {
		return fmt.Errorf("evidence: write: %w", err)
	}
	l.buf = appendFrames(l.buf[:0], l.size, l.tree.size, leaves)
	if _, err := l.file.WriteAt(l.buf, l.size); err != nil {
		// What was written is cut off again: a full disk is not the end of the log.
		if cut := l.file.Truncate(l.size); cut != nil {
			return l.fail(errors.Join(err, cut))
		}
		return fmt.Errorf("evidence: write: %w", err)
	}
	if l.afterWrites != nil {
		l.afterWrites()
	}
	if err := l.syncFile(l.file); err != nil {
		// After a failed fsync nobody knows what is on the disk, and a second one may say yes to nothing.
		return l.fail(err)
	}
	if err := l.inPlace(); err != nil {
		return l.fail(err)
	}
	l.size += int64(len(l.buf))
	if err := l.writeMark(); err != nil {
		return l.fail(err)
	}
	l.tree = next
	if cap(l.buf) > 4<<20 {
		l.buf = nil
	}
	return nil
}

// inPlace is an error if a file was removed or replaced: after a restart what was written to it is not
// there.
func (l *Log) inPlace() error {
	return errors.Join(dirlock.InPlace(l.file, l.path(l.day+dayExt)), dirlock.InPlace(l.hashes.f, l.path("tree")),
		dirlock.InPlace(l.mark, l.path("acknowledged")))
}

func (l *Log) fail(err error) error {
	l.broken = fmt.Errorf("evidence: the log cannot be written any more: repair the disk, then close the log and open it again: %w", err)
	return l.broken
}

// rotate begins the file of a new day. When the clock goes back, the newest day's file is written
// on.
func (l *Log) rotate() error {
	today := l.clock().UTC().Format(time.DateOnly)
	if today <= l.day {
		return nil
	}
	if l.file != nil {
		if err := l.syncFile(l.hashes.f); err != nil { // Open rebuilds the hashes of the newest day alone
			return l.fail(err)
		}
	}
	f, size, err := createDay(l.dir, today, l.tree)
	if err != nil {
		return err
	}
	if l.file != nil {
		_ = l.file.Close()
	}
	l.day, l.file, l.size = today, f, size
	return l.writeMark()
}

// writeMark notes up to where the newest file is acknowledged. It is not synced: what it adds is
// for a process that was killed, and the kernel keeps it then.
func (l *Log) writeMark() error {
	_, err := l.mark.WriteAt(fmt.Appendf(nil, "%s %20d\n", l.day, l.size), 0)
	return err
}

// Close writes the waiting records, makes a last checkpoint, and releases the directory. It waits
// at most ten seconds for Signer and Save, also if Save does not return when its context ends. The
// error says which of these failed.
func (l *Log) Close() error {
	if l == nil || l.open == nil {
		return errZero
	}
	l.closing.Do(func() {
		l.mu.Lock()
		l.closed = true
		l.mu.Unlock()
		close(l.stop)
		l.finished.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		l.closeErr = l.saveNew(ctx)
		l.files.Lock()
		defer l.files.Unlock()
		if l.broken == nil {
			l.closeErr = errors.Join(l.closeErr, l.hashes.f.Sync())
		}
		l.closeFiles()
		l.broken = ErrClosed
	})
	return l.closeErr
}

const closeTimeout = 10*time.Second - 2*leaveAfter // a checkpoint that was being made is left behind before

func (l *Log) closeFiles() {
	for _, f := range []*os.File{l.file, l.mark, l.hashes.f} {
		if f != nil {
			_ = f.Close()
		}
	}
	_ = l.lock.Unlock()
}

func (l *Log) path(name string) string { return filepath.Join(l.dir, name) }
