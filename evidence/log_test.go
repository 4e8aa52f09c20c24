package evidence

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
)

func TestMain(m *testing.M) {
	if os.Getenv(childDir) != "" { // see TestKilledUnderLoad
		runChild()
		return
	}
	goleak.VerifyTestMain(m)
}

var (
	ctx  = context.Background()
	noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	key  = Key{ID: "2026", Secret: bytes.Repeat([]byte("s"), 32)}
)

// bench is a log with all that a test needs of it.
type fixture struct {
	dir    string
	now    time.Time
	mu     sync.Mutex
	saved  []byte
	public note.Verifiers
	signer note.Signer
	failOn error
}

func newFixture(tb testing.TB) *fixture {
	tb.Helper()
	return newFixtureOf(tb, nil)
}

// newFixtureOf makes the keys of these random bytes, or of new ones.
func newFixtureOf(tb testing.TB, random io.Reader) *fixture {
	tb.Helper()
	private, public, err := note.GenerateKey(random, "test/evidence")
	require.NoError(tb, err)
	f := &fixture{dir: filepath.Join(tb.TempDir(), "log"), now: noon}
	f.signer, err = note.NewSigner(private)
	require.NoError(tb, err)
	v, err := note.NewVerifier(public)
	require.NoError(tb, err)
	f.public = note.VerifierList(v)
	return f
}

func (f *fixture) save(_ context.Context, checkpoint []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failOn != nil {
		return f.failOn
	}
	f.saved = append(f.saved, checkpoint...)
	return nil
}

func (f *fixture) try(opts ...Option) (*Log, error) {
	quiet := WithLogger(slog.New(slog.DiscardHandler))
	return Open(f.dir, key, CheckpointConfig{Signer: f.signer, Save: f.save, Every: time.Hour}, append([]Option{quiet, WithClock(func() time.Time { return f.now })}, opts...)...)
}

func (f *fixture) open(tb testing.TB, opts ...Option) *Log {
	tb.Helper()
	l, err := f.try(opts...)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = l.Close() })
	return l
}

func (f *fixture) verify() (Verification, error) { return Verify(f.dir, f.saved, f.public) }

// number is one of a range for fiction.
func number(tb testing.TB, i int) dnc.Number {
	tb.Helper()
	n, err := dnc.ParseNumber(fmt.Sprintf("+1202555%04d", i))
	require.NoError(tb, err)
	return n
}

func list(tb testing.TB) dnc.Checker {
	tb.Helper()
	return dnc.NewMemory("optouts", number(tb, 101))
}

func TestADecisionIsFoundAndVerified(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	l := f.open(t)
	c := Record(list(t), l, dnc.Call{Campaign: "spring"})
	d, err := c.Check(ctx, number(t, 101))
	require.NoError(t, err)
	require.Equal(t, dnc.Block, d.Verdict)
	f.now = noon.Add(time.Hour)
	ds, err := c.CheckBatch(ctx, []dnc.Number{number(t, 100), number(t, 101), {}})
	require.NoError(t, err)
	require.Equal(t, dnc.Allow, ds[0].Verdict)

	var got []Entry
	for e, err := range l.Reader().Find(Query{Number: number(t, 101)}) {
		require.NoError(t, err)
		got = append(got, e)
	}
	require.Len(t, got, 2)
	require.Equal(t, noon, got[0].Time)
	require.Equal(t, "spring", got[0].Call.Campaign)
	require.Equal(t, dnc.Block, got[0].Decision.Verdict)
	require.Equal(t, "dnc_optouts", got[0].Decision.Reason().Code)
	require.Equal(t, []int64{1, 1}, []int64{got[1].Record, int64(got[1].Position)})
	for _, err := range l.Reader().Find(Query{Number: number(t, 101), From: noon.Add(2 * time.Hour)}) {
		require.NoError(t, err)
		t.Fatal("found outside of the time asked for")
	}
	require.NoError(t, l.Close())
	v, err := f.verify()
	require.NoError(t, err)
	require.Equal(t, int64(2), v.Records)
	require.Equal(t, int64(4), v.Decisions)
	require.Zero(t, v.Unprotected)

	all, err := filepath.Glob(f.dir + "/*")
	require.NoError(t, err)
	for _, name := range all {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NotContains(t, string(b), "2025550101", "a number in %s", name)
	}
}

// Logs are kept for years: what a number is in them must never change.
func TestATagIsAnHMACOfTheNumberWithItsPlus(t *testing.T) {
	t.Parallel()
	tagger, err := newTagger(key)
	require.NoError(t, err)
	want := func(text string) []byte {
		mac := hmac.New(sha256.New, key.Secret)
		_, _ = mac.Write([]byte(text))
		return mac.Sum(nil)[:tagSize]
	}
	s := tagger.borrow()
	for range 2 { // a state is used again
		number, party := s.number(number(t, 101)), s.party("Jane Canary, of a street with a long name")
		require.Equal(t, want("n+12025550101"), number[:])
		require.Equal(t, want("pJane Canary, of a street with a long name"), party[:])
		require.Zero(t, s.number(dnc.Number{}))
	}
}

func TestTheContract(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	l := f.open(t)
	dnctest.TestChecker(t, func(_ testing.TB, listed []dnc.Number) dnc.Checker {
		return Record(dnc.NewMemory("optouts", listed...), l, dnc.Call{})
	})
	dnctest.TestDecorator(t, func(c dnc.Checker) dnc.Checker { return Record(c, l, dnc.Call{}) })
	dnctest.TestRuleDecorator(t, func(r dnc.Rule) dnc.Rule { return RecordRule(r, l) })
	dnctest.TestRule(t, RecordRule(dnc.RuleOf(list(t)), l), []dnc.Call{{Number: number(t, 100)}}, []dnc.Call{{Number: number(t, 101)}})
}

func TestWhatIsKnownOfACallIsRecorded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	l := f.open(t)
	r := RecordRule(dnc.RuleOf(list(t)), l)
	a := dnc.Call{Number: number(t, 100), Campaign: "a", Party: "Jane Canary", Location: dnc.Location{Zones: []string{"America/Chicago"}, Region: "US-TX"}}
	b := dnc.Call{Number: number(t, 100), Campaign: "b", Channel: dnc.Text}
	_, err := r.CheckBatch(ctx, []dnc.Call{a, b, a})
	require.NoError(t, err)
	var campaigns []string
	for e, err := range l.Reader().Find(Query{Number: number(t, 100)}) {
		require.NoError(t, err)
		campaigns = append(campaigns, e.Call.Campaign)
		if e.Call.Campaign == "a" {
			require.Len(t, e.Party, 32)
			require.Equal(t, a.Location, e.Call.Location)
		}
	}
	require.Equal(t, []string{"a", "b", "a"}, campaigns)
	text, err := os.ReadFile(f.dir + "/2026-11-26.log")
	require.NoError(t, err)
	require.NotContains(t, string(text), "Canary")
}

func TestWhatCannotBeRecordedIsNotAllowed(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	broken := func(c *config) error {
		c.syncFile = func(syncer) error { return full }
		return nil
	}
	f := newFixture(t)
	l := f.open(t, broken)
	c := Record(list(t), l, dnc.Call{})
	d, err := c.Check(ctx, number(t, 100))
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
	require.ErrorIs(t, err, full)
	require.Equal(t, dnc.Unknown, d.Verdict)
	require.Equal(t, listName, d.Reason().List)
	d, err = c.Check(ctx, number(t, 101))
	require.NoError(t, err)
	require.Equal(t, dnc.Block, d.Verdict, "a block needs no record")
	require.Equal(t, int64(2), l.Status().Lost)
	_ = l.Close()
	_, err = c.Check(ctx, number(t, 100))
	require.ErrorIs(t, err, ErrClosed)
	_, err = Record(list(t), nil, dnc.Call{}).Check(ctx, number(t, 100))
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)

	lossy := newFixture(t).open(t, broken, DangerouslyAllowUnrecorded())
	d, err = Record(list(t), lossy, dnc.Call{}).Check(ctx, number(t, 100))
	require.NoError(t, err)
	require.Equal(t, dnc.Allow, d.Verdict)
	require.Equal(t, int64(1), lossy.Status().Lost)
}

func TestACallerWhoseContextEndsGetsUnknown(t *testing.T) {
	t.Parallel()
	wait := make(chan struct{})
	f := newFixture(t)
	l := f.open(t, func(c *config) error {
		c.syncFile = func(s syncer) error { <-wait; return s.Sync() }
		return nil
	})
	short, cancel := context.WithCancel(ctx)
	c := Record(dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		cancel()
		return list(t).CheckBatch(ctx, ns)
	}), l, dnc.Call{})
	d, err := c.Check(short, number(t, 100))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, dnc.Unknown, d.Verdict)
	require.Equal(t, dnc.CodeCanceled, d.Reason().Code)
	close(wait)
}

// While one commit is on its way to the disk, everybody else waits for the next, one for all.
func TestOneSyncForAllWhoWait(t *testing.T) {
	t.Parallel()
	syncs := 0
	inSync, hold := make(chan struct{}, 100), make(chan struct{})
	f := newFixture(t)
	l := f.open(t, func(c *config) error {
		c.syncFile = func(s syncer) error { syncs++; inSync <- struct{}{}; <-hold; return s.Sync() }
		return nil
	})
	var all sync.WaitGroup
	all.Go(func() { _ = l.append(ctx, [][]byte{{kindEvent, 2, '{', '}'}}) })
	<-inSync
	for range 50 {
		all.Go(func() { _ = l.append(ctx, [][]byte{{kindEvent, 2, '{', '}'}}) })
	}
	for waiting := 0; waiting < 50; {
		l.mu.Lock()
		waiting = len(l.open.leaves)
		l.mu.Unlock()
	}
	close(hold)
	all.Wait()
	require.Equal(t, 2, syncs)
	require.Equal(t, int64(51), l.Status().Records)
}

func TestASecondWriterIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	l := f.open(t)
	_, err := f.try()
	require.ErrorIs(t, err, ErrLocked)
	require.NoError(t, l.Close())
	require.NoError(t, f.open(t).Close())
}

func TestTheTreeIsThatOfTlog(t *testing.T) {
	t.Parallel()
	var mine tree
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i := range int64(300) {
		root, err := tlog.TreeHash(i, reader)
		require.NoError(t, err)
		require.Equal(t, root, mine.root())
		read, err := treeAt(i, reader)
		require.NoError(t, err)
		require.Equal(t, mine.root(), read.root())
		data := []byte{byte(i), byte(i >> 8)}
		want, err := tlog.StoredHashes(i, data, reader)
		require.NoError(t, err)
		require.Equal(t, want, mine.add(tlog.RecordHash(data), nil))
		stored = append(stored, want...)
	}
}

// A checkpoint that Save has refused is in the directory alone, and so is that of a process that
// ended before Save. The next Log saves one, also if nothing is recorded any more.
func TestACheckpointThatWasNotSavedIsSavedLater(t *testing.T) {
	f := newFixture(t)
	l := f.open(t)
	_, err := Record(dnc.NewMemory("optouts", number(t, 2)), l, dnc.Call{}).Check(ctx, number(t, 1))
	require.NoError(t, err)
	f.failOn = errors.New("the sink is down")
	require.ErrorIs(t, l.Close(), f.failOn)

	f.failOn = nil
	l = f.open(t)
	require.Zero(t, l.Status().Checkpoint.Size, "none was saved")
	require.NoError(t, l.Close())
	found, err := f.verify()
	require.NoError(t, err)
	require.Zero(t, found.Unprotected)
}

// A record has a limit. What is above it is not recorded, so it is not allowed.
func TestACallThatIsTooLongIsNotAllowed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := Record(list(t), f.open(t), dnc.Call{Campaign: strings.Repeat("a", maxHeader)})
	d, err := c.Check(ctx, number(t, 100))
	require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
	require.ErrorContains(t, err, "the calls and reasons of 1 decisions")
	require.Equal(t, dnc.Unknown, d.Verdict)
}
