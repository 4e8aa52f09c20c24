package genesys

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// The columns of an uploaded file.
const (
	uploadNumber = "number"
	uploadExpiry = "expires"
)

// UploadDNCNumbers adds many numbers to an internal list by a file. One upload takes 1,000,000
// numbers, for which [CampaignClient.AddDNCNumbers] sends 1,000 requests. numbers and expires are
// those of AddDNCNumbers. Both are checked before the upload, because the platform's import reads a
// wrong expiry as "never".
//
// It waits until the platform has imported the file, for at most 15 minutes. Then it exports the
// list. If a number is not on it, the error wraps [ErrNotVerified]. Uploading again is safe.
//
// Needs outbound:dncList:upload, outbound:dncList:view and outbound:dnc:view.
func (c *CampaignClient) UploadDNCNumbers(
	ctx context.Context, listID string, numbers []string, expires time.Time,
) error {
	text, err := expiryText(expires)
	if err != nil {
		return err
	}
	if err := checkNumbers(numbers); err != nil {
		return err
	}
	list, err := c.DNCList(ctx, listID)
	switch {
	case err != nil:
		return err
	case !list.takesNumbers():
		return fmt.Errorf("%w: the DNC list %s does not take phone numbers", ErrNotInternal, listID)
	case len(numbers) == 0:
		return nil
	}
	before, err := c.importNow(ctx, listID)
	if err != nil {
		return err
	}
	if err := c.putFile(ctx, listID, uploadFile(numbers, text), text != ""); err != nil {
		return err
	}
	return c.waitImport(ctx, listID, numbers, expires, before)
}

// importOf is what the platform says of the last import into a list.
type importOf struct {
	State   string  `json:"state"`
	Percent float64 `json:"percentComplete"`
	Reason  string  `json:"failureReason"`
}

func (s importOf) failed() bool { return strings.EqualFold(s.State, "FAILED") }

// importNow is the last import, the zero importOf if there is none or it is no more.
func (c *CampaignClient) importNow(ctx context.Context, listID string) (s importOf, err error) {
	err = c.do(ctx, call{method: http.MethodGet, path: dncLists + "/" + listID + "/importstatus", into: &s})
	if errors.Is(err, ErrNotFound) || errors.Is(err, errEmpty) {
		err = nil
	}
	return s, err
}

// uploadFile is the file: a header and a row for each number.
func uploadFile(numbers []string, expires string) []byte {
	var b bytes.Buffer
	b.WriteString(uploadNumber)
	if expires != "" {
		b.WriteString("," + uploadExpiry)
		expires = "," + expires
	}
	b.WriteByte('\n')
	for _, n := range numbers {
		b.WriteString(n)
		b.WriteString(expires)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// putFile asks for a signed address and puts the file there, without the token.
func (c *CampaignClient) putFile(ctx context.Context, listID string, file []byte, expiring bool) error {
	ask := map[string]any{"id": listID, "contentType": "text/csv", "phoneColumns": uploadNumber}
	if expiring {
		ask["expirationDateTimeColumn"] = uploadExpiry
	}
	var to struct {
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers"`
	}
	op := call{
		method: http.MethodPost, path: dncLists + "/uploads", body: rawjson.Marshal(ask), repeatable: true, into: &to,
	}
	if err := c.do(ctx, op); err != nil {
		return err
	}
	op.method = http.MethodPut
	api, err := url.Parse(c.api)
	target, targetErr := url.Parse(to.URL)
	if err != nil || targetErr != nil || target.Host == "" || target.User != nil ||
		target.Scheme != "https" && (target.Scheme != api.Scheme || target.Hostname() != api.Hostname()) {
		return &Error{
			Method: op.method, Path: op.path,
			Err: errors.Join(ErrUnexpectedReply, errors.New("the upload's address is not an https URL")),
		}
	}
	req, err := http.NewRequestWithContext(ctx, op.method, target.String(), bytes.NewReader(file))
	if err != nil {
		return &Error{Method: op.method, Path: op.path, Err: errors.New("the upload cannot be made")}
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Content-Type", "text/csv")
	for name, value := range to.Headers {
		req.Header.Set(name, value)
	}
	resp, err := c.fetch(c.signed, req, signedUpload)
	if err != nil {
		return c.failed(ctx, op, &outcome{}, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		e := readError(op, resp)
		e.storage, e.Code, e.Message = true, "", "the storage of uploads does not take the file: its address may have expired"
		return e
	}
	_, _ = io.CopyN(io.Discard, resp.Body, maxErrorReply)
	return nil
}

// importState says what the platform says of an import, "" if it says nothing.
func importState(state, reason string) string {
	text := strings.TrimSpace(clean(state, 64) + " " + clean(reason, 512))
	if text == "" {
		return ""
	}
	return "; the platform says: " + text
}

// waitImport waits until a file was imported and its numbers are on the list. An import may begin
// some time after the file was put: until then the platform tells of the one before, also that it has
// failed.
func (c *CampaignClient) waitImport(
	ctx context.Context, listID string, numbers []string, expires time.Time, before importOf,
) error {
	deadline := time.Now().Add(exportWait)
	looks, missing := 0, slices.Clone(numbers)
	for wait := firstPoll; ; wait = min(wait*2, lastPoll) {
		status, err := c.importNow(ctx, listID)
		switch {
		case err != nil:
			return err
		case status.failed() && (status != before || looks == verifyTries-1):
			return &Error{
				Method: http.MethodGet, Path: dncLists + "/" + listID + "/importstatus", Status: http.StatusOK,
				Message: clean(status.Reason, 512), Err: errors.New("the import has failed"),
			}
		case !strings.EqualFold(status.State, "IN_PROGRESS") || status.Percent >= 100:
			l, err := c.compareEntries(ctx, listID, numbers, expires)
			if missing = l.missing; err != nil || len(missing) == 0 {
				return err
			}
			looks++
		}
		problem := fmt.Errorf("%w: the import has not put %d of %d numbers on the DNC list %s%s",
			ErrNotVerified, len(missing), len(numbers), listID, importState(status.State, status.Reason))
		if looks == verifyTries || time.Now().After(deadline) {
			return problem
		}
		if !pause(ctx, wait) {
			return ended(ctx, problem)
		}
	}
}
