package genesys

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// call is one operation of the platform's API.
type call struct {
	method, path string // the path as it is sent
	shown        string // the path as errors and logs show it; "": as it is sent
	query        url.Values
	body         []byte       // JSON; nil: none
	repeatable   bool         // a PATCH or POST whose repetition changes nothing
	once         bool         // never sent again once it may have acted, also where its method has that
	single       bool         // never sent again: what it writes was read just now
	into         any          // where the reply's JSON goes; nil: an empty reply or any JSON will do
	header       *http.Header // where the reply's header goes
}

const userAgent = "dnc-go (+https://github.com/dnc-go/dnc)"

// do sends a call. Its errors are *Error, except that of a client that NewCampaignClient has not
// made.
func (c *CampaignClient) do(ctx context.Context, op call) error {
	if c.http == nil {
		return invalid("this CampaignClient was not made by NewCampaignClient")
	}
	ctx, end := c.observe(ctx, op.method, routeOf(op.path))
	status, err := c.send(ctx, op)
	end(status, err)
	return err
}

// send is do without an Observer. The status is 0 where there is no reply, or an error has it.
func (c *CampaignClient) send(ctx context.Context, op call) (status int, err error) {
	ctx, out := watch(ctx, op.once)
	target := c.api + op.path
	if op.shown != "" {
		op.path = op.shown
	}
	if len(op.query) > 0 {
		target += "?" + op.query.Encode()
	}
	var body io.Reader
	if op.body != nil {
		body = bytes.NewReader(op.body)
	}
	req, err := http.NewRequestWithContext(ctx, op.method, target, body)
	if err != nil {
		return 0, &Error{Method: op.method, Path: op.path, Err: errors.New("the request cannot be made")}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	if op.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if op.repeatable {
		req.Header["Idempotency-Key"] = nil // marks the request for net/http and retry, and is never sent
	}
	client := c.http
	if op.single {
		client = c.single
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, c.failed(ctx, op, out, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if op.header != nil {
		*op.header = resp.Header
	}
	c.log().LogAttrs(ctx, slog.LevelDebug, "genesys", slog.String("method", op.method), slog.String("path", op.path),
		slog.Int("status", resp.StatusCode), slog.String("correlation_id", correlationID(resp)))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		e := readError(op, resp)
		e.Uncertain = op.writes() && out.doubt.Load()
		return 0, e
	}
	if err := decodeReply(resp, op.into); err != nil {
		e := &Error{
			Method: op.method, Path: op.path, Status: resp.StatusCode, CorrelationID: correlationID(resp), Err: err,
		}
		e.Uncertain = op.writes()
		if ctx.Err() != nil {
			e.Err = ended(ctx, err)
		}
		return 0, e
	}
	return resp.StatusCode, nil
}

func (op call) writes() bool { return op.method != http.MethodGet && !op.reads() }

// reads is true for what is read by POST.
func (op call) reads() bool {
	return op.method == http.MethodPost &&
		(strings.HasSuffix(op.path, "/contacts/search") || strings.HasSuffix(op.path, "/contacts/bulk"))
}

func (c *CampaignClient) failed(ctx context.Context, op call, out *outcome, err error) *Error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // it would print the URL with its query
	}
	if ctx.Err() != nil {
		err = ended(ctx, err)
	}
	e := &Error{Method: op.method, Path: op.path, Err: err, Uncertain: op.writes() && out.doubt.Load()}
	if cut, ok := errors.AsType[*cutError](err); ok {
		e.Status, e.CorrelationID = cut.status, cut.correlation
	}
	if last, ok := errors.AsType[*Error](err); ok { // of a call that is sent once
		*e = *last
		if ctx.Err() != nil {
			e.Err = ended(ctx, last.Err)
		}
	}
	if w, ok := errors.AsType[interface {
		error
		RetryAfter() time.Duration
	}](err); ok {
		e.Wait = w.RetryAfter()
	}
	c.log().LogAttrs(ctx, slog.LevelDebug, "genesys", slog.String("method", op.method), slog.String("path", op.path),
		slog.String("error", err.Error()))
	return e
}

// ended joins the context's error and its cause to what they made of the request.
func ended(ctx context.Context, err error) error {
	errs := []error{err}
	for _, e := range []error{ctx.Err(), context.Cause(ctx)} {
		if e != nil && !errors.Is(err, e) {
			errs = append(errs, e)
		}
	}
	if len(errs) == 1 {
		return err
	}
	return errors.Join(errs...)
}

var (
	errNotJSON   = errors.New("the reply is not JSON")
	errOtherJSON = errors.New("the reply is JSON of another shape, or has a name twice")
	errTooLarge  = errors.New("the reply is larger than is read")
	errCutOff    = errors.New("the reply ends too early")
	errEmpty     = errors.New("the reply is empty")
)

// decodeReply reads a reply of success. A page of HTML with status 200 is no success: a proxy says
// it, and nobody has acted. A body that is empty says nothing, whatever content type it has.
func decodeReply(resp *http.Response, into any) error {
	data, err := readBounded(resp.Body, maxReply)
	switch {
	case errors.Is(err, errTooLarge):
		return errors.Join(ErrUnexpectedReply, err)
	case err != nil:
		return errors.Join(ErrUnexpectedReply, errCutOff, safeNetError(err))
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some gateways put it there
	kind := resp.Header.Get("Content-Type")
	media, _, _ := mime.ParseMediaType(kind)
	if empty := len(bytes.TrimSpace(data)) == 0; empty && into == nil &&
		(media != "text/html" || resp.StatusCode == http.StatusNoContent) {
		return nil
	} else if empty {
		return errors.Join(ErrUnexpectedReply, errEmpty)
	}
	switch packed := packedAs(resp); {
	case packed != "":
		return errors.Join(ErrUnexpectedReply, fmt.Errorf("%w: %s", errNotJSON, packed))
	case kind != "" && media != "application/json":
		return errors.Join(ErrUnexpectedReply, fmt.Errorf("%w: its content type is %q", errNotJSON, clean(kind, 64)))
	case !utf8.Valid(data):
		return errors.Join(ErrUnexpectedReply, fmt.Errorf("%w: it is not UTF-8", errNotJSON))
	}
	if err := errorInside(data); err != nil {
		return errors.Join(ErrUnexpectedReply, err)
	}
	if into == nil {
		if len(data) > 0 && !json.Valid(data) {
			return errors.Join(ErrUnexpectedReply, errNotJSON)
		}
		return nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		// The decoder's own error may repeat a value of the reply, so it is not kept.
		if json.Valid(data) {
			return errors.Join(ErrUnexpectedReply, errOtherJSON)
		}
		return errors.Join(ErrUnexpectedReply, errNotJSON)
	}
	return nil
}

// packedAs says how a reply is packed, "" if it is not: net/http unpacks what it has asked for.
func packedAs(resp *http.Response) string {
	packed := resp.Header.Get("Content-Encoding")
	if packed == "" || strings.EqualFold(packed, "identity") {
		return ""
	}
	return fmt.Sprintf("it is packed as %q, which was not asked for: look at gateways and proxies", clean(packed, 32))
}

// errorInside is the platform's error in a reply of success, or in an item of one: whatever the
// status says, that was not done. An object of the platform may have errors of its own, as a
// campaign has, but then it has an id.
func errorInside(data []byte) error {
	type errorBody struct {
		ID      json.RawMessage   `json:"id"`
		Code    string            `json:"code"`
		Message string            `json:"message"`
		Status  float64           `json:"status"`
		Errors  []json.RawMessage `json:"errors"`
	}
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		items = []json.RawMessage{data}
	}
	for _, item := range items {
		var body errorBody
		if json.Unmarshal(item, &body) != nil {
			continue // an object of the platform with other types
		}
		if body.Status >= http.StatusBadRequest || body.Code != "" && body.Message != "" ||
			len(body.Errors) > 0 && body.ID == nil {
			return fmt.Errorf("the reply of success has an error in it: %s",
				strings.TrimSpace(clean(body.Code, 128)+" "+clean(body.Message, 512)))
		}
	}
	return nil
}

// readBounded reads everything, if that is at most limit bytes.
func readBounded(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(data)) > limit {
		return nil, errTooLarge
	}
	return data, err
}

// safeNetError is an error of reading, reduced to what cannot hold a body's text.
func safeNetError(err error) error {
	if s, ok := errors.AsType[stalledError](err); ok {
		return s
	}
	for _, known := range []error{io.ErrUnexpectedEOF, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return known
		}
	}
	if e, ok := errors.AsType[net.Error](err); ok {
		return e
	}
	return errors.New("it could not be read")
}

func correlationID(resp *http.Response) string {
	return clean(resp.Header.Get("ININ-Correlation-Id"), 64)
}

// log is where calls are logged.
func (c *CampaignClient) log() *slog.Logger { return cmp.Or(c.logger, slog.Default()) }
