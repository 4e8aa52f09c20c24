package guide_test

import (
	"context"
	"testing"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
)

// service is a Checker of your own, for a list that your company has in another system.
func service(listed map[dnc.Number]bool) dnc.Checker {
	return dnc.CheckerFunc(func(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		if err := ctx.Err(); err != nil {
			return nil, err // without decisions every number is Unknown
		}
		block := dnc.ReasonsOf(dnc.Reason{Code: "dnc_crm", List: "crm"})
		allow := dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeAllowed, List: "crm"})
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: allow}
			if listed[n] {
				ds[i] = dnc.Decision{Number: n, Verdict: dnc.Block, Reasons: block}
			}
		}
		return ds, nil
	})
}

func TestService(t *testing.T) {
	dnctest.TestChecker(t, func(_ testing.TB, listed []dnc.Number) dnc.Checker {
		m := map[dnc.Number]bool{}
		for _, n := range listed {
			m[n] = true
		}
		return service(m)
	})
}
