package genesystest

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// A Fault makes requests fail. Give it to [Platform.AddFault]. If several faults match a request,
// the one that was added first is used, as long as its Times are not used up.
//
//	p.AddFault(genesystest.Fault{Status: 503, Times: 2})                       // the next two requests are answered 503
//	p.AddFault(genesystest.Fault{Method: "PATCH", Drop: true, ActFirst: true}) // the platform acts, then the connection is cut
//	p.AddFault(genesystest.Fault{Path: "/oauth/token", Status: 400, Body: `{"error":"invalid_request"}`})
type Fault struct {
	// The fault matches requests with this method, and with this text in the path. "" matches any.
	Method, Path string

	// Skip is how many matching requests pass before the first one fails.
	Skip int

	// Times is how many requests fail. 0 means one, -1 means all.
	Times int

	// ActFirst has the platform carry out the request before the fault, also before a Delay or a
	// Hang. Without it, a request whose context ends during a Delay has no effect.
	ActFirst bool

	// Delay is how long the answer takes. With Hang it never comes. In both cases a request ends with
	// its context.
	Delay time.Duration
	Hang  bool

	// Drop cuts the connection. There is no answer.
	Drop bool

	// Status, Header and Body are the answer. A Status of 0 means the platform's own answer. Stream
	// replaces Body, for a body without end. If Body is JSON, so is the content type, unless Header
	// has another one.
	Status int
	Header map[string]string
	Body   string
	Stream func() io.Reader // nil: Body
}

// AddFault adds a fault.
func (p *Platform) AddFault(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	f.Header = maps.Clone(f.Header)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, &f)
}

// ClearFaults removes all faults.
func (p *Platform) ClearFaults() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

func matches(method, path, gotMethod, gotPath string) bool {
	return (method == "" || method == gotMethod) && strings.Contains(gotPath, path)
}

// strikes is the fault of a request, nil if there is none. Called with mu held.
func (p *Platform) strikes(r *http.Request) *Fault {
	for _, f := range p.faults {
		if f.Times == 0 || !matches(f.Method, f.Path, r.Method, r.URL.Path) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		return f
	}
	return nil
}

// wait is the time that an answer takes. A context that ends gives its cause, as in net/http.
func (f *Fault) wait(ctx context.Context) error {
	if f.Hang {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	if f.Delay <= 0 {
		return nil
	}
	t := time.NewTimer(f.Delay)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// answer puts the fault's answer in the place of the platform's.
func (f *Fault) answer(own reply) reply {
	if f.Status == 0 {
		return own
	}
	r := reply{status: f.Status, body: []byte(f.Body), header: http.Header{}}
	if strings.HasPrefix(f.Body, "{") || strings.HasPrefix(f.Body, "[") {
		r.header.Set("Content-Type", "application/json")
	}
	for name, value := range f.Header {
		r.header.Set(name, value)
	}
	if f.Stream != nil {
		r.stream = f.Stream()
	}
	return r
}

// errDropped is what a connection says that the other side has cut.
var errDropped = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
