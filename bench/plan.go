package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/internal/listgen"
	"github.com/dnc-go/dnc/preflight"
	"github.com/dnc-go/dnc/registry"
)

// onlyPlan prints the tables of a plan for a large campaign against a registry: what it costs, and
// which requests it sends the first and the second time.
func onlyPlan(ctx context.Context, size sizes, _ string) error {
	dir, err := os.MkdirTemp("", "dnc-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	source := listgen.List{Seed: 1, Size: size.list}
	paths, areas, err := source.Write(dir, listgen.Form{})
	if err != nil {
		return err
	}
	list, err := registry.New(s.rdb, "national")
	if err != nil {
		return err
	}
	if _, err := load(ctx, list, paths); err != nil {
		return err
	}
	var blocks []uint64
	for _, area := range areas {
		for exchange := range uint64(1000) {
			blocks = append(blocks, uint64(1000+area)*1000+exchange) //nolint:gosec // an area code
		}
	}
	who := unique(newContacts(rand.New(rand.NewPCG(7, 8)), blocks, size.contacts))
	checker := dnc.Protect(list)
	cost, err := planCost(ctx, size, checker, who)
	if err != nil {
		return err
	}
	fmt.Println(cost.markdown())
	runs, err := planRuns(ctx, checker, who)
	if err != nil {
		return err
	}
	fmt.Println(runs.markdown())
	return nil
}

// unique are the contacts without those that have the number of another.
func unique(who contacts) (out contacts) {
	seen := make(map[uint64]bool, len(who.digits))
	for i, d := range who.digits {
		if !seen[d] {
			seen[d] = true
			out.digits = append(out.digits, d)
			out.numbers = append(out.numbers, who.numbers[i])
		}
	}
	return out
}

// exported answers for a contact list whose export is there already, so what is measured is the
// client and the plan.
type exported struct {
	*genesystest.Platform
	list string
	rows int
	file []byte
}

func (e exported) RoundTrip(r *http.Request) (*http.Response, error) {
	reply := func(kind string, body io.Reader) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(body), Request: r, ContentLength: -1,
		}, nil
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/signed/"):
		return reply("text/csv", bytes.NewReader(e.file))
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/contactlists/"+e.list):
		return reply("application/json", strings.NewReader(fmt.Sprintf(`{"id":%q,"columnNames":["phone"],"size":%d}`, e.list, e.rows)))
	}
	return e.Platform.RoundTrip(r)
}

// peak is the most that the heap had since it was begun, looked at every two milliseconds.
func peak() (end func() uint64) {
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		top := heapInUse()
		for {
			select {
			case <-tick.C:
				top = max(top, heapInUse())
			case <-stop:
				most <- max(top, heapInUse())
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-most
	}
}

// heapInUse is the size of all objects, also of those that the collector has not freed yet.
func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// cpuUsed is what this process has used of the processors. Redis is another process.
func cpuUsed() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func planCost(ctx context.Context, size sizes, checker dnc.Checker, who contacts) (table, error) {
	p := genesystest.New()
	contactList := p.AddContactList("Spring", "phone")
	campaign, err := p.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q}}`, contactList))
	if err != nil {
		return table{}, err
	}
	file := []byte("inin-outbound-id,phone,ContactCallable,Callable-phone\r\n")
	for i, d := range who.digits {
		file = append(file, "00000000000000000000000000"...)
		file = strconv.AppendInt(file, int64(1_000_000+i), 10)
		file = append(file, ",+"...)
		file = strconv.AppendUint(file, d, 10)
		file = append(file, ",true,true\r\n"...)
	}
	platform := exported{p, contactList, len(who.digits), file}
	client, err := genesys.NewCampaignClient(p.Source(), genesys.WithLimiter(nil), genesys.WithTransport(platform))
	if err != nil {
		return table{}, err
	}
	type round struct {
		cpu, took, plain time.Duration
		heap             uint64
	}
	var all []round
	blocked := 0
	for i := range size.rounds + 1 { // the first warms up
		runtime.GC()
		before := heapInUse()
		most := peak()
		used, began := cpuUsed(), time.Now()
		plan, err := preflight.NewPlan(ctx, checker, client, campaign)
		if err != nil {
			_ = most()
			return table{}, err
		}
		took, cpu := time.Since(began), cpuUsed()-used
		top := most()
		used = cpuUsed()
		for range 2 { // a plan believes an export only if the next one is equal
			if err := readPlainly(file); err != nil {
				return table{}, err
			}
		}
		if i > 0 {
			all = append(all, round{cpu, took, cpuUsed() - used, top - before})
		}
		blocked = plan.Counts().Blocked
	}
	t := table{
		title: fmt.Sprintf("A plan of %s contacts against a registry of %s", count(len(who.digits)), count(size.list)),
		head:  []string{"round", "processor time of the process", "of encoding/csv", "by the clock", "heap above the start, the most"},
	}
	for i, r := range all {
		t.add(strconv.Itoa(i+1), fmt.Sprintf("%.2f s", r.cpu.Seconds()), ratio(r.cpu, r.plain), fmt.Sprintf("%.2f s", r.took.Seconds()), fmt.Sprintf("%d MiB", r.heap>>20))
	}
	t.note("of encoding/csv: of what encoding/csv takes to read the two exports, each row in the memory of the last, and to do nothing else")
	t.note("%s contacts are listed. The platform's export is there already; the time of Redis, another process, is not in the processor time", count(blocked))
	return t, nil
}

// readPlainly reads a file with the standard library.
func readPlainly(file []byte) error {
	r := csv.NewReader(bytes.NewReader(file))
	r.ReuseRecord = true
	for {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// planRuns plans and applies twice, with every contact on a platform in memory.
func planRuns(ctx context.Context, checker dnc.Checker, who contacts) (table, error) {
	p := genesystest.New()
	contactList := p.AddContactList("Spring", "phone")
	campaign, err := p.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q},"phoneColumns":[{"columnName":"phone","type":"cell"}]}`, contactList))
	if err != nil {
		return table{}, err
	}
	client, err := genesys.NewCampaignClient(p.Source(), genesys.WithLimiter(nil), genesys.WithTransport(p))
	if err != nil {
		return table{}, err
	}
	const chunk = 1000
	for i := 0; i < len(who.digits); i += chunk {
		var some []genesys.Contact
		for j := i; j < min(i+chunk, len(who.digits)); j++ {
			some = append(some, genesys.Contact{ID: "C-" + strconv.Itoa(j), Data: map[string]string{"phone": "+" + strconv.FormatUint(who.digits[j], 10)}})
		}
		if _, err := client.AddContacts(ctx, contactList, some, genesys.AddOptions{}); err != nil {
			return table{}, err
		}
	}
	t := table{
		title: "The requests of two runs over these contacts",
		head:  []string{"run", "contacts that must not be called", "reads", "exports asked for", "writes", "numbers written"},
	}
	for _, run := range []string{"first", "second"} {
		since := len(p.Requests())
		plan, err := preflight.NewPlan(ctx, checker, client, campaign)
		if err != nil {
			return table{}, err
		}
		result, err := plan.Apply(ctx)
		if err != nil {
			return table{}, err
		}
		reads, exports, writes := 0, 0, 0
		for _, r := range p.Requests()[since:] {
			switch {
			case r.Method == http.MethodGet:
				reads++
			case strings.HasSuffix(r.Path, "/export"):
				exports++
			default:
				writes++
			}
		}
		t.add(run, count(plan.Counts().Blocked), count(reads), count(exports), count(writes), count(result.Applied.NumbersSent))
		if run == "second" && writes > 0 {
			return t, fmt.Errorf("the second run wrote %d times", writes)
		}
	}
	return t, nil
}
