package optout

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// canary is what every number of these tests looks like. Nothing that is logged or returned as an
// error may match it.
var canary = regexp.MustCompile(`1?2[0-9]{2}[-. )]{0,2}555[-. ]?[0-9]{4}`)

type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logs) Printf(_ context.Context, format string, v ...any) {
	_, _ = fmt.Fprintf(l, format, v...)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var logged logs

// ChildEnv makes a process of this test binary a child: see TestKilledUnderLoad.
const ChildEnv = "DNC_OPTOUT_TEST_CHILD"

// Child is what a child does.
var Child func()

func TestMain(m *testing.M) {
	if os.Getenv(ChildEnv) != "" {
		Child()
		return
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	redis.SetLogger(&logged)
	code := m.Run()
	if canary.MatchString(logged.String()) {
		fmt.Fprintln(os.Stderr, "FAIL: a full telephone number was logged")
		code = 1
	}
	if err := goleak.Find(goleak.IgnoreAnyFunction(redistest.ClosedPoolDial)); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		code = 1
	}
	os.Exit(code)
}

// number is one of 1,000,000 numbers for tests.
func number(i int) dnc.Number {
	n, err := dnc.ParseNumber(fmt.Sprintf("+12%02d555%04d", i/10_000, i%10_000))
	if err != nil {
		panic("optout: a number of the tests is none")
	}
	return n
}

func open(tb testing.TB, dir string, opts ...Option) *Intake {
	tb.Helper()
	in, err := Open(dir, opts...)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = in.Close() })
	return in
}

// mustBlock demands that exactly some numbers of the first n are blocked.
func mustBlock(tb testing.TB, in *Intake, n int, blocked ...int) {
	tb.Helper()
	want := make(map[int]bool)
	for _, i := range blocked {
		want[i] = true
	}
	for i := range n {
		d, err := in.Checker().Check(tb.Context(), number(i))
		if want[i] {
			require.NoError(tb, err, "number %d", i)
			require.Equal(tb, dnc.Block, d.Verdict, "number %d", i)
		} else {
			require.ErrorIs(tb, err, dnc.ErrNotListed, "number %d", i)
			require.Equal(tb, dnc.Unknown, d.Verdict, "number %d", i)
		}
	}
}

func add(tb testing.TB, in *Intake, i int, id string) Receipt {
	tb.Helper()
	r, err := in.Add(tb.Context(), Request{Number: number(i), Source: "test", SourceID: id})
	require.NoError(tb, err)
	return r
}

// memoryTarget is a list in memory that can be made to fail.
type memoryTarget struct {
	mu      sync.Mutex
	fail    func(changes []Change) error
	numbers map[dnc.Number]bool
	calls   [][]Change
	ids     map[string]int // how often each change was delivered and taken
}

func newMemoryTarget() *memoryTarget {
	return &memoryTarget{numbers: make(map[dnc.Number]bool), ids: make(map[string]int)}
}

func (m *memoryTarget) Deliver(_ context.Context, changes []Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, changes)
	if m.fail != nil {
		if err := m.fail(changes); err != nil {
			return err
		}
	}
	for _, c := range changes {
		m.ids[c.ID]++
		m.numbers[c.Number] = c.Blocked
	}
	return nil
}

func (m *memoryTarget) has(i int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.numbers[number(i)]
}

// set changes the list beside the Intake.
func (m *memoryTarget) set(i int, blocked bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.numbers[number(i)] = blocked
}

func (m *memoryTarget) setFail(f func(changes []Change) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = f
}
