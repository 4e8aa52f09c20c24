package dnctest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/dnc-go/dnc"
)

// contract says what is wrong with the answer to a batch; nil if nothing is.
func contract(ns []dnc.Number, ds []dnc.Decision, err error) error {
	if len(ds) != len(ns) {
		return fmt.Errorf("%d decisions for %d numbers", len(ds), len(ns))
	}
	open := 0
	var last dnc.Decision // decisions share their reasons
	for i, d := range ds {
		same := i > 0 && d.Verdict == last.Verdict && d.Reasons == last.Reasons && d.Fallback == last.Fallback
		last = d
		switch {
		case d.Number != ns[i]:
			return fmt.Errorf("decision %d is for another number", i)
		case d.Verdict > dnc.Block:
			return fmt.Errorf("decision %d has the verdict %v", i, d.Verdict)
		case d.Reasons.Len() == 0 || d.Reason().Code == "":
			return fmt.Errorf("decision %d has no reason", i)
		case d.Number.IsZero() && (d.Verdict != dnc.Block || d.Reason().Code != dnc.CodeInvalidNumber):
			return fmt.Errorf("decision %d is for the zero Number and is %v, not block invalid_number", i, d)
		case d.Callable() != (d.Verdict == dnc.Allow):
			return fmt.Errorf("decision %d: Callable contradicts the verdict", i)
		case !same && contradicts(d):
			return fmt.Errorf("decision %d: the verdict %v contradicts its reason %s", i, d.Verdict, d.Reason().Code)
		case d.Verdict == dnc.Unknown:
			open++
		}
	}
	switch {
	case open > 0 && err == nil:
		return fmt.Errorf("%d of %d verdicts are Unknown, and the error is nil", open, len(ds))
	case open == 0 && err != nil:
		return fmt.Errorf("no verdict is Unknown, and there is an error: %w", err)
	}
	return nil
}

// contradicts asks package dnc, which makes checker_failed of an answer whose verdict and reasons
// contradict each other. It needs no context of a caller's: it asks no Checker.
var contradicts = func(d dnc.Decision) bool {
	var err error
	if d.Verdict == dnc.Unknown {
		err = errBroken
	}
	again := dnc.CheckerFunc(func(context.Context, []dnc.Number) ([]dnc.Decision, error) { return []dnc.Decision{d}, err })
	judged, _ := again.Check(context.Background(), d.Number)
	return judged.Verdict != d.Verdict
}

// nothingAllowed tests the answers of calls whose context had ended: none allows, and an error is the
// context's. A fallback may have blocked, but not where the caller gave up.
func nothingAllowed(t *testing.T, want error, ds []dnc.Decision, errs ...error) {
	t.Helper()
	for _, d := range ds {
		if d.Callable() {
			t.Fatalf("a call whose context had ended allowed: %v", d)
		}
	}
	for _, err := range errs {
		if err != nil && !errors.Is(err, want) {
			t.Fatalf("the error is not the context's: %v", err)
		}
		if err == nil && errors.Is(want, context.Canceled) {
			t.Fatal("a cancelled call has no error")
		}
	}
}

var errBroken = errors.New("broken on purpose")
