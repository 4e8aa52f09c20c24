package optout

import (
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	errFull = errors.New("no space left on device")
	errDisk = errors.New("input/output error")
)

// faultyFiles are files in memory. A crash keeps what was synced, and of the rest a random part or
// sectors of zeros, as a power cut does.
type faultyFiles struct {
	mu      sync.Mutex
	files   map[string]*faultyFile
	synced  map[string]*faultyFile // the names that a crash leaves
	space   int                    // bytes that can still be written; -1: no limit
	badSync bool                   // fsync fails, and loses what it should have written
	syncs   int
	hold    chan struct{} // if set, fsync waits for it
}

type faultyFile struct {
	of   *faultyFiles
	data []byte
	safe int // how much of data is on disk

	mark, before []byte // what was written over, and what was there before
}

func newFaultyFiles() *faultyFiles {
	return &faultyFiles{files: make(map[string]*faultyFile), synced: make(map[string]*faultyFile), space: -1}
}

// set changes what goes wrong from now on.
func (f *faultyFiles) set(change func(*faultyFiles)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *faultyFiles) ReadDir(string) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for path := range f.files {
		names = append(names, path)
	}
	return names, nil
}

func (f *faultyFiles) ReadFile(path string) ([]byte, error) {
	path = filepath.Base(path)
	f.mu.Lock()
	defer f.mu.Unlock()
	file, ok := f.files[path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return append([]byte(nil), file.data...), nil
}

func (f *faultyFiles) Create(path string) (file, error) {
	path = filepath.Base(path)
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.files[path]; ok {
		return nil, fs.ErrExist
	}
	f.files[path] = &faultyFile{of: f}
	return f.files[path], nil
}

func (f *faultyFiles) Append(path string) (file, error) {
	path = filepath.Base(path)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.files[path], nil
}

func (f *faultyFiles) Mark(path string) (markFile, error) {
	path = filepath.Base(path)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.files[path] == nil {
		f.files[path] = &faultyFile{of: f}
	}
	return f.files[path], nil
}

func (f *faultyFile) WriteAt(b []byte, _ int64) (int, error) {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	f.before, f.data = f.data, append([]byte(nil), b...)
	f.mark = f.data
	return len(b), nil
}

func (f *faultyFiles) Rename(from, to string) error {
	from, to = filepath.Base(from), filepath.Base(to)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files[to] = f.files[from]
	delete(f.files, from)
	return nil
}

func (f *faultyFiles) Remove(path string) error {
	path = filepath.Base(path)
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.files, path)
	return nil
}

func (f *faultyFiles) SyncDir(string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.synced = make(map[string]*faultyFile)
	maps.Copy(f.synced, f.files)
	return nil
}

func (f *faultyFile) Write(b []byte) (int, error) {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	if s := f.of.space; s >= 0 && len(b) > s {
		f.data = append(f.data, b[:s]...)
		f.of.space = 0
		return s, errFull
	} else if s >= 0 {
		f.of.space -= len(b)
	}
	f.data = append(f.data, b...)
	return len(b), nil
}

func (f *faultyFile) Sync() error {
	f.of.mu.Lock()
	hold := f.of.hold
	f.of.mu.Unlock()
	if hold != nil {
		<-hold
	}
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	f.of.syncs++
	if f.of.badSync {
		return errDisk
	}
	f.safe = len(f.data)
	return nil
}

func (f *faultyFile) Close() error { return nil }

// crash is what a power cut leaves.
func (f *faultyFiles) crash(r *rand.Rand) *faultyFiles {
	f.mu.Lock()
	defer f.mu.Unlock()
	after := newFaultyFiles()
	for path, file := range f.synced {
		if file.mark != nil { // the last write of it is there, or not
			data := [][]byte{file.mark, file.before, {}}[r.IntN(3)]
			after.files[path] = &faultyFile{of: after, data: data, mark: data}
			after.synced[path] = after.files[path]
			continue
		}
		data := append([]byte(nil), file.data[:file.safe]...)
		if rest := len(file.data) - file.safe; rest > 0 {
			data = append(data, file.data[file.safe:file.safe+r.IntN(rest+1)]...)
			if r.IntN(2) == 0 { // the size is there, and not all sectors
				data = append([]byte(nil), file.data...)
				for at := file.safe; at < len(data); at = (at/sector + 1) * sector {
					if r.IntN(2) == 0 {
						clear(data[at:min((at/sector+1)*sector, len(data))])
					}
				}
			}
		}
		copied := &faultyFile{of: after, data: data, safe: len(data)}
		after.files[path], after.synced[path] = copied, copied
	}
	return after
}

func withFiles(f fileSystem) Option { return func(c *config) error { c.fs = f; return nil } }

func withSegment(bytes int64) Option { return func(c *config) error { c.segment = bytes; return nil } }

// TestACrashLosesNothingThatWasAcknowledged cuts the power at random moments of intake: also while a
// batch is being written, and when segments end.
func TestACrashLosesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	disk := newFaultyFiles()
	acked := make(map[int]bool)
	next := 0
	for range 150 {
		in := open(t, t.TempDir(), withFiles(disk), withSegment(2000))
		for i := range acked {
			blocked, _ := in.state.status(number(i))
			require.True(t, blocked, "opt-out %d is lost", i)
		}
		for range r.IntN(6) {
			add(t, in, next, strconv.Itoa(next))
			acked[next] = true
			next++
		}
		hold := make(chan struct{})
		disk.set(func(d *faultyFiles) { d.hold = hold })
		var wg sync.WaitGroup
		for range 4 { // under way when the power is cut
			i := next
			next++
			wg.Go(func() {
				_, _ = in.Add(t.Context(), Request{Number: number(i), Source: "test", SourceID: strconv.Itoa(i)})
			})
		}
		for range r.IntN(2000) { // until some of it is written, or nothing
			runtime.Gosched()
		}
		after := disk.crash(r)
		close(hold)
		wg.Wait()
		require.NoError(t, in.Close())
		disk = after
	}
	assert.Greater(t, len(disk.files), 3, "there were several segments")
}

func TestADiskThatIsFullAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	disk := newFaultyFiles()
	dir := t.TempDir()
	in := open(t, dir, withFiles(disk))
	add(t, in, 1, "a")
	for _, space := range []int{0, 1, 40, 150} { // nothing, or a part of the batch
		disk.set(func(d *faultyFiles) { d.space = space })
		_, err := in.Add(t.Context(), Request{Number: number(2), Source: "test", SourceID: "b"})
		require.ErrorIs(t, err, ErrNotStored)
		require.ErrorIs(t, err, errFull)
		assert.NotRegexp(t, canary, err.Error())
		mustBlock(t, in, 4, 1, 2) // in doubt it is blocked
		same := open(t, t.TempDir(), withFiles(disk.crash(rand.New(rand.NewPCG(3, 4)))))
		require.NoError(t, same.Close()) // it can be read
	}
	disk.set(func(d *faultyFiles) { d.space = -1 })
	r := add(t, in, 2, "b")
	assert.False(t, r.Duplicate)
	add(t, in, 3, "c")
	require.NoError(t, in.Close())
	in = open(t, dir, withFiles(disk.crash(rand.New(rand.NewPCG(5, 6)))))
	mustBlock(t, in, 5, 1, 2, 3)
}

// An opt-out that could not be stored blocks its number in this process, whatever else arrives.
func TestAnOldEventFreesNoNumberWhoseOptOutCouldNotBeStored(t *testing.T) {
	t.Parallel()
	disk := newFaultyFiles()
	in := open(t, t.TempDir(), withFiles(disk))
	old := Request{Number: number(1), Source: "test", SourceID: "a", At: time.Now().Add(-time.Hour)}
	_, err := in.Add(t.Context(), old)
	require.NoError(t, err)
	_, err = in.Withdraw(t.Context(), number(1), by)
	require.NoError(t, err)
	disk.set(func(d *faultyFiles) { d.space = 0 })
	_, err = in.Add(t.Context(), Request{Number: number(1), Source: "test", SourceID: "b"})
	require.ErrorIs(t, err, ErrNotStored)
	disk.set(func(d *faultyFiles) { d.space = -1 })
	r, err := in.Add(t.Context(), old)
	require.NoError(t, err)
	assert.True(t, r.Duplicate)
	mustBlock(t, in, 3, 1)
}

// A withdrawal ends what was before it. An opt-out that is being written then comes after it: its
// number is never free, also not if the opt-out cannot be stored.
func TestAWithdrawalFreesNoNumberWhoseOptOutIsBeingWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		disk := newFaultyFiles()
		in := open(t, t.TempDir(), withFiles(disk))
		add(t, in, 1, "a")
		withdrawal, optOut := make(chan struct{}), make(chan struct{})
		disk.set(func(d *faultyFiles) { d.hold = withdrawal })
		errs := make(chan error, 2)
		go func() {
			_, err := in.Withdraw(t.Context(), number(1), by)
			errs <- err
		}()
		synctest.Wait() // it is at its fsync
		go func() {
			_, err := in.Add(t.Context(), Request{Number: number(1), Source: "test", SourceID: "b"})
			errs <- err
		}()
		synctest.Wait()
		disk.set(func(d *faultyFiles) { d.hold = optOut })
		close(withdrawal)
		require.NoError(t, <-errs)
		synctest.Wait() // now the opt-out is at its fsync
		mustBlock(t, in, 3, 1)
		disk.set(func(d *faultyFiles) { d.badSync = true })
		close(optOut)
		require.ErrorIs(t, <-errs, ErrNotStored)
		mustBlock(t, in, 3, 1)
		disk.set(func(d *faultyFiles) { d.badSync, d.hold = false, nil })
		_, err := in.Withdraw(t.Context(), number(1), by)
		require.NoError(t, err)
		mustBlock(t, in, 3)
		require.NoError(t, in.Close())
	})
}

// TestAFileWhoseSyncFailedIsNotTrusted: the system forgets the failure, and a later fsync of the file
// would succeed although its bytes are lost.
func TestAFileWhoseSyncFailedIsNotTrusted(t *testing.T) {
	t.Parallel()
	disk := newFaultyFiles()
	dir := t.TempDir()
	in := open(t, dir, withFiles(disk))
	add(t, in, 1, "a")
	disk.set(func(d *faultyFiles) { d.badSync = true })
	_, err := in.Add(t.Context(), Request{Number: number(2), Source: "test", SourceID: "b"})
	require.ErrorIs(t, err, ErrNotStored)
	require.ErrorIs(t, err, errDisk)
	disk.set(func(d *faultyFiles) { d.badSync = false })
	add(t, in, 3, "c")
	_, exists := disk.files[segmentName(2)]
	assert.True(t, exists, "a new file is begun")
	require.NoError(t, in.Close())
	in = open(t, dir, withFiles(disk))
	mustBlock(t, in, 5, 1, 3) // what was not acknowledged does not count
}
