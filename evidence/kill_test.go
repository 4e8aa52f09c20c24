package evidence

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

// The environment of a child: a process that records decisions until it is killed.
const (
	childDir    = "DNC_EVIDENCE_TEST_DIR"
	childSigner = "DNC_EVIDENCE_TEST_SIGNER"
	childFirst  = "DNC_EVIDENCE_TEST_FIRST"
	kills       = 100
	callers     = 8
	batch       = 3
	allNumbers  = 20_000
)

// numbersToLose returns numbers that are asked for once, and fillers that make a batch large.
func numbersToLose() (numbers, fillers []dnc.Number) {
	for i := range uint64(allNumbers) {
		numbers = append(numbers, digits.Number(12_025_550_000+i))
		fillers = append(fillers, digits.Number(13_035_550_000+i))
	}
	return numbers, fillers[:2*maxDecisions+1]
}

// runChild opens the log and asks for decisions: half of the callers for one at a time, half for
// batches, one of them for batches of several records. Each number takes half an hour, so days come
// and go. Its lines are "given <i> <how many>" when it has the decisions about numbers from the i-th
// on, "saved <base64>" for a checkpoint and "error <text>".
func runChild() {
	signer, err := note.NewSigner(os.Getenv(childSigner))
	if err != nil {
		fmt.Println("error", err)
		return
	}
	save := func(_ context.Context, checkpoint []byte) error {
		_, err := os.Stdout.WriteString("saved " + base64.StdEncoding.EncodeToString(checkpoint) + "\n")
		return err
	}
	first, _ := strconv.ParseInt(os.Getenv(childFirst), 10, 64)
	var next atomic.Int64
	next.Store(first)
	clock := func() time.Time { return noon.Add(time.Duration(next.Load()) * 30 * time.Minute) }
	l, err := Open(os.Getenv(childDir), key, CheckpointConfig{Signer: signer, Save: save, Every: 10 * time.Millisecond},
		WithLogger(slog.New(slog.DiscardHandler)), WithClock(clock))
	if err != nil {
		fmt.Println("error", err)
		return
	}
	numbers, fillers := numbersToLose()
	c := Record(dnc.NewMemory("optouts", numbers[101]), l, dnc.Call{Campaign: "spring"})
	var wg sync.WaitGroup
	for caller := range callers {
		size := 1
		if caller%2 == 1 {
			size = batch
		}
		wg.Go(func() {
			for {
				i := int(next.Add(int64(size))) - size
				if i+size > allNumbers {
					return
				}
				asked := numbers[i : i+size : i+size]
				if caller == 1 {
					asked = append(asked, fillers...)
				}
				if _, err := c.CheckBatch(ctx, asked); err != nil {
					fmt.Println("error", err)
					return
				}
				_, _ = fmt.Fprintf(os.Stdout, "given %d %d\n", i, size)
			}
		})
	}
	wg.Wait()
}

// TestKilledUnderLoad kills a process with SIGKILL at random moments of single decisions, of batches
// and of new days. Every decision that it gave is in the log after each restart, and the log agrees
// with every checkpoint that was saved.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	private, public, err := note.GenerateKey(nil, "test/evidence")
	require.NoError(t, err)
	v, err := note.NewVerifier(public)
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "log")
	given := make(map[int]bool)
	var saved []byte
	first, batches := 0, 0
	for range kills {
		more, checkpoints := killOnce(t, dir, private, first, rand.IntN(60))
		for _, g := range more {
			for i := g.first; i < g.first+g.size; i++ {
				given[i] = true
				first = max(first, i+1)
			}
			if g.size > 1 {
				batches++
			}
		}
		first += callers * batch // each may have recorded some more that it did not give
		saved = append(saved, checkpoints...)
	}
	require.Less(t, first, allNumbers, "each decision is of a number of its own")

	signer, err := note.NewSigner(private)
	require.NoError(t, err)
	l, err := Open(dir, key, CheckpointConfig{Signer: signer, Save: func(_ context.Context, checkpoint []byte) error {
		saved = append(saved, checkpoint...)
		return nil
	}}, WithLogger(slog.New(slog.DiscardHandler)), WithClock(func() time.Time { return noon.Add(allNumbers * time.Hour) }))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	found, err := Verify(dir, saved, note.VerifierList(v))
	require.NoError(t, err)
	require.Zero(t, found.Unprotected)
	require.Positive(t, batches)
	require.Greater(t, found.Days, 10)
	inLog := make(map[tag]bool)
	require.NoError(t, l.Reader().records(time.Time{}, time.Time{}, func(_ int64, record []byte) error {
		r, err := parseLeaf(record)
		for i := range r.decisions() {
			inLog[tag(r.body[i*r.width:][:tagSize])] = true
		}
		return err
	}))
	tags := l.tagger.borrow()
	numbers, _ := numbersToLose()
	for i := range given {
		require.True(t, inLog[tags.number(numbers[i])], "decision %d was given, and is not in the log", i)
	}
	t.Logf("%d kills, %d decisions given, some in %d batches, %d recorded on %d days, %d checkpoints",
		kills, len(given), batches, found.Decisions, found.Days, found.Checkpoints)
}

// answer is decisions that a child gave.
type answer struct{ first, size int }

// killOnce runs a child and kills it after some decisions. It returns all that were given until
// then, and the checkpoints that were saved.
func killOnce(t *testing.T, dir, private string, first, after int) (given []answer, saved []byte) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childSigner+"="+private, childFirst+"="+strconv.Itoa(first), "GOCOVERDIR=")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	if after%2 == 1 { // any moment counts, also while the log is opened
		timer := time.AfterFunc(rand.N(80*time.Millisecond), func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		if word == "saved" {
			checkpoint, err := base64.StdEncoding.DecodeString(rest)
			require.NoError(t, err)
			saved = append(saved, checkpoint...)
			continue
		}
		require.Equal(t, "given", word, lines.Text())
		var a answer
		_, err := fmt.Sscanf(rest, "%d %d", &a.first, &a.size)
		require.NoError(t, err, lines.Text())
		given = append(given, a)
		if len(given) == after+1 {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	return given, saved
}
