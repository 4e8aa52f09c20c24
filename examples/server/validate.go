package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"

	"github.com/dnc-go/dnc"
)

// The limits of a request to /validate.
const (
	maxContacts = 50_000
	maxBody     = 8 << 20
)

var errTooLarge = &apiError{
	http.StatusRequestEntityTooLarge, "too_large",
	"a request holds at most 50,000 contacts and 8 MiB: send more requests",
}

// validate answers the report. 503 tells a client that looks at nothing but the status that the
// report decides nothing.
func (a *api) validate(w http.ResponseWriter, r *http.Request) (int, error) {
	ctx, cancel := context.WithTimeout(r.Context(), a.validateTimeout)
	defer cancel()
	in, err := readBody(w, r)
	if err != nil {
		drain(r)
		return 0, err
	}
	report, err := dnc.ValidateCalls(ctx, a.rule, in.numbers, in.calls, a.parse)
	if err != nil {
		a.log.Warn("not all numbers could be decided", "error", err)
	}
	a.log.Info("validated", "report", report)
	a.metrics.report(report)
	status := http.StatusOK
	if report.Total > 0 && report.Unknown == report.Total {
		status = http.StatusServiceUnavailable
	}
	if r.URL.Query().Get("explain") == "1" {
		with, err := a.explained(ctx, report, in)
		if err != nil {
			return 0, err
		}
		answer(w, status, with)
		return status, nil
	}
	answer(w, status, report)
	return status, nil
}

func readBody(w http.ResponseWriter, r *http.Request) (contacts, error) {
	if err := acceptBody(r); err != nil {
		if err.Status == http.StatusUnsupportedMediaType {
			w.Header().Set("Accept", "application/json")
			w.Header().Set("Accept-Encoding", "identity")
		}
		return contacts{}, err
	}
	in, err := readContacts(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return contacts{}, bodyError(err)
	}
	return in, nil
}

// drain reads what is left of a refused body, up to a bound and the connection's read timeout: most
// clients look for the answer only when they have sent everything, and would see a broken
// connection instead of what to change. One that has asked whether to send its body has not begun.
func drain(r *http.Request) {
	if r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, r.Body, 2*maxBody)
	}
}

// acceptBody refuses by the header alone what would be refused after reading.
func acceptBody(r *http.Request) *apiError {
	types := r.Header.Values("Content-Type")
	if len(types) != 1 {
		return &apiError{
			http.StatusUnsupportedMediaType, "unsupported_media_type", "send one Content-Type, application/json",
		}
	}
	kind, params, err := mime.ParseMediaType(types[0])
	charset, named := params["charset"]
	if err != nil || kind != "application/json" || named && !strings.EqualFold(charset, "utf-8") {
		return &apiError{
			http.StatusUnsupportedMediaType, "unsupported_media_type",
			"the Content-Type must be application/json, in UTF-8",
		}
	}
	for _, coding := range r.Header.Values("Content-Encoding") {
		if !strings.EqualFold(strings.TrimSpace(coding), "identity") {
			return &apiError{
				http.StatusUnsupportedMediaType, "unsupported_media_type",
				"send the body without Content-Encoding, not compressed",
			}
		}
	}
	if r.ContentLength > maxBody {
		return errTooLarge
	}
	return nil
}

// bodyError tells what went wrong while a body was read and decoded.
func bodyError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errTooLarge
	}
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &apiError{
			http.StatusRequestTimeout, "request_timeout", fmt.Sprintf("the body must arrive within %v", readTimeout),
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &apiError{http.StatusBadRequest, "malformed", "the body ends early"}
	}
	return &apiError{http.StatusBadRequest, "malformed", "the body could not be read"}
}
