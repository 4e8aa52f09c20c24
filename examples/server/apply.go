package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/retry"
)

// applied is the answer of /apply-campaign-rules.
type applied struct {
	Status             string   `json:"status"` // "applied"
	Changed            bool     `json:"changed"`
	CampaignID         string   `json:"campaignId"`
	CampaignStatus     string   `json:"campaignStatus"`
	ContactListID      string   `json:"contactListId"`
	ContactListChanged bool     `json:"contactListChanged"`
	BlockedNumbers     int      `json:"blockedNumbers"` // sent to the campaign's own DNC list
	DNCListID          string   `json:"dncListId,omitempty"`
	DNCListCreated     bool     `json:"dncListCreated"`
	DNCListIDs         []string `json:"dncListIds"` // attached, in their order
	Attached           []string `json:"attached"`   // those of them that were not attached before
}

// apply makes rules hold for a campaign, and answers what has changed. A request that cannot be
// finished in its time is answered 503 before anything is written. One that was begun is finished:
// a client that goes away must not leave a campaign half done.
func (a *api) apply(w http.ResponseWriter, r *http.Request) (int, error) {
	deadline := time.Now().Add(a.applyTimeout)
	if err := acceptBody(r); err != nil {
		drain(r)
		return 0, err
	}
	request, err := readRules(http.MaxBytesReader(w, r.Body, maxBody), a.parse)
	if err != nil {
		drain(r)
		return 0, bodyError(err)
	}
	a.recordBlocks(r.Context(), request)
	done, err := a.applyRules(r.Context(), deadline, request)
	if err != nil {
		a.log.Warn("the rules were not applied", "error", err)
		e := platformError(err)
		if wait := retryAfter(err); e.Status == http.StatusServiceUnavailable && wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		}
		return 0, e
	}
	answer(w, http.StatusOK, applied{
		Status:             "applied",
		Changed:            done.Changed(),
		CampaignID:         done.After.ID(),
		CampaignStatus:     string(done.After.Status()),
		ContactListID:      done.After.ContactListID(),
		ContactListChanged: done.ContactListChanged,
		BlockedNumbers:     done.NumbersSent,
		DNCListID:          done.DNCListID,
		DNCListCreated:     done.DNCListCreated,
		DNCListIDs:         done.After.DNCListIDs(),
		Attached:           append([]string{}, done.Attached...),
	})
	return http.StatusOK, nil
}

// applyRules waits for its turn until the deadline, and has the whole time of a request from then
// on.
func (a *api) applyRules(
	ctx context.Context, deadline time.Time, request rulesRequest,
) (done *genesys.Applied, err error) {
	end, err := a.turns.take(ctx, request.rules, deadline)
	if err != nil {
		return nil, err
	}
	defer func() { end(err == nil) }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.applyTimeout)
	defer cancel()
	return a.campaigns.ApplyRules(ctx, request.campaignID, request.rules)
}

type rulesRequest struct {
	campaignID string
	rules      genesys.Rules
	blocked    []dnc.Number // those of the rules
}

// readRules reads {"campaignId","contactListId","blockedNumbers","dncListIds"}; only the first is
// required. Any other name is refused: otherwise a misspelt "blockedNumbers" would block
// nobody. Its errors name the index of a number and never quote one.
func readRules(body io.Reader, parse func(string) (dnc.Number, error)) (rulesRequest, error) {
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(body); err != nil {
		return rulesRequest{}, err
	}
	if !utf8.Valid(raw.Bytes()) || loneSurrogate(raw.Bytes()) {
		return rulesRequest{}, malformed("the body is not valid UTF-8")
	}
	dec := json.NewDecoder(&raw)
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return rulesRequest{}, malformed(`the body must be a JSON object of "campaignId", "contactListId", "blockedNumbers" and "dncListIds"`)
	}
	var request rulesRequest
	var numbers []string
	fields := map[string]any{
		"campaignId": &request.campaignID, "contactListId": &request.rules.ContactListID,
		"blockedNumbers": &numbers, "dncListIds": &request.rules.DNCListIDs,
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return request, jsonError("the body", err)
		}
		name, _ := t.(string)
		field, ok := fields[name]
		if !ok {
			return request, malformed(`the body has a field twice, or one that is not "campaignId", "contactListId", "blockedNumbers" or "dncListIds"`)
		}
		delete(fields, name)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return request, jsonError(name, err)
		}
		if !readField(value, field) {
			return request, malformed(name + " is of another type: want a string, or for the last two an array of strings")
		}
	}
	if _, err := dec.Token(); err != nil {
		return request, jsonError("the body", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return request, malformed("something follows the JSON object: leave it out")
	}
	if len(numbers) > maxContacts {
		return request, errTooLarge
	}
	for i, s := range numbers {
		n, err := parse(s)
		if err != nil {
			return request, malformed(fmt.Sprintf("blockedNumbers[%d] is not a phone number: %v", i, err))
		}
		request.blocked = append(request.blocked, n)
		request.rules.BlockedNumbers = append(request.rules.BlockedNumbers, n.E164())
	}
	return request, nil
}

// readField takes null for a list that is empty, as many serializers write it, but no null inside
// of one.
func readField(value json.RawMessage, into any) bool {
	if string(value) == "null" {
		return true
	}
	list, ok := into.(*[]string)
	if !ok {
		return json.Unmarshal(value, into) == nil
	}
	var items []*string
	if json.Unmarshal(value, &items) != nil || slices.Contains(items, nil) {
		return false
	}
	for _, item := range items {
		*list = append(*list, *item)
	}
	return true
}

// platformError is what a client of this server is told of an error of the platform, and how it is
// to go on.
func platformError(err error) *apiError {
	if e, ok := errors.AsType[*busyError](err); ok {
		return &apiError{http.StatusServiceUnavailable, "platform_busy", e.Error()}
	}
	if errors.Is(err, retry.ErrDeadline) && retryAfter(err) > 0 {
		// There is a time to come back at, and this request's own time ends before: the rate limit of
		// this server's client, or of the platform, or of its login.
		return &apiError{http.StatusServiceUnavailable, "platform_busy", err.Error()}
	}
	for _, known := range []struct {
		is     error
		status int
		code   string
	}{
		{genesys.ErrInvalidInput, http.StatusBadRequest, "invalid_input"},
		{genesys.ErrNotFound, http.StatusNotFound, "not_found_on_platform"},
		{genesys.ErrCampaignStatus, http.StatusConflict, "campaign_status"},
		{genesys.ErrConflict, http.StatusConflict, "version_conflict"},
		{genesys.ErrAmbiguousList, http.StatusConflict, "ambiguous_list"},
		{genesys.ErrListFull, http.StatusConflict, "list_full"},
		{genesys.ErrNotInternal, http.StatusConflict, "not_internal_list"},
		{genesys.ErrNotVerified, http.StatusBadGateway, "not_verified"},
		{genesys.ErrForbidden, http.StatusBadGateway, "platform_forbidden"},
		{genesys.ErrUnauthorized, http.StatusBadGateway, "platform_unauthorized"},
		{genesys.ErrRateLimited, http.StatusServiceUnavailable, "platform_rate_limited"},
		{context.DeadlineExceeded, http.StatusGatewayTimeout, "platform_timeout"},
	} {
		if errors.Is(err, known.is) {
			return &apiError{known.status, known.code, err.Error()}
		}
	}
	if e, ok := errors.AsType[*auth.Error](err); ok {
		if e.Retryable() {
			return &apiError{http.StatusServiceUnavailable, "platform_unavailable", err.Error()}
		}
		return &apiError{http.StatusBadGateway, "platform_unauthorized", err.Error()}
	}
	return &apiError{http.StatusBadGateway, "platform_failed", err.Error()}
}

func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[interface {
		error
		RetryAfter() time.Duration
	}](err); ok {
		return e.RetryAfter()
	}
	return 0
}
