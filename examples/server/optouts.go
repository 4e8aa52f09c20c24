package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/optout"
	"github.com/dnc-go/dnc/optout/genesysoptout"
)

// openOptOuts opens the intake of opt-outs of -optouts, nil without the flag. Its targets are the
// list in Redis that /validate asks, and the DNC list of -optout-dnc-list.
func openOptOuts(c config, platform campaigns) (*optout.Intake, func(), error) {
	if c.optOutDir == "" {
		return nil, func() {}, nil
	}
	closeRedis := func() {}
	var targets []optout.Option
	if len(c.redisURLs) > 0 {
		options, err := dnc.RedisOptions(c.redisURLs...)
		if err != nil {
			return nil, nil, fmt.Errorf("-redis: %w", err)
		}
		rdb := redis.NewUniversalClient(options)
		closeRedis = func() { _ = rdb.Close() }
		writer, err := dnc.NewRedisWriter(rdb)
		if err != nil {
			closeRedis()
			return nil, nil, fmt.Errorf("-redis: %w", err)
		}
		targets = append(targets, optout.WithTarget("redis", optout.ListTarget(writer)))
	}
	if c.optOutList != "" {
		targets = append(targets, optout.WithTarget("genesys", genesysoptout.ListTarget(platform.client, c.optOutList)))
	}
	intake, err := optout.Open(c.optOutDir, targets...)
	if err != nil {
		closeRedis()
		return nil, nil, fmt.Errorf("-optouts: %w", err)
	}
	return intake, func() { _ = intake.Close(); closeRedis() }, nil
}

// withOptOuts asks the intake as well, which knows an opt-out before any list does.
func withOptOuts(intake *optout.Intake, rules ...dnc.Rule) dnc.Rule {
	if intake != nil {
		rules = append(rules, dnc.RuleOf(intake.Checker()))
	}
	return dnc.All(rules...)
}

// takeOptOuts adds POST /opt-outs. Without an intake there is no such path.
func (a *api) takeOptOuts(intake *optout.Intake) {
	if intake != nil {
		a.optOuts = intake
		a.routes["/opt-outs"] = route{methods: "POST", handle: a.addOptOut}
	}
}

// maxOptOut is how many bytes a request to /opt-outs may have.
const maxOptOut = 16 << 10

var errOptOutTooLarge = &apiError{
	http.StatusRequestEntityTooLarge, "too_large",
	"nothing was stored: a request holds at most 16 KiB: shorten text and evidence, and send it again",
}

// optOutAnswer is the answer of /opt-outs.
type optOutAnswer struct {
	ID        string    `json:"id,omitempty"`
	Received  time.Time `json:"received,omitzero"`
	Duplicate bool      `json:"duplicate"`
	Meaning   string    `json:"meaning"` // "opt-out", or of a text "doubtful" or "harmless"
}

// addOptOut takes in one opt-out. 201 says that it is on disk and that this server blocks the
// number; 200 that it was known, or that a text is harmless; 503 that it was not acknowledged: the
// client sends it again.
func (a *api) addOptOut(w http.ResponseWriter, r *http.Request) (int, error) {
	ctx, cancel := context.WithTimeout(r.Context(), a.validateTimeout)
	defer cancel()
	request, text, err := a.readOptOut(w, r)
	if err != nil {
		drain(r)
		return 0, err
	}
	meaning := optout.OptOut
	var receipt optout.Receipt
	if text == nil {
		receipt, err = a.optOuts.Add(ctx, request)
	} else {
		meaning, receipt, err = a.optOuts.Reply(ctx, request, *text)
	}
	switch {
	case errors.Is(err, optout.ErrInvalidRequest):
		return 0, malformed(err.Error())
	case err != nil:
		a.log.Error("an opt-out was not acknowledged", "error", err)
		w.Header().Set("Retry-After", "1")
		return 0, &apiError{http.StatusServiceUnavailable, "not_stored", "the opt-out was not stored: send it again"}
	}
	status := http.StatusCreated
	if receipt.Duplicate || receipt.ID == "" {
		status = http.StatusOK
	}
	answer(w, status, optOutAnswer{receipt.ID, receipt.Received, receipt.Duplicate, meaning.String()})
	return status, nil
}

// readOptOut reads {"phoneNumber","source","sourceId","evidence","text"}. The first two are needed.
// As with contacts, names are exact and no name is there twice: otherwise one number could be opted
// out and another one meant.
func (a *api) readOptOut(w http.ResponseWriter, r *http.Request) (request optout.Request, text *string, err error) {
	if r.ContentLength > maxOptOut {
		return request, nil, errOptOutTooLarge
	}
	if err := acceptBody(r); err != nil {
		return request, nil, err
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOptOut))
	fields, err := readTexts(dec, "phoneNumber", "source", "sourceId", "evidence", "text")
	if err != nil {
		if err = bodyError(err); errors.Is(err, errTooLarge) {
			err = errOptOutTooLarge
		}
		return request, nil, err
	}
	number, err := a.parse(fields["phoneNumber"])
	if err != nil {
		return request, nil, &apiError{
			http.StatusBadRequest, "invalid_number", "phoneNumber is not a telephone number: " + err.Error(),
		}
	}
	request = optout.Request{
		Number: number, Source: fields["source"], SourceID: fields["sourceId"], Evidence: fields["evidence"],
	}
	if t, given := fields["text"]; given {
		text = &t
	}
	return request, text, nil
}

// readTexts reads one JSON object whose fields are texts with some names.
func readTexts(dec *json.Decoder, names ...string) (map[string]string, error) {
	const what = "the body"
	t, err := dec.Token()
	if err != nil {
		return nil, jsonError(what, err)
	}
	if t != json.Delim('{') {
		return nil, malformed("the body must be an object with phoneNumber and source")
	}
	fields := make(map[string]string)
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, jsonError(what, err)
		}
		name, _ := t.(string)
		if _, twice := fields[name]; twice || !slices.Contains(names, name) {
			return nil, malformed("the body has a field twice, or one that is not phoneNumber, source, sourceId, evidence or text")
		}
		if t, err = dec.Token(); err != nil {
			return nil, jsonError(what, err)
		}
		value, isText := t.(string)
		if !isText {
			return nil, malformed("the fields of the body must be strings")
		}
		fields[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, jsonError(what, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed("something follows the JSON object: leave it out")
	}
	return fields, nil
}
