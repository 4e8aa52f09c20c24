package evidence

import (
	"context"
	"errors"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redisconn"
)

// listName is the List of the reason of a decision that could not be recorded.
const listName = "evidence"

// Record makes a Checker that asks c and records every decision before it returns it. The fields of
// about, such as the campaign, are recorded with each decision; its Number is not used. If a
// decision cannot be recorded, Allow becomes Unknown: see the package comment.
func Record(c dnc.Checker, l *Log, about dnc.Call) dnc.Checker {
	return &checker{c: dnc.Union(c), l: l, about: about} // a Union of one holds c to the contract
}

// RecordRule makes a Rule that asks r and records every decision before it returns it. The fields
// of the Call are recorded with the decision: Number and Party as an HMAC, the others as they are.
func RecordRule(r dnc.Rule, l *Log) dnc.Rule { return &rule{r: dnc.All(r), l: l} }

type checker struct {
	c     dnc.Checker
	l     *Log
	about dnc.Call
}

func (c *checker) Check(ctx context.Context, n dnc.Number) (dnc.Decision, error) {
	d, err := c.c.Check(ctx, n)
	ds := [1]dnc.Decision{d}
	err = c.l.settle(ctx, &c.about, nil, ds[:], err)
	return ds[0], err
}

func (c *checker) CheckBatch(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	ds, err := c.c.CheckBatch(ctx, ns)
	ds = append([]dnc.Decision{}, ds...) // the slice may be the Checker's own
	return ds, c.l.settle(ctx, &c.about, nil, ds, err)
}

type rule struct {
	r dnc.Rule
	l *Log
}

func (r *rule) Check(ctx context.Context, call dnc.Call) (dnc.Decision, error) {
	d, err := r.r.Check(ctx, call)
	ds := [1]dnc.Decision{d}
	err = r.l.settle(ctx, &call, nil, ds[:], err)
	return ds[0], err
}

func (r *rule) CheckBatch(ctx context.Context, calls []dnc.Call) ([]dnc.Decision, error) {
	ds, err := r.r.CheckBatch(ctx, calls)
	ds = append([]dnc.Decision{}, ds...) // the slice may be the Rule's own
	return ds, r.l.settle(ctx, nil, calls, ds, err)
}

// settle records decisions, or makes Unknown of those that allow, and returns their error.
func (l *Log) settle(ctx context.Context, about *dnc.Call, calls []dnc.Call, ds []dnc.Decision, err error) error {
	if len(ds) == 0 {
		return err
	}
	failure := l.recordDecisions(ctx, about, calls, ds)
	if failure == nil {
		return err
	}
	if l != nil {
		l.mu.Lock()
		l.lost += int64(len(ds))
		l.mu.Unlock()
		if l.unrecorded && redisconn.Ended(ctx) == nil {
			return err
		}
	}
	e := unrecorded(ctx, failure)
	reasons := dnc.ReasonsOf(dnc.Reason{Code: e.Code, List: listName})
	changed := false
	for i := range ds {
		if ds[i].Verdict == dnc.Allow {
			ds[i].Verdict, ds[i].Reasons, ds[i].Fallback = dnc.Unknown, reasons, false
			changed = true
		}
	}
	switch {
	case !changed:
		return err
	case err == nil:
		return e
	}
	return errors.Join(err, e)
}

func (l *Log) recordDecisions(ctx context.Context, about *dnc.Call, calls []dnc.Call, ds []dnc.Decision) error {
	if l == nil || l.open == nil {
		return errZero
	}
	e := encoder{l.tagger, library, l.clock().UTC().Truncate(time.Microsecond)}
	leaves, err := e.encode(about, calls, ds)
	if err != nil {
		return err
	}
	return l.append(ctx, leaves)
}

// unrecorded is why a decision has no record.
func unrecorded(ctx context.Context, failure error) *dnc.Error {
	if redisconn.Ended(ctx) != nil {
		f := redisconn.ContextFault(ctx)
		return &dnc.Error{Code: f.Code(), List: listName, Hint: f.Hint + " before its record was written", Err: f.Err}
	}
	return &dnc.Error{Code: dnc.CodeStoreUnavailable, List: listName, Hint: "the decision could not be recorded", Err: failure}
}
