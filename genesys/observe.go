package genesys

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/tally"
)

// An Observer is called when a request to the platform begins. The function that it returns is
// called when the request ends. It is called from many goroutines at once.
//
// The request uses the context that the Observer returns, which may carry a span. Do not cancel
// that context when the request ends: the file of an export is read afterwards.
//
// method and route hold no id, no phone number and no query. The route of
// /api/v2/outbound/campaigns/7f0c is "/api/v2/outbound/campaigns/{id}". Files at signed addresses
// have the routes "signed download" and "signed upload".
type Observer func(ctx context.Context, method, route string) (context.Context, func(Observation))

// An Observation says how a request ended. A request with its retries is one Observation. Marking a
// contact is two: a read and a write.
type Observation struct {
	Status  int           // of the last reply; 0 if there was no reply
	Retries int           // how often the request was sent again
	Waited  time.Duration // the time that all tries waited for the rate limit
	Err     error         // the error of the request; it may have ids, and has no phone number
}

// WithObserver sets a function that is called for each request, for metrics and traces. The module
// github.com/dnc-go/dnc/otel has one for OpenTelemetry. Logins are not observed: for these, wrap the
// Transport of the credentials.
func WithObserver(o Observer) Option {
	return func(c *config) error {
		if o == nil {
			return invalid("WithObserver(nil): leave it out")
		}
		c.observer = o
		return nil
	}
}

// The routes of files that do not lie at the API.
const (
	signedDownload = "signed download"
	signedUpload   = "signed upload"
)

// observe begins a request. end is called once.
func (c *CampaignClient) observe(
	ctx context.Context, method, route string,
) (_ context.Context, end func(status int, err error)) {
	if c.observer == nil {
		return ctx, func(int, error) {}
	}
	ctx, count := tally.Start(ctx)
	ctx, ended := c.observer(ctx, method, route)
	return ctx, func(status int, err error) {
		if e, ok := errors.AsType[*Error](err); ok && status == 0 {
			status = e.Status
		}
		ended(Observation{Status: status, Retries: count.Retries(), Waited: count.Waited(), Err: err})
	}
}

// fetch sends a request for a file. It is observed until the reply's header is there.
func (c *CampaignClient) fetch(client *http.Client, req *http.Request, route string) (*http.Response, error) {
	ctx, end := c.observe(req.Context(), req.Method, route)
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		end(0, err)
		return nil, err
	}
	end(resp.StatusCode, nil)
	return resp, nil
}

// words are the segments of the API's paths that are no ids.
var words = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`
		api v2 outbound
		campaigns start stop diagnostics progress
		dnclists uploads importstatus export phonenumbers emailaddresses whatsappnumbers customexclusioncolumns
		contactlists contacts search bulk update jobs
		attemptlimits callabletimesets rulesets campaignrules sequences schedules conversations dnc`) {
		m[w] = true
	}
	return m
}()

// routeOf is a path in which each segment that is no known word is "{id}".
func routeOf(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if i > 0 && !words[s] {
			segments[i] = "{id}"
		}
	}
	return strings.Join(segments, "/")
}
