package optout_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/optout"
	"github.com/dnc-go/dnc/optout/genesysoptout"
)

// The environment of a child: an intake under load in a process of its own, which is killed.
const (
	childDir    = "DNC_OPTOUT_TEST_DIR"
	childRedis  = "DNC_OPTOUT_TEST_REDIS"
	childAPI    = "DNC_OPTOUT_TEST_API"
	childClient = "DNC_OPTOUT_TEST_CLIENT"
	childSecret = "DNC_OPTOUT_TEST_SECRET"
	childList   = "DNC_OPTOUT_TEST_LIST"
	childAcked  = "DNC_OPTOUT_TEST_ACKED"
	kills       = 200
	callers     = 8
)

func init() { optout.Child = runChild }

func number(i int) dnc.Number {
	n, err := dnc.ParseNumber(fmt.Sprintf("+12%02d555%04d", i/10_000, i%10_000))
	if err != nil {
		panic("a number of the tests is none")
	}
	return n
}

// openKilled opens an intake with a Redis list and a DNC list as its targets.
func openKilled(getenv func(string) string) (*optout.Intake, func(), error) {
	o, err := dnc.RedisOptions(getenv(childRedis))
	if err != nil {
		return nil, nil, err
	}
	rdb := redis.NewUniversalClient(o)
	writer, err := dnc.NewRedisWriter(rdb, dnc.WithList("optouts", "dnc:optouts"))
	if err != nil {
		return nil, nil, err
	}
	region, err := auth.CustomRegion(getenv(childAPI), getenv(childAPI))
	if err != nil {
		return nil, nil, err
	}
	source, err := auth.ClientCredentials{Region: region, ClientID: getenv(childClient), ClientSecret: auth.NewSecret(getenv(childSecret))}.Source()
	if err != nil {
		return nil, nil, err
	}
	client, err := genesys.NewCampaignClient(source, genesys.WithLimiter(rate.NewLimiter(rate.Inf, 1)))
	if err != nil {
		return nil, nil, err
	}
	in, err := optout.Open(getenv(childDir), optout.WithTarget("redis", optout.ListTarget(writer)), optout.WithTarget("genesys", genesysoptout.ListTarget(client, getenv(childList))),
		optout.WithLogger(slog.New(slog.DiscardHandler)), optout.WithBackoff(time.Millisecond, time.Second))
	return in, func() { _ = rdb.Close() }, err
}

// runChild takes in opt-outs until it is killed. It writes "ack <i>" when one is acknowledged, and
// "open <i>" if it is not blocked then, or is no longer after a restart.
func runChild() {
	in, _, err := openKilled(os.Getenv)
	if err != nil {
		fmt.Println("error", err)
		return
	}
	var next atomic.Int64
	checker, ctx := in.Checker(), context.Background()
	blocked := func(i int) bool {
		d, err := checker.Check(ctx, number(i))
		return err == nil && d.Verdict == dnc.Block
	}
	acked, err := os.ReadFile(os.Getenv(childAcked))
	if err != nil {
		fmt.Println("error", err)
		return
	}
	for line := range strings.Lines(string(acked)) {
		i, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil || !blocked(i) {
			fmt.Println("open", line)
		}
		next.Store(max(next.Load(), int64(i-20))) // some events arrive again
	}
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if _, err := in.Add(ctx, optout.Request{Number: number(i), Source: "load", SourceID: strconv.Itoa(i)}); err != nil {
					fmt.Println("error", err)
					return
				}
				word := "ack "
				if !blocked(i) {
					word = "open "
				}
				_, _ = os.Stdout.WriteString(word + strconv.Itoa(i) + "\n")
			}
		})
	}
	wg.Wait()
}

// TestKilledUnderLoad kills a process with SIGKILL at random moments of intake. Every opt-out that
// it acknowledged is blocked in the process at once and after each restart, and in the end in Redis
// and on the platform: none is lost, none is there twice.
func TestKilledUnderLoad(t *testing.T) {
	s := redistest.Start(t)
	s.Do(t, "SADD", "dnc:optouts", "!complete")
	platform := genesystest.New()
	listID := platform.AddDNCList("Opt-outs")
	server := httptest.NewServer(platform)
	defer server.Close()
	credentials := platform.AddClient("outbound:dnc:edit")
	dir := t.TempDir()
	ackFile := filepath.Join(t.TempDir(), "acked")
	require.NoError(t, os.WriteFile(ackFile, nil, 0o600))
	env := map[string]string{
		optout.ChildEnv: "1", childAcked: ackFile, childDir: dir, childRedis: s.URL(), childAPI: server.URL, childList: listID,
		childClient: credentials.ClientID, childSecret: credentials.ClientSecret.Reveal(),
	}
	acked := make(map[int]bool)
	for range kills {
		var lines strings.Builder
		for _, i := range killOnce(t, env, rand.IntN(60)) {
			if !acked[i] {
				acked[i] = true
				fmt.Fprintln(&lines, i)
			}
		}
		f, err := os.OpenFile(ackFile, os.O_APPEND|os.O_WRONLY, 0)
		require.NoError(t, err)
		_, err = f.WriteString(lines.String())
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}

	in, closeTargets, err := openKilled(func(key string) string { return env[key] })
	require.NoError(t, err)
	defer closeTargets()
	defer func() { require.NoError(t, in.Close()) }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, in.Wait(ctx))
	events := make(map[string]int)
	for e, err := range in.All() {
		require.NoError(t, err)
		if e.Kind == "optout" {
			events[e.Request.SourceID]++
		}
	}
	members, ok := s.Do(t, "SMEMBERS", "dnc:optouts").([]any)
	require.True(t, ok)
	inRedis := make(map[string]bool)
	for _, m := range members {
		inRedis[fmt.Sprint(m)] = true
	}
	entries := platform.DNCEntries(listID)
	onPlatform := make(map[string]int)
	for _, e := range entries {
		onPlatform[e]++
	}
	for i := range acked {
		d, err := in.Checker().Check(t.Context(), number(i))
		require.NoError(t, err)
		assert.Equal(t, dnc.Block, d.Verdict)
		assert.True(t, inRedis[number(i).E164()], "acknowledged opt-out %d is not in Redis", i)
		assert.Equal(t, 1, onPlatform[number(i).E164()], "acknowledged opt-out %d on the platform", i)
		assert.Equal(t, 1, events[strconv.Itoa(i)], "opt-out %d in the outbox", i)
	}
	assert.Len(t, inRedis, len(events)+1, "what was written and not acknowledged is delivered too, and nothing else")
	assert.Len(t, entries, len(events))
	t.Logf("%d kills, %d acknowledged, %d written", kills, len(acked), len(events))
}

// killOnce runs a child and kills it after some acknowledgements, which it returns with those that
// arrived until the kill.
func killOnce(t *testing.T, env map[string]string, after int) (acked []int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "GOCOVERDIR=")
	for k, v := range env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	if after%2 == 1 { // any moment counts, also while the outbox is being read
		timer := time.AfterFunc(rand.N(80*time.Millisecond), func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		require.Equal(t, "ack", word, lines.Text())
		i, err := strconv.Atoi(rest)
		require.NoError(t, err)
		acked = append(acked, i)
		if len(acked) == after+1 {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	return acked
}
