package evidence

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const checkpointsFile = "checkpoints"

var signatureMark = []byte("\u2014 ") // begins the line of a signature

// Checkpoint is the state of a log at a time. A signed checkpoint is a text in the format of other
// transparency logs (c2sp.org/tlog-checkpoint): the log's name, the size, the root in base64, the
// time, an empty line, and the signatures.
type Checkpoint struct {
	Name string // the name of the log, which is that of its signer
	Size int64  // how many records it has
	Root tlog.Hash
	Time time.Time // UTC
}

func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n%s\n", c.Name, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), c.Time.UTC().Format(time.RFC3339Nano))
}

// openCheckpoint reads a signed checkpoint. The error is ErrInvalidCheckpoint if no verifier
// accepts a signature, or if the signature is of another log than the checkpoint names.
func openCheckpoint(signed []byte, verifiers note.Verifiers) (Checkpoint, error) {
	if verifiers == nil {
		return Checkpoint{}, fmt.Errorf("%w: there are no verifiers: note.NewVerifier makes one of the public key", ErrInvalidCheckpoint)
	}
	n, err := note.Open(signed, verifiers)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrInvalidCheckpoint, err)
	}
	c, err := parseCheckpoint([]byte(n.Text))
	if err != nil {
		return Checkpoint{}, err
	}
	for _, s := range n.Sigs {
		if s.Name == c.Name {
			return c, nil
		}
	}
	return Checkpoint{}, fmt.Errorf("%w: it is of the log %q and signed by another", ErrInvalidCheckpoint, c.Name)
}

// parseCheckpoint reads the text of a checkpoint, with or without signatures.
func parseCheckpoint(text []byte) (Checkpoint, error) {
	lines := strings.SplitN(string(text), "\n", 5)
	if len(lines) < 5 || lines[0] == "" {
		return Checkpoint{}, fmt.Errorf("%w: it has fewer lines than a checkpoint", ErrInvalidCheckpoint)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, rootErr := base64.StdEncoding.DecodeString(lines[2])
	at, timeErr := time.Parse(time.RFC3339Nano, lines[3])
	if err = errors.Join(err, rootErr, timeErr); err != nil || size < 0 || len(root) != tlog.HashSize {
		return Checkpoint{}, fmt.Errorf("%w: its size, root or time cannot be read", ErrInvalidCheckpoint)
	}
	return Checkpoint{lines[0], size, tlog.Hash(root), at.UTC()}, nil
}

// splitCheckpoints cuts a text of signed checkpoints, one after another, into each.
func splitCheckpoints(text []byte) (all [][]byte, err error) {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	var one []byte
	signatures := false
	for line := range bytes.Lines(text) {
		signature := bytes.HasPrefix(line, signatureMark)
		switch {
		case signatures && !signature: // the next one begins, or there are blank lines between
			all = append(all, one)
			one, signatures = nil, false
			fallthrough
		case len(one) == 0:
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
		}
		if signature {
			signatures = true
			if line[len(line)-1] != '\n' {
				line = append(bytes.Clone(line), '\n')
			}
		}
		one = append(one, line...)
	}
	if signatures {
		return append(all, one), nil
	}
	if len(one) > 0 {
		return nil, fmt.Errorf("%w: the last one has no signature", ErrInvalidCheckpoint)
	}
	return all, nil
}

// Checkpoint makes a checkpoint of all records now, and saves it.
func (l *Log) Checkpoint(ctx context.Context) (Checkpoint, error) {
	if l == nil || l.open == nil {
		return Checkpoint{}, errZero
	}
	c, err := l.save(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.saveErr = err
		return Checkpoint{}, err
	}
	l.saved, l.saveErr = c, nil
	return c, nil
}

func (l *Log) save(ctx context.Context) (Checkpoint, error) {
	l.files.Lock()
	c := Checkpoint{l.name, l.tree.size, l.tree.root(), l.clock().UTC()}
	l.files.Unlock()
	signed, err := guarded(ctx, func() ([]byte, error) {
		return note.Sign(&note.Note{Text: c.text()}, l.checkpoints.Signer)
	})
	if err != nil {
		return c, fmt.Errorf("evidence: sign a checkpoint: %w", err)
	}
	if err := l.keepCheckpoint(signed); err != nil {
		return c, fmt.Errorf("evidence: keep a checkpoint: %w", err)
	}
	_, err = guarded(ctx, func() ([]byte, error) { return nil, l.checkpoints.Save(ctx, bytes.Clone(signed)) })
	if err != nil {
		return c, fmt.Errorf("evidence: save a checkpoint: %w", err)
	}
	return c, nil
}

// guarded calls a function of the user's. Its panic is an error, and if it does not return within a
// second of the end of ctx, it is left behind.
func guarded(ctx context.Context, call func() ([]byte, error)) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: errors.New("it ended its goroutine")}
		defer func() {
			if p := recover(); p != nil {
				r = result{err: fmt.Errorf("it panicked with a %T", p)}
			}
			done <- r
		}()
		r.text, r.err = call()
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(leaveAfter)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.text, r.err
	case <-timer.C:
		return nil, fmt.Errorf("it did not return when its context ended: %w", context.Cause(ctx))
	}
}

const leaveAfter = time.Second

// keepCheckpoint appends a checkpoint to those in the directory. After an error nothing of it is
// left there.
func (l *Log) keepCheckpoint(signed []byte) error {
	l.keeping.Lock()
	defer l.keeping.Unlock()
	f, err := os.OpenFile(l.path(checkpointsFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		if _, err = f.Write(signed); err == nil {
			err = f.Sync()
		}
		if err != nil {
			err = errors.Join(err, f.Truncate(info.Size()))
		}
	}
	return errors.Join(err, f.Close())
}

// wholeCheckpoints is how much of a text is whole checkpoints. What is behind them is a write that a
// crash or a full disk has cut.
func wholeCheckpoints(text []byte) int {
	end := 0
	for at := 0; at < len(text); {
		n := bytes.IndexByte(text[at:], '\n') + 1
		if n == 0 {
			break
		}
		if bytes.HasPrefix(text[at:], signatureMark) {
			end = at + n
		}
		at += n
	}
	return end
}

// saveNew makes a checkpoint if there is something that none has.
func (l *Log) saveNew(ctx context.Context) error {
	l.files.Lock()
	size := l.tree.size
	l.files.Unlock()
	l.mu.Lock()
	saved := l.saved
	l.mu.Unlock()
	if saved.Size == size && !saved.Time.IsZero() {
		return nil
	}
	_, err := l.Checkpoint(ctx)
	return err
}

// saveRegularly makes checkpoints until the log is closed.
func (l *Log) saveRegularly() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ticker := time.NewTicker(l.checkpoints.Every)
	defer ticker.Stop()
	go func() { // a Save that hangs ends with the log
		select {
		case <-l.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	failed := false
	for {
		select {
		case <-l.stop:
			return
		case <-ticker.C:
		}
		err := l.saveNew(ctx)
		if ctx.Err() != nil {
			return
		}
		switch {
		case err != nil && !failed:
			l.log().Warn("evidence: a checkpoint was not saved", "error", err)
		case err == nil && failed:
			l.log().Info("evidence: checkpoints are saved again")
		}
		failed = err != nil
	}
}
