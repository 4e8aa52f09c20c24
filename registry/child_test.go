package registry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/listgen"
	"github.com/dnc-go/dnc/internal/redistest"
)

// An importer in a process of its own, to kill and to stop. The environment says what it does:
//
//	DNC_REGISTRY_TEST_CHILD=kill:12 or stop:12 or stop:switch     at the 12th pipeline, or when it is about to switch
const (
	childURL    = "DNC_REGISTRY_TEST_URL"
	childLease  = 300 * time.Millisecond
	exitOvertak = 7
)

// The lists of these tests: two shards and about 700 blocks; the new list has other numbers.
func oldList() listgen.List { return listgen.List{Seed: 3, Size: 900_000} }
func newList() listgen.List { return listgen.List{Seed: 4, Size: 1_000_000} }

type interruptAt struct {
	what  string
	at    string
	count atomic.Int64
	once  sync.Once
}

func (k *interruptAt) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (k *interruptAt) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (k *interruptAt) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		name := ""
		for _, c := range cmds {
			if args := c.Args(); args[0] == "eval" {
				if args[1] == switchScript {
					name = "switch"
				} else {
					return next(ctx, cmds) // the lease's
				}
			}
		}
		if readsShards(cmds) { // how many of these there are depends on how fast they arrive
			return next(ctx, cmds)
		}
		if n := k.count.Add(1); name == k.at || strconv.FormatInt(n, 10) == k.at {
			k.once.Do(func() {
				sig := redistest.FreezeSignal
				if k.what == "kill" {
					sig = syscall.SIGKILL
				}
				if n%2 == 0 && k.what == "kill" { // every other one has been sent
					_ = next(ctx, cmds)
				}
				self, _ := os.FindProcess(os.Getpid())
				_ = self.Signal(sig)
				<-time.After(200 * time.Millisecond) // the signal stops all threads, in its own time
			})
		}
		return next(ctx, cmds)
	}
}

// readsShards reports whether a pipeline does nothing but read shards.
func readsShards(cmds []redis.Cmder) bool {
	reads := false
	for _, c := range cmds {
		key := fmt.Sprint(c.Args()[min(1, len(c.Args())-1)])
		switch c.Name() {
		case "hset":
			return false
		case "hmget", "hgetall":
			reads = reads || strings.Count(key, ":") == 4 && !strings.HasSuffix(key, ":meta")
		}
	}
	return reads
}

func child(what string) {
	o, err := dnc.RedisOptions(os.Getenv(childURL))
	if err != nil {
		panic(err)
	}
	rdb := redis.NewClient(o.Simple())
	verb, at, _ := strings.Cut(what, ":")
	rdb.AddHook(&interruptAt{what: verb, at: at})
	r, err := New(rdb, "national", func(c *config) error { c.leaseFor = childLease; return nil })
	if err != nil {
		panic(err)
	}
	imp := national()
	imp.MaxShrink = 1
	report, err := r.Replace(ctx, newList().Numbers(), imp)
	switch {
	case errors.Is(err, ErrSuperseded):
		os.Exit(exitOvertak)
	case err != nil:
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(report.Version)
}

func startChild(t *testing.T, s *redistest.Server, what string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+what, childURL+"="+s.URL(), "GOCOVERDIR=")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd
}

// oracle checks a sample of both lists, and demands that the answers are those of one of them.
type oracle struct {
	in map[string]map[dnc.Number]bool // by list
	ns []dnc.Number
}

func newOracle() *oracle {
	o := &oracle{in: map[string]map[dnc.Number]bool{}}
	for name, l := range map[string]listgen.List{"old": oldList(), "new": newList()} {
		o.in[name] = map[dnc.Number]bool{}
		i := 0
		for v := range l.All() {
			n := digits.Number(v)
			o.in[name][n] = true
			if i++; i%100 == 0 {
				o.ns = append(o.ns, n)
			}
		}
	}
	return o
}

// which is the list that the answers are those of; "" if of neither, or if a number is Unknown.
func (o *oracle) which(t testing.TB, c dnc.Checker) string {
	t.Helper()
	ds, err := c.CheckBatch(ctx, o.ns)
	if err != nil {
		return ""
	}
	for name, in := range o.in {
		right := true
		for _, d := range ds {
			right = right && (d.Verdict == dnc.Block) == in[d.Number]
		}
		if right {
			return name
		}
	}
	return ""
}

func TestImporterKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	rdb := universal(t, s.URL())
	r := open(t, rdb)
	o := newOracle()
	put(t, r, oldList().Numbers())
	require.Equal(t, "old", o.which(t, r))

	count := &interruptAt{at: "never"}
	counted := universal(t, s.URL())
	counted.AddHook(count)
	put(t, open(t, counted), newList().Numbers())
	put(t, r, oldList().Numbers())
	steps := int(count.count.Load())
	require.Greater(t, steps, 15)

	watched := open(t, universal(t, s.URL()))
	defer o.watch(t, watched)()
	switched := 0
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for round := range 50 {
		at := 1 + round*(steps+3)/50 + random.IntN(max((steps+3)/50, 1))
		cmd := startChild(t, s, fmt.Sprintf("kill:%d", at))
		_ = cmd.Wait()
		was := o.which(t, r)
		if at < steps-10 {
			require.Equal(t, "old", was, "step %d of %d", at, steps)
		} else {
			require.NotEmpty(t, was, "step %d of %d", at, steps)
		}
		if was == "new" {
			switched++
		}
		snapshot, err := r.Snapshot(ctx)
		require.NoError(t, err)
		require.Equal(t, was, o.which(t, snapshot))
		snapshot.Close()
		if was == "new" || round%10 == 9 { // the next import cleans up
			again(t, r, oldList())
			require.Equal(t, "old", o.which(t, r))
			require.LessOrEqual(t, len(versionsOf(keysOf(t, s))), 2)
		}
	}
	assert.Positive(t, switched, "no importer came as far as the switch")
	assert.Less(t, switched, 25)
	again(t, r, newList())
	again(t, r, newList())
	assert.Len(t, versionsOf(keysOf(t, s)), 2)
	assert.Len(t, s.Do(t, "smembers", "dnc:list:national:imports"), 2)
}

// again imports as soon as the lease of the one that died has ended.
func again(t *testing.T, r *Registry, l listgen.List) ImportReport {
	t.Helper()
	var report ImportReport
	imp := national()
	imp.MaxShrink = 1
	require.NoError(t, redistest.Eventually(func() (err error) {
		report, err = r.Replace(ctx, l.Numbers(), imp)
		return err
	}))
	return report
}

// An importer that was stopped for longer than its lease, at any moment, does no harm when it goes
// on.
func TestImporterStoppedPastItsLease(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	o := newOracle()
	put(t, r, oldList().Numbers())
	for _, at := range []string{"3", "5", "9", "14", "switch"} {
		cmd := startChild(t, s, "stop:"+at)
		require.NoError(t, redistest.Eventually(func() error {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
			if err != nil || !strings.Contains(string(stat), ") T ") {
				return errors.New("it does not stop")
			}
			return err
		}))
		report := again(t, r, oldList())
		require.Equal(t, "old", o.which(t, r))
		require.NoError(t, cmd.Process.Signal(redistest.ThawSignal))
		err := cmd.Wait()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, "at %s", at)
		assert.Equal(t, exitOvertak, exit.ExitCode(), "at %s: %v", at, exit)
		require.Equal(t, "old", o.which(t, r), "at %s", at)
		info, err := r.Info(ctx)
		require.NoError(t, err)
		assert.Equal(t, report.Version, info.Version)
		_, err = r.Rollback(ctx) // the version before is complete as well
		require.NoError(t, err)
		require.Equal(t, "old", o.which(t, r), "at %s", at)
	}
	put(t, r, oldList().Numbers())
	assert.Len(t, versionsOf(keysOf(t, s)), 2)
}
