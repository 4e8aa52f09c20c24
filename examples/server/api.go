package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
	"github.com/dnc-go/dnc/evidence"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/optout"
)

// api is the handler of every request.
type api struct {
	rule            dnc.Rule // answers /validate
	lists           dnc.Rule // answers /healthz
	parse           func(string) (dnc.Number, error)
	validateTimeout time.Duration
	campaigns       *genesys.CampaignClient
	turns           *turns
	applyTimeout    time.Duration
	optOuts         *optout.Intake // nil without -optouts
	evidence        *evidence.Log  // nil without -evidence
	token           string
	log             *slog.Logger
	routes          map[string]route
	metrics         *metrics                        // nil without -metrics
	hours           func() (*calltime.Hours, error) // of ?explain=1
}

// route is what is behind a path. http.ServeMux is not used because it answers in its own words,
// not in JSON.
type route struct {
	methods string // as the Allow header has them
	open    bool   // needs no token
	handle  func(w http.ResponseWriter, r *http.Request) (status int, err error)
}

func newAPI(c config, rule dnc.Rule, platform campaigns, log *slog.Logger) *api {
	a := &api{
		rule: rule, parse: c.parser.Parse, validateTimeout: c.validateTimeout,
		campaigns: platform.client, applyTimeout: c.applyTimeout, token: c.token, log: log,
		lists: rule, hours: c.hours,
	}
	if platform.client != nil {
		a.turns = newTurns(platform.limiter)
	}
	a.routes = map[string]route{
		"/validate":             {methods: "POST", handle: a.validate},
		"/apply-campaign-rules": {methods: "POST", handle: a.apply},
		"/healthz":              {methods: "GET, HEAD", open: true, handle: a.health},
	}
	return a
}

// ServeHTTP finds the route, answers errors as JSON, and logs one line. The line has nothing of the
// request in it but a path that is known here: what a client sends, a path or a method, may hold a
// number.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	path := r.URL.Path
	rt, known := a.routes[path]
	if !known {
		path = "(other)"
	}
	w.Header().Set("Cache-Control", "no-store") // an answer is true for the moment
	w.Header().Set("X-Content-Type-Options", "nosniff")
	status, err := a.dispatch(w, r, rt, known)
	if err != nil {
		e, ok := errors.AsType[*apiError](err)
		if !ok {
			e = &apiError{http.StatusInternalServerError, "internal", "the answer could not be made"}
			a.log.Error("request", "path", path, "error", err)
		}
		status = e.Status
		answer(w, status, e)
	}
	a.metrics.request(path, status)
	a.log.Info("request", "path", path, "status", status, "duration", time.Since(started).Round(time.Microsecond))
}

func (a *api) dispatch(w http.ResponseWriter, r *http.Request, rt route, known bool) (int, error) {
	switch {
	case !known:
		return 0, &apiError{http.StatusNotFound, "not_found", "there are POST /validate, POST /apply-campaign-rules, GET /healthz, with -optouts POST /opt-outs, and with -metrics GET /metrics"}
	case !rt.allows(r.Method):
		w.Header().Set("Allow", rt.methods)
		return 0, &apiError{http.StatusMethodNotAllowed, "method_not_allowed", "this path answers " + rt.methods}
	case !rt.open && !a.authorized(r):
		w.Header().Set("WWW-Authenticate", "Bearer")
		return 0, &apiError{http.StatusUnauthorized, "unauthorized", "send the header Authorization: Bearer and the token of this server"}
	}
	return rt.handle(w, r)
}

func (rt route) allows(method string) bool {
	for m := range strings.SplitSeq(rt.methods, ", ") {
		if m == method {
			return true
		}
	}
	return false
}

// authorized compares in constant time, and hashes first because the comparison alone would tell
// the token's length.
func (a *api) authorized(r *http.Request) bool {
	if a.token == "" {
		return true
	}
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return false
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	got, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(a.token))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// apiError is what a client did wrong and how to do it right. It never quotes the request.
type apiError struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

// answer writes JSON. A client that has gone away is nobody's error.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"code":"internal","message":"the answer could not be made"}`)
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}
