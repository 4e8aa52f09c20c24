package genesys

import (
	"context"
	"io"
	"net/http"
	"time"
)

// stall ends a request whose answer does not begin in time, or whose body stops for as long: a
// large file may take long, but not without end. The time between two reads is the reader's own.
type stall struct {
	base  http.RoundTripper
	after time.Duration
}

func (s *stall) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	w := &watchdog{ctx: ctx, cancel: cancel, after: s.after}
	w.timer = time.AfterFunc(s.after, func() { cancel(stalledError{s.after}) })
	resp, err := s.base.RoundTrip(req.WithContext(ctx))
	w.timer.Stop()
	if err != nil {
		err = w.why(err)
		cancel(nil)
		return nil, err
	}
	if resp.Body == nil {
		cancel(nil)
		return resp, nil
	}
	w.body = resp.Body
	resp.Body = w
	return resp, nil
}

// watchdog is a body that must move on.
type watchdog struct {
	ctx    context.Context //nolint:containedctx // The request's own, which ends with its body, as in net/http.
	cancel context.CancelCauseFunc
	timer  *time.Timer
	after  time.Duration
	body   io.ReadCloser
}

func (w *watchdog) Read(p []byte) (int, error) {
	w.timer.Reset(w.after)
	n, err := w.body.Read(p)
	w.timer.Stop()
	if err != nil && err != io.EOF { //nolint:errorlint // Readers return io.EOF itself.
		err = w.why(err)
	}
	return n, err
}

func (w *watchdog) Close() error {
	err := w.body.Close()
	w.cancel(nil)
	return err
}

// why is the stall where that is what ended the request.
func (w *watchdog) why(err error) error {
	if s, ok := context.Cause(w.ctx).(stalledError); ok { //nolint:errorlint // Set here, never wrapped.
		return s
	}
	return err
}

// stalledError is a net.Error, so that it may be repeated as a timeout is.
type stalledError struct{ after time.Duration }

func (e stalledError) Error() string   { return "nothing came for " + e.after.String() }
func (e stalledError) Timeout() bool   { return true }
func (e stalledError) Temporary() bool { return true }

// Is makes it a deadline that has passed.
func (e stalledError) Is(target error) bool { return target == context.DeadlineExceeded }
