package optout

import (
	"context"
	"errors"

	"github.com/dnc-go/dnc"
)

// CodeHeld is the reason's code if a number is blocked only because a request is held: see
// [Intake.Hold].
const CodeHeld = "optout_held"

// Checker is the list of the opt-outs that this Intake has. A check asks no target and reads no
// disk. It blocks a number from the moment at which Add is called. The reason is dnc_optouts, or
// optout_held if the only request is held.
//
// It never allows a number, like dnc.BlockOnly: a number without an opt-out is Unknown, not_listed.
// It knows only the opt-outs of this Intake, so use it in a Union with the list that all processes
// share:
//
//	dnc.Protect(dnc.Union(national, dnc.BlockOnly(redisOptOuts), intake.Checker()))
//
// After Close every number is Unknown, store_unavailable.
func (in *Intake) Checker() dnc.Checker {
	list := in.config.list
	reasons := func(code string) dnc.Reasons { return dnc.ReasonsOf(dnc.Reason{Code: code, List: list}) }
	return dnc.BlockOnly(dnc.CheckerFunc((&overlay{
		in: in, optedOut: reasons("dnc_" + list), held: reasons(CodeHeld), free: reasons(dnc.CodeAllowed), invalid: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeInvalidNumber}),
	}).check))
}

type overlay struct {
	in                            *Intake
	optedOut, held, free, invalid dnc.Reasons
}

func (o *overlay) check(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	if err := o.silent(ctx); err != nil {
		reasons := dnc.ReasonsOf(dnc.Reason{Code: err.Code, List: err.List})
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Reasons: reasons}
		}
		return ds, err
	}
	ds := make([]dnc.Decision, len(ns))
	s := o.in.state
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i, n := range ns {
		d := dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: o.free}
		if n.IsZero() {
			d.Verdict, d.Reasons = dnc.Block, o.invalid
		} else if blocked, held := s.status(n); held {
			d.Verdict, d.Reasons = dnc.Block, o.held
		} else if blocked {
			d.Verdict, d.Reasons = dnc.Block, o.optedOut
		}
		ds[i] = d
	}
	return ds, nil
}

// silent says why no number can be answered, or is nil.
func (o *overlay) silent(ctx context.Context) *dnc.Error {
	list := o.in.config.list
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &dnc.Error{Code: dnc.CodeStoreTimeout, List: list, Err: ctx.Err()}
	case ctx.Err() != nil:
		return &dnc.Error{Code: dnc.CodeCanceled, List: list, Err: ctx.Err()}
	case o.in.isClosed():
		return &dnc.Error{Code: dnc.CodeStoreUnavailable, List: list, Hint: "the intake of opt-outs is closed", Err: ErrClosed}
	}
	return nil
}
