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

// A Fault is something that goes wrong with requests that match it. Give it to [Platform.Script].
// Of several that match, the first one that is not used up counts.
//
//	p.Script(genesystest.Fault{Status: 503, Times: 2})                                   // the next two requests
//	p.Script(genesystest.Fault{Method: "PATCH", Drop: true, Act: true})                  // acts, then cuts the connection
//	p.Script(genesystest.Fault{Path: "/oauth/token", Status: 400, Body: `{"error":"invalid_request","error_description":"rate limit exceeded; ..."}`})
type Fault struct {
	// Method and Path select requests: the method, and a part of the path. "" is any.
	Method, Path string

	// Skip lets so many of them pass first.
	Skip int

	// Times is how many requests it strikes, 0 for one, -1 for all.
	Times int

	// Act has the platform do what it was asked before the fault strikes, whatever the fault is: also
	// before a Delay or a Hang. Without it a request whose context ends during a Delay has had no
	// effect.
	Act bool

	// Delay is how long the answer takes, if the request's context does not end before. Hang has no
	// end.
	Delay time.Duration
	Hang  bool

	// Drop cuts the connection instead of an answer.
	Drop bool

	// Status, Header and Body are the answer; a Status of 0 is the platform's own answer. Stream in
	// place of Body is a body that may be without end. A Body of JSON has that content type unless
	// Header says otherwise.
	Status int
	Header map[string]string
	Body   string
	Stream func() io.Reader // nil: Body
}

// Script adds a fault.
func (p *Platform) Script(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	f.Header = maps.Clone(f.Header)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, &f)
}

// ClearFaults takes all faults away.
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
