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
)

// The environment of a child: a process that records decisions until it is killed.
const (
	childDir    = "DNC_EVIDENCE_TEST_DIR"
	childSigner = "DNC_EVIDENCE_TEST_SIGNER"
	childFirst  = "DNC_EVIDENCE_TEST_FIRST"
	kills       = 100
	callers     = 8
	allNumbers  = 10_000
)

// runChild opens the log and asks for one decision after another. Its lines are "given <i>" when it
// has the decision about a number, "saved <base64>" for a checkpoint and "error <text>".
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
	l, err := Open(os.Getenv(childDir), key, CheckpointConfig{Signer: signer, Save: save, Every: 10 * time.Millisecond},
		WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		fmt.Println("error", err)
		return
	}
	numbers := make([]dnc.Number, allNumbers)
	for i := range numbers {
		if numbers[i], err = dnc.ParseNumber(fmt.Sprintf("+1202555%04d", i)); err != nil {
			fmt.Println("error", err)
			return
		}
	}
	first, _ := strconv.ParseInt(os.Getenv(childFirst), 10, 64)
	var next atomic.Int64
	next.Store(first)
	c := Record(dnc.NewMemory("optouts", numbers[101]), l, dnc.Call{Campaign: "spring"})
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if _, err := c.Check(ctx, numbers[i%allNumbers]); err != nil {
					fmt.Println("error", err)
					return
				}
				_, _ = os.Stdout.WriteString("given " + strconv.Itoa(i) + "\n")
			}
		})
	}
	wg.Wait()
}

// TestKilledUnderLoad kills a process with SIGKILL at random moments. Every decision that it gave is
// in the log after each restart, and the log agrees with every checkpoint that was saved.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	private, public, err := note.GenerateKey(nil, "test/evidence")
	require.NoError(t, err)
	v, err := note.NewVerifier(public)
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "log")
	given := make(map[int]bool)
	var saved []byte
	first := 0
	for range kills {
		more, checkpoints := killOnce(t, dir, private, first, rand.IntN(60))
		for _, i := range more {
			given[i] = true
			first = max(first, i+1)
		}
		first += callers // each may have recorded one more that it did not give
		saved = append(saved, checkpoints...)
	}
	require.Less(t, first, allNumbers, "each decision is of a number of its own")

	signer, err := note.NewSigner(private)
	require.NoError(t, err)
	l, err := Open(dir, key, CheckpointConfig{Signer: signer, Save: func(_ context.Context, checkpoint []byte) error {
		saved = append(saved, checkpoint...)
		return nil
	}}, WithLogger(slog.New(slog.DiscardHandler)))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	found, err := Verify(dir, saved, note.VerifierList(v))
	require.NoError(t, err)
	require.Zero(t, found.Unprotected)
	inLog := make(map[tag]bool)
	require.NoError(t, l.Reader().records(time.Time{}, time.Time{}, func(_ int64, record []byte) error {
		r, err := parseLeaf(record)
		for i := range r.decisions() {
			inLog[tag(r.body[i*r.width:][:tagSize])] = true
		}
		return err
	}))
	tags := l.tagger.borrow()
	for i := range given {
		require.True(t, inLog[tags.number(number(t, i))], "decision %d was given, and is not in the log", i)
	}
	t.Logf("%d kills, %d decisions given, %d recorded, %d checkpoints", kills, len(given), found.Decisions, found.Checkpoints)
}

// killOnce runs a child and kills it after some decisions. It returns all that were given until
// then, and the checkpoints that were saved.
func killOnce(t *testing.T, dir, private string, first, after int) (given []int, saved []byte) {
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
		i, err := strconv.Atoi(rest)
		require.NoError(t, err)
		given = append(given, i)
		if len(given) == after+1 {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	return given, saved
}
