package faulttest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

// make faults gives it longer.
var soakTime = flag.Duration("soak", time.Second, "how long TestSoak runs on each set-up")

const callers = 16

// question is one Checker of a set-up and what is right for it. All of a set-up ask through one
// client, so a reply that was meant for another question shows as a wrong answer of some of them.
type question struct {
	name    string
	checker dnc.Checker
	codes   []string // reasons that a Block of it can have
	listed  func(i int) (yes, no bool)
}

// result counts answers for numbers.
type result struct {
	tally
	calls      atomic.Int64
	wrongAllow atomic.Int64 // listed, and allowed
	otherwise  atomic.Int64 // an answer that belongs to another number, list or question
	late       atomic.Int64 // the most that a call outlived its deadline, in microseconds
	example    atomic.Pointer[string]
}

func (r *result) wrong(counter *atomic.Int64, q question, i int, d dnc.Decision, err error) {
	counter.Add(1)
	text := fmt.Sprintf("%s, number %d: %v %s, %v", q.name, i, d.Verdict, d.Reason().Code, err)
	r.example.CompareAndSwap(nil, &text)
}

func (r *result) judge(q question, i int, asked dnc.Number, yes, no bool, d dnc.Decision, err error) {
	r.count(d)
	switch {
	case d.Number != asked:
		r.wrong(&r.otherwise, q, i, d, err)
	case d.Verdict == dnc.Allow && yes:
		r.wrong(&r.wrongAllow, q, i, d, err)
	case d.Verdict == dnc.Block && (no || !slices.Contains(q.codes, d.Reason().Code)):
		r.wrong(&r.otherwise, q, i, d, err)
	}
}

// TestSoak asks from 16 goroutines, with deadlines and cancellations at random, while replies are
// cut, late, sliced and lost and connections are killed: no listed number is allowed, and no answer
// is that of another question.
func TestSoak(t *testing.T) {
	var mu sync.Mutex
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 1, ' ', 0)
	_, _ = fmt.Fprintln(w, "| set-up\t| calls\t| numbers\t| allow\t| block\t| unknown\t| wrong allow\t| another question's\t|")
	_, _ = fmt.Fprintln(w, "| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for _, s := range []struct {
		name  string
		start func(t *testing.T) setup
	}{
		{"one server, RESP3", func(t *testing.T) setup { return soakSingle(t, 3) }},
		{"one server, RESP2", func(t *testing.T) setup { return soakSingle(t, 2) }},
		{"cluster of 3, CLIENT KILL", soakCluster},
		{"balancer over a primary and a replica that was cut off", soakBalancer},
	} {
		t.Run(s.name, func(t *testing.T) {
			r := soak(t, s.start(t))
			mu.Lock()
			defer mu.Unlock()
			numbers := r.allow.Load() + r.block.Load() + r.unknown.Load()
			_, _ = fmt.Fprintf(w, "| %s\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t|\n", s.name, r.calls.Load(), numbers,
				r.allow.Load(), r.block.Load(), r.unknown.Load(), r.wrongAllow.Load(), r.otherwise.Load())
			if e := r.example.Load(); e != nil {
				t.Logf("for example %s", *e)
			}
			t.Logf("the latest call ended %v after its deadline", time.Duration(r.late.Load())*time.Microsecond)
			assert.Zero(t, r.wrongAllow.Load(), "a listed number was allowed")
			assert.Zero(t, r.otherwise.Load(), "an answer belongs to another question")
			assert.Positive(t, r.block.Load(), "nothing was answered: the soak tests nothing")
			assert.Positive(t, r.unknown.Load(), "nothing failed: the soak tests nothing")
		})
	}
	_ = w.Flush()
	_, _ = fmt.Fprintf(os.Stdout, "%v on each set-up, %d callers\n%s", *soakTime, callers, table.String())
}

// soak runs callers and faults on a set-up until its time is over.
func soak(t *testing.T, s setup) *result {
	t.Helper()
	over, cancel := context.WithTimeout(ctx, *soakTime)
	defer cancel()
	var r result
	var wg sync.WaitGroup
	for _, disturb := range s.faults {
		wg.Go(func() { disturb(over) })
	}
	numbers := make([]dnc.Number, 10_000)
	for i := range numbers {
		numbers[i] = number(t, i)
	}
	for caller := range callers {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(caller), 11))
			for over.Err() == nil {
				q := s.questions[random.IntN(len(s.questions))]
				callOnce(&r, q, numbers, random)
			}
		})
	}
	wg.Wait()
	s.calm()
	for _, q := range s.questions { // afterwards all is right by itself
		require.NoError(t, eventuallyRight(q, numbers), "%s", q.name)
	}
	return &r
}

// callOnce asks one question for one number or some hundred, under a deadline, with a cancellation,
// or with neither.
func callOnce(r *result, q question, numbers []dnc.Number, random *rand.Rand) {
	call, cancel := context.WithCancel(ctx)
	defer cancel()
	switch random.IntN(5) {
	case 0:
		time.AfterFunc(time.Duration(random.IntN(20_000))*time.Microsecond, cancel)
	case 1, 2:
		call, cancel = context.WithTimeout(call, time.Duration(1+random.IntN(200))*time.Millisecond)
		defer cancel()
	}
	indexes := []int{random.IntN(len(numbers))}
	if random.IntN(4) == 0 {
		for range random.IntN(300) {
			indexes = append(indexes, random.IntN(len(numbers)))
		}
	}
	asked, yes, no := make([]dnc.Number, len(indexes)), make([]bool, len(indexes)), make([]bool, len(indexes))
	for k, i := range indexes {
		asked[k] = numbers[i]
		yes[k], _ = q.listed(i)
	}
	var ds []dnc.Decision
	var err error
	if len(asked) == 1 {
		var d dnc.Decision
		d, err = q.checker.Check(call, asked[0])
		ds = []dnc.Decision{d}
	} else {
		ds, err = q.checker.CheckBatch(call, asked)
	}
	if deadline, ok := call.Deadline(); ok {
		late := time.Since(deadline).Microseconds()
		for old := r.late.Load(); late > old && !r.late.CompareAndSwap(old, late); old = r.late.Load() {
		}
	}
	r.calls.Add(1)
	if len(ds) != len(asked) {
		r.otherwise.Add(1)
		return
	}
	unknown := false
	for k, i := range indexes {
		_, no[k] = q.listed(i)
		unknown = unknown || ds[k].Verdict == dnc.Unknown
		r.judge(q, i, asked[k], yes[k], no[k], ds[k], err)
	}
	if unknown != (err != nil) {
		r.wrong(&r.otherwise, q, indexes[0], ds[0], err)
	}
}
