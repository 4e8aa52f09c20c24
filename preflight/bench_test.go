package preflight_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

// large answers for a contact list of any size: the rows are made while they are read, so that what
// is measured is the plan.
type large struct {
	*genesystest.Platform
	list     string
	contacts int
	heap     *atomic.Uint64 // the most that was in use
}

// look notes how much of the heap is in use.
func (l large) look() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	l.heap.Store(max(l.heap.Load(), m.HeapAlloc))
}

func (l large) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/signed/"):
		in, out := io.Pipe()
		go func() {
			w := bufio.NewWriterSize(out, 64<<10)
			_, _ = w.WriteString("inin-outbound-id,phone,ContactCallable,Callable-phone\r\n")
			row := make([]byte, 0, 128)
			for i := range l.contacts {
				if i%50_000 == 0 {
					l.look()
				}
				row = append(row[:0], "00000000000000000000000000"...)
				row = strconv.AppendInt(row, int64(1_000_000+i), 10)
				row = append(row, ",+1415"...)
				row = strconv.AppendInt(row, int64(2_000_000+i), 10)
				row = append(row, ",true,true\r\n"...)
				_, _ = w.Write(row)
			}
			_ = w.Flush()
			_ = out.Close()
		}()
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/csv"}}, Body: in, Request: r, ContentLength: -1}, nil
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/contactlists/"+l.list):
		body := fmt.Sprintf(`{"id":%q,"columnNames":["phone"],"size":%d}`, l.list, l.contacts)
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
	return l.Platform.RoundTrip(r)
}

// A contact list of a million; one in fifty is listed. A plan takes under 256 MiB. For a registry of
// 250 million in place of the list, see docs/performance.md, "A plan for a campaign of a million".
func BenchmarkNewPlan(b *testing.B) {
	const contacts = 1_000_000
	p := genesystest.New()
	list := p.AddContactList("Spring", "phone")
	campaign, err := p.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q}}`, list))
	require.NoError(b, err)
	heap := new(atomic.Uint64)
	client, err := genesys.NewCampaignClient(p.Source(), genesys.WithLimiter(nil), genesys.WithTransport(large{p, list, contacts, heap}))
	require.NoError(b, err)
	var listed []dnc.Number
	for i := 0; i < contacts; i += 50 {
		n, err := dnc.ParseNumber(fmt.Sprintf("+1415%d", 2_000_000+i))
		require.NoError(b, err)
		listed = append(listed, n)
	}
	checker := dnc.Protect(dnc.NewMemory("blacklist", listed...))
	b.ReportAllocs()
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		began, used := time.Now(), cpuTime()
		plan, err := preflight.NewPlan(b.Context(), checker, client, campaign)
		require.NoError(b, err)
		require.Equal(b, contacts/50, plan.Counts().Blocked)
		b.ReportMetric(time.Since(began).Seconds(), "s/plan")
		b.ReportMetric((cpuTime() - used).Seconds(), "cpu-s/plan") // with the making of the exports
		most := heap.Load() - before.HeapAlloc
		require.Less(b, most, uint64(256<<20))
		b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
	}
}
