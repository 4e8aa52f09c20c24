package genesys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dnc-go/dnc/internal/servertime"
	"github.com/dnc-go/dnc/retry"
)

// The errors that [errors.Is] finds.
var (
	// ErrInvalidInput says that an argument cannot be used, and nothing was sent. The text says
	// which argument, and what to change.
	ErrInvalidInput = errors.New("genesys: invalid input")

	// ErrNotFound says that a campaign, list or contact does not exist, or that the client's
	// divisions hide it (404).
	ErrNotFound = errors.New("genesys: not found")

	// ErrUnauthorized says that the API refused the token, and a new token too (401). If the login
	// itself fails, the error is an [auth.Error].
	ErrUnauthorized = errors.New("genesys: not authorized")

	// ErrForbidden says that the roles of the OAuth client lack a permission (403).
	// [Error].MissingPermissions names it.
	ErrForbidden = errors.New("genesys: a permission is missing")

	// ErrConflict says that the version is no longer current, because another program has changed
	// the object (409, 412, and 400 that says so).
	ErrConflict = errors.New("genesys: version conflict")

	// ErrCampaignStatus says that the campaign's status does not allow the change: the campaign
	// runs, is stopping, or its contact list is in use.
	ErrCampaignStatus = errors.New("genesys: not possible in this campaign status")

	// ErrRateLimited says that the platform still answers 429 after the retries. [Error].Wait is
	// how long it asks to wait.
	ErrRateLimited = errors.New("genesys: rate limited")

	// ErrListFull says that a list takes no more entries. [Error].Limit has the limit's key and
	// value.
	ErrListFull = errors.New("genesys: the list is full")

	// ErrTooLarge says that a request is over the platform's size limit (413).
	ErrTooLarge = errors.New("genesys: the request is too large")

	// ErrNotInternal says that a DNC list takes no entries, because an external service keeps it.
	ErrNotInternal = errors.New("genesys: not an internal DNC list")

	// ErrAmbiguousList says that two DNC lists have the name of the campaign's own list, so it is
	// not known which one is right. Delete or rename one of them.
	ErrAmbiguousList = errors.New("genesys: two DNC lists of that name")

	// ErrUnexpectedReply says that a reply is not what the platform sends: HTML, broken or endless
	// JSON, or a redirect.
	ErrUnexpectedReply = errors.New("genesys: unexpected reply")

	// ErrNotVerified says that the platform accepted a change, but the change was not there when it
	// was read back.
	ErrNotVerified = errors.New("genesys: the change could not be verified")
)

// An Error says why a request failed. It holds no token, no query and no body. A phone number in
// the platform's message is masked. [errors.Is] finds the errors of this package,
// [context.Canceled] and [context.DeadlineExceeded].
type Error struct {
	// Method and Path say which operation failed.
	Method, Path string

	// Status is the HTTP status, 0 if there was no reply.
	Status int

	// Code and Message are those of the platform. Branch on Code: Message is a text for people.
	Code, Message string

	// CorrelationID identifies the request. The vendor's support asks for it.
	CorrelationID string

	// MissingPermissions are the permissions that a 403 names, such as "outbound:dnc:edit".
	MissingPermissions []string

	// Limit is the platform's limit that was reached. It is the zero Limit if the reply names none.
	Limit Limit

	// Wait is how long the platform asks to wait (Retry-After). It is 0 if the platform did not
	// say.
	Wait time.Duration

	// Uncertain is true if a write may have taken effect although it failed: the connection was
	// lost, or a gateway answered. Read the object before you repeat the write.
	Uncertain bool

	// Err is the cause if there was no usable reply.
	Err error

	storage bool // it was not the API that answered
}

// A Limit is one of the platform's limits, with the platform's names.
type Limit struct {
	Key, Namespace string
	Value          int64
}

// Error says which operation failed, what happened, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "genesys: %s %s:", e.Method, e.Path)
	if e.Status != 0 {
		fmt.Fprintf(&b, " %d", e.Status)
	}
	for _, s := range []string{e.Code, e.Message} {
		if s != "" {
			b.WriteString(" " + s)
		}
	}
	switch {
	case len(e.MissingPermissions) > 0:
		b.WriteString("; give the OAuth client a role with " + strings.Join(e.MissingPermissions, ", "))
	case e.Status == http.StatusForbidden && e.Code != "":
		b.WriteString("; it names no permission: the OAuth client's role may lack one, or the division of the object")
	}
	if e.Limit.Key != "" {
		fmt.Fprintf(&b, "; limit %s is %d", e.Limit.Key, e.Limit.Value)
	}
	if e.Err != nil {
		b.WriteString(" " + oneLine(e.Err))
	}
	if e.Uncertain {
		b.WriteString("; it may have taken effect, read before repeating it")
	}
	if e.Wait > 0 {
		fmt.Fprintf(&b, "; try again after %v", e.Wait)
	}
	if e.CorrelationID != "" {
		b.WriteString(" (correlation id " + e.CorrelationID + ")")
	}
	return b.String()
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", ": ") }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// RetryAfter returns Wait. Package retry and other code find it by an interface.
func (e *Error) RetryAfter() time.Duration { return e.Wait }

// Retryable reports whether the same call may succeed later. It is false for an Uncertain write:
// read first.
func (e *Error) Retryable() bool {
	switch {
	case e.Uncertain:
		return false
	case e.storage, errors.Is(e.Err, errCutOff):
		return true // a new export has another address, and another reply may be whole
	case e.Status == 0:
		r, ok := errors.AsType[interface {
			error
			Retryable() bool
		}](e.Err)
		return ok && r.Retryable() || !ok && e.Err != nil
	case e.Status == http.StatusTooManyRequests, e.Status == http.StatusRequestTimeout, errors.Is(e, ErrConflict):
		return true
	}
	return e.Status >= 500 && e.Status != http.StatusNotImplemented
}

// Is reports whether status and code mean target.
func (e *Error) Is(target error) bool {
	if e.storage {
		return false
	}
	switch target {
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrRateLimited:
		return e.Status == http.StatusTooManyRequests
	case ErrTooLarge:
		return e.Status == http.StatusRequestEntityTooLarge
	case ErrConflict:
		return e.aboutVersion()
	case ErrCampaignStatus:
		return e.aboutStatus()
	case ErrListFull:
		return strings.HasSuffix(e.Code, ".limit.exceeded") && e.Status != http.StatusTooManyRequests
	case ErrNotInternal:
		return e.Code == "dnc.source.operation.not.supported" ||
			e.Status == http.StatusNotImplemented && strings.Contains(e.Path, "/dnclists/")
	case ErrUnexpectedReply:
		return e.Status >= 300 && e.Status < 400
	}
	return false
}

// aboutVersion reports whether somebody else has changed the object meanwhile. A 409 has other
// causes too, which a newer version does not take away.
func (e *Error) aboutVersion() bool {
	switch e.Status {
	case http.StatusPreconditionFailed:
		return true
	case http.StatusConflict:
		return !e.aboutStatus() && !slices.ContainsFunc(otherConflicts,
			func(part string) bool { return strings.Contains(e.Code, part) })
	}
	return e.Status == http.StatusBadRequest && (e.Code == "invalid.update.wrong.version" ||
		strings.Contains(strings.ToLower(e.Message), "does not match the current version"))
}

// otherConflicts are parts of codes: a name is taken, or something else needs the object.
var otherConflicts = []string{"duplicate", "already.exists", "in.use", "referential.integrity"}

func (e *Error) aboutStatus() bool {
	return slices.Contains([]string{
		"invalid.update.campaign.active", "invalid.update.bad.status.transition",
		"resources.in.use", "invalid.campaign.status",
	}, e.Code) || e.Status == http.StatusBadRequest && strings.HasPrefix(e.Message, "Invalid transition from")
}

// readError makes an Error of a reply. It reads at most 64 KiB and keeps what is known to be safe.
func readError(op call, resp *http.Response) *Error {
	e := &Error{Method: op.method, Path: op.path, Status: resp.StatusCode, CorrelationID: correlationID(resp)}
	if wait, ok := retry.ParseRetryAfter(resp.Header.Get("Retry-After"), servertime.Of(resp.Header)); ok {
		e.Wait = wait
	}
	if e.Status >= 300 && e.Status < 400 {
		e.Message = "redirects are not followed; is the region right?"
		return e
	}
	data, _ := readBounded(resp.Body, maxErrorReply)
	var body map[string]json.RawMessage // field by field: one of an unexpected type costs no other
	if json.Unmarshal(data, &body) != nil {
		e.Message = errNotJSON.Error()
		if len(bytes.TrimSpace(data)) > 0 {
			e.Message += ", so it was not the platform that answered: look at the region, gateways and proxies"
		}
		return e
	}
	text := func(name string) (s string) {
		_ = json.Unmarshal(body[name], &s)
		return s
	}
	message := text("message")
	e.Code, e.Message = clean(text("code"), 128), clean(message, 512)
	if e.CorrelationID == "" {
		e.CorrelationID = clean(text("contextId"), 64)
	}
	var limit struct {
		Key       string `json:"key"`
		Namespace string `json:"namespace"`
		Value     int64  `json:"value"`
	}
	_ = json.Unmarshal(body["limit"], &limit)
	e.Limit = Limit{clean(limit.Key, 128), clean(limit.Namespace, 64), limit.Value}
	if e.Status == http.StatusForbidden {
		for _, p := range permission.FindAllString(
			message+" "+text("messageWithParams")+" "+string(body["missingPermissions"]), 16,
		) {
			if !slices.Contains(e.MissingPermissions, p) {
				e.MissingPermissions = append(e.MissingPermissions, p)
			}
		}
	}
	return e
}

var (
	permission = regexp.MustCompile(`\b[a-z][A-Za-z]*:[a-z][A-Za-z]*:[a-z][A-Za-z]*\b`)
	uuid       = regexp.MustCompile(`[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}`)
	// Seven or more digits of any script, with up to three characters between that are no letters,
	// may be a phone number; a token is long and without blanks.
	personal = regexp.MustCompile(`\+?\p{N}(?:\P{L}{0,3}\p{N}){6,}`)
	secret   = regexp.MustCompile(`(?i)bearer\s+\S+|basic\s+\S+|[A-Za-z0-9_\-]{40,}`)
)

// clean makes the platform's text fit for an error: short, one line, without what may be a number
// or a token. IDs stay.
func clean(s string, limit int) string {
	s = readable(s)
	if len(s) > 4<<10 { // not in the middle of a number
		s = strings.TrimRightFunc(s[:4<<10],
			func(r rune) bool { return !unicode.IsLetter(r) || r == unicode.ReplacementChar })
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' ' // also what changes the direction of the text behind it
		}
		return r
	}, s)
	var b strings.Builder
	last := 0
	mask := func(part string) {
		b.WriteString(personal.ReplaceAllString(secret.ReplaceAllString(part, redacted), redacted))
	}
	for _, at := range uuid.FindAllStringIndex(s, -1) {
		if partOfNumber(s, at[0], at[1]) {
			continue
		}
		mask(s[last:at[0]])
		b.WriteString(s[at[0]:at[1]])
		last = at[1]
	}
	mask(s[last:])
	if b.Len() > limit {
		return strings.ToValidUTF8(b.String()[:limit], "") + "…"
	}
	return b.String()
}

const redacted = "[redacted]"

// partOfNumber reports whether what looks like a UUID goes on with digits on one of its sides.
func partOfNumber(s string, begin, end int) bool {
	digit := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
	return digit(begin-1) || digit(end)
}
