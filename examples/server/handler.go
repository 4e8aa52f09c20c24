package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
)

// What one request may hold.
const (
	maxContacts = 50_000
	maxBody     = 8 << 20
)

type handler struct {
	config  config
	checker dnc.Checker
	parse   func(string) (dnc.Number, error)
	log     *slog.Logger
}

func newHandler(c config, checker dnc.Checker, log *slog.Logger) http.Handler {
	h := &handler{config: c, checker: checker, parse: dnc.Parser{Country: c.country}.Parse, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("/validate", h.only(http.MethodPost, h.authorized(h.validate)))
	mux.HandleFunc("/healthz", h.only(http.MethodGet, h.health))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "not_found", "there is POST /validate and GET /healthz")
	})
	return mux
}

// problem is the body of every error.
type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	reply(w, status, problem{code, message})
}

func reply(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"code":"internal","message":"the answer could not be written"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)+1))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

func (h *handler) only(method string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method && (method != http.MethodGet || r.Method != http.MethodHead) {
			w.Header().Set("Allow", method)
			refuse(w, http.StatusMethodNotAllowed, "method_not_allowed", "the method is "+method)
			return
		}
		next(w, r)
	}
}

// authorized compares hashes, so that neither the token's length nor where it differs can be measured.
func (h *handler) authorized(next http.HandlerFunc) http.HandlerFunc {
	want := sha256.Sum256([]byte(h.config.token))
	return func(w http.ResponseWriter, r *http.Request) {
		if h.config.token != "" {
			scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			got := sha256.Sum256([]byte(token))
			if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
				w.Header().Set("WWW-Authenticate", "Bearer")
				refuse(w, http.StatusUnauthorized, "unauthorized", "the header Authorization: Bearer with the server's token is missing or wrong")
				return
			}
		}
		next(w, r)
	}
}

// validate answers with the report: 200, or 503 with the same report if not one number could be decided.
func (h *handler) validate(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "unsupported_media_type", "the Content-Type is application/json")
		return
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		refuse(w, http.StatusUnsupportedMediaType, "unsupported_encoding", "the body is sent as it is, without Content-Encoding")
		return
	}
	numbers, bad := readContacts(http.MaxBytesReader(w, r.Body, maxBody))
	if bad != nil {
		refuse(w, bad.status, bad.Code, bad.Message)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.config.timeout)
	defer cancel()
	report, err := dnc.Validate(ctx, h.checker, numbers, h.parse)
	status := http.StatusOK
	if report.Total > 0 && report.Unknown == report.Total {
		status = http.StatusServiceUnavailable
	}
	h.log.Info("validated", "report", report, "status", status, "error", err) // a Report logs its counts alone
	reply(w, status, report)
}

// health asks about a number that nobody has: +999 is no country's code.
func (h *handler) health(w http.ResponseWriter, r *http.Request) {
	probe, err := dnc.ParseNumber("+9990000000")
	if err != nil {
		refuse(w, http.StatusInternalServerError, "internal", "the probe is no number")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), min(h.config.timeout, 2*time.Second))
	defer cancel()
	d, err := h.checker.Check(ctx, probe)
	if err != nil || d.Fallback {
		reply(w, http.StatusServiceUnavailable, map[string]string{"status": "unavailable", "code": d.Reason().Code, "message": "the lists cannot be asked"})
		return
	}
	reply(w, http.StatusOK, map[string]string{"status": "ok"})
}
