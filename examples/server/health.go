package main

import (
	"context"
	"net/http"
	"time"

	"github.com/dnc-go/dnc"
)

// probeNumber is of country code 888, which no network uses: no list and no geo rule names it, so
// what it gets is the state of the lists and nothing else.
const probeNumber = "+88800000000000"

// probeTimeout keeps /healthz below the patience of those who ask it.
const probeTimeout = 2 * time.Second

type healthAnswer struct {
	Status  string `json:"status"`            // "ok" or "unavailable"
	Code    string `json:"code,omitempty"`    // why not: the code of a reason, as "list_missing"
	Message string `json:"message,omitempty"` // and in words
}

// health asks the lists for a call, the way /validate would. It needs no token, so it says no
// more than a reason's code.
func (a *api) health(w http.ResponseWriter, r *http.Request) (int, error) {
	probe, err := dnc.ParseNumber(probeNumber)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), probeTimeout)
	defer cancel()
	d, err := a.lists.Check(ctx, dnc.Call{Number: probe})
	if err != nil || d.Verdict == dnc.Unknown || d.Fallback {
		answer(w, http.StatusServiceUnavailable,
			healthAnswer{"unavailable", d.Reason().Code, "numbers cannot be decided now; the log has the cause"})
		return http.StatusServiceUnavailable, nil
	}
	if a.evidence != nil && a.evidence.Status().Error != nil { // every decision that allows is Unknown
		answer(w, http.StatusServiceUnavailable, healthAnswer{
			"unavailable", dnc.CodeStoreUnavailable, "decisions cannot be recorded now; the log has the cause",
		})
		return http.StatusServiceUnavailable, nil
	}
	answer(w, http.StatusOK, healthAnswer{Status: "ok"})
	return http.StatusOK, nil
}
