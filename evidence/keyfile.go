package evidence

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dnc-go/dnc"
)

// keysFile has a line for each key that has written to the log: its id, and a check of its secret.
// With another secret under the same id, Find would find nothing, as if there were no decisions.
const keysFile = "keys"

// copied has secrets of its own: the caller may wipe theirs.
func copied(keys []Key) []Key {
	out := slices.Clone(keys)
	for i := range out {
		out[i].Secret = bytes.Clone(out[i].Secret)
	}
	return out
}

// check tells the secrets of keys apart. It is of another kind than the tags of numbers and parties.
func (t *tagger) check() string {
	s := t.borrow()
	defer t.pool.Put(s)
	sum := s.make(append(s.buf[:0], "k"...))
	return hex.EncodeToString(sum[:8])
}

// readKeys reads the checks of a log's keys by their ids. A log may have none.
func readKeys(dir string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, keysFile)) //nolint:gosec // a file of the log
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	checks := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if id, check, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			checks[id] = check
		}
	}
	return checks, nil
}

// differing is an error if the log was written with another secret under the id of one of some keys.
func differing(checks map[string]string, taggers []*tagger) error {
	for _, t := range taggers {
		if c, ok := checks[t.id]; ok && c != t.check() {
			return fmt.Errorf("%w: the log has records of a Key %q with another Secret: give each secret an ID of its own, and the earlier key to WithOldKeys or NewReader", dnc.ErrOption, t.id)
		}
	}
	return nil
}

// noteKeys compares the keys with those of the log, and notes the new one.
func (l *Log) noteKeys() error {
	checks, err := readKeys(l.dir)
	if err != nil {
		return err
	}
	taggers, err := newTaggers(l.keys)
	if err != nil {
		return err
	}
	if err := differing(checks, taggers); err != nil {
		return err
	}
	if _, ok := checks[l.tagger.id]; ok {
		return nil
	}
	checks[l.tagger.id] = l.tagger.check()
	var text bytes.Buffer
	for _, id := range slices.Sorted(maps.Keys(checks)) {
		fmt.Fprintf(&text, "%s %s\n", id, checks[id])
	}
	return replaceFile(l.path(keysFile), text.Bytes())
}

// replaceFile writes a file as a whole: there is never one with half of the text.
func replaceFile(path string, text []byte) error {
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // in the log's directory
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
