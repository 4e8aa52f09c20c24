package genesys_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// An error of the platform is one, whatever status it comes with, and also beside what was done. An
// object with errors of its own is none.
func TestErrorsInRepliesOfSuccess(t *testing.T) {
	b := newBed(t)
	list := b.p.AddDNCList("x", numbers(1)...)
	writes := map[string]func() error{
		"add":          func() error { return b.c.AddDNCNumbers(t.Context(), list, numbers(2), time.Time{}) },
		"remove":       func() error { return b.c.RemoveDNCNumbers(t.Context(), list, numbers(2)) },
		"empty":        func() error { return b.c.EmptyDNCList(t.Context(), list, genesys.EveryNumberMayBeDialled) },
		"start":        func() error { return b.c.StartCampaign(t.Context(), b.campaign) },
		"conversation": func() error { return b.c.BlockConversation(t.Context(), noID) },
		"contacts": func() error {
			_, err := b.c.AddContacts(t.Context(), b.list, contacts(1), genesys.AddOptions{})
			return err
		},
	}
	for _, body := range []string{
		`{"message":"+14155550142 is not valid","code":"invalid.phone.number","status":400}`,
		`{"message":"no","code":"bad.request"}`, `{"status":503}`, `{"errors":[{"code":"x"}]}`,
		`[{"id":"a"},{"message":"no","code":"invalid.contact","status":400}]`, `[{"errors":[{}]}]`,
	} {
		for _, status := range []int{200, 202, 207} {
			b.p.AddFault(genesystest.Fault{Method: "POST", Path: "/outbound/", Status: status, Body: body, Times: -1})
			b.p.AddFault(genesystest.Fault{Method: "PATCH", Status: status, Body: body, Times: -1})
			b.p.AddFault(genesystest.Fault{Method: "DELETE", Status: status, Body: body, Times: -1})
			for what, write := range writes {
				err := write()
				require.ErrorIs(t, err, genesys.ErrUnexpectedReply, "%s %s", what, body)
				require.ErrorContains(t, err, "has an error in it", "%s %s", what, body)
				assert.NotContains(t, err.Error(), "5550142")
				e, ok := asError(err)
				require.True(t, ok)
				assert.True(t, e.Uncertain, "some of it may be done")
			}
			b.p.ClearFaults()
		}
	}
	b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 200, Body: `{"code":"not.found","message":"there is none","status":404}`})
	_, err := b.c.Campaign(t.Context(), b.campaign)
	require.ErrorContains(t, err, "not.found there is none")
	for _, body := range []string{`{"id":"` + b.campaign + `","errors":[{"error":"invalid"}]}`, `[]`, `[null,1]`, `null`, `"ok"`, `{"status":"on","code":7}`, `{"errors":[]}`} {
		b.p.AddFault(genesystest.Fault{Path: "/start", Status: 200, Body: body})
		require.NoError(t, b.c.StartCampaign(t.Context(), b.campaign), body)
	}
}

// A proxy's page with status 200 is no success.
func TestWritesThatAProxyAnswers(t *testing.T) {
	for name, answer := range map[string]genesystest.Fault{
		"page":              {Status: 200, Body: "<html>log in first</html>"},
		"page of its type":  {Status: 200, Body: "<html>", Header: map[string]string{"Content-Type": "text/html; charset=utf-8"}},
		"empty page":        {Status: 200, Header: map[string]string{"Content-Type": "text/html"}},
		"JSON of no type":   {Status: 200, Body: `{"id":"x"}`, Header: map[string]string{"Content-Type": "text/plain"}},
		"type without JSON": {Status: 202, Body: "OK", Header: map[string]string{"Content-Type": "application/json"}},
		"broken type":       {Status: 200, Body: "{}", Header: map[string]string{"Content-Type": ";"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t)
				list := b.p.AddDNCList("x", numbers(1)...)
				added, err := b.c.AddContacts(t.Context(), b.list, contacts(1), genesys.AddOptions{})
				require.NoError(t, err)
				for _, method := range []string{"PATCH", "DELETE", "PUT", "POST"} {
					fault := answer
					fault.Method, fault.Times = method, -1
					b.p.AddFault(fault)
				}
				for what, write := range map[string]func() error{
					"add":    func() error { return b.c.AddDNCNumbers(t.Context(), list, numbers(2), time.Time{}) },
					"remove": func() error { return b.c.RemoveDNCNumbers(t.Context(), list, numbers(2)) },
					"expire": func() error { return b.c.RemoveExpiredDNCEntries(t.Context(), list) },
					"empty":  func() error { return b.c.EmptyDNCList(t.Context(), list, genesys.EveryNumberMayBeDialled) },
					"start":  func() error { return b.c.StartCampaign(t.Context(), b.campaign) },
					"mark":   func() error { return b.c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact()) },
					"export": func() error {
						for _, err := range b.c.ExportDNCList(t.Context(), list) {
							return err
						}
						return nil
					},
				} {
					err := write()
					require.ErrorIs(t, err, genesys.ErrUnexpectedReply, what)
					e, ok := errors.AsType[*genesys.Error](err)
					require.True(t, ok)
					assert.True(t, e.Uncertain, what)
				}
			})
		})
	}
	b := newBed(t)
	list := b.p.AddDNCList("x", numbers(1)...)
	for _, ok := range []genesystest.Fault{{Status: 204}, {Status: 200}, {Status: 202, Body: "{}"}, {Status: 204, Header: map[string]string{"Content-Type": "text/html"}}} {
		ok.Path = "/phonenumbers"
		b.p.AddFault(ok)
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(2), time.Time{}), "%+v", ok)
	}
}

func TestMarkThatIsNotInTheReply(t *testing.T) {
	for name, what := range map[string]genesys.ContactPart{
		"contact": genesys.WholeContact(), "number": genesys.PhoneColumn("phone"), "medium": genesys.Medium("Voice", ""), "medium of a column": genesys.Medium("Sms", "phone"),
	} {
		b := newBed(t)
		added, err := b.c.AddContacts(t.Context(), b.list, contacts(1), genesys.AddOptions{})
		require.NoError(t, err)
		unmarked := string(b.p.Contacts(b.list)[0].Raw)
		for _, reply := range []string{unmarked, `{}`, `{"callable":"false","phoneNumberStatus":[],"contactableStatus":1}`} {
			b.p.AddFault(genesystest.Fault{Method: "PUT", Status: 200, Body: reply})
			require.ErrorIs(t, b.c.MarkUncallable(t.Context(), b.list, added[0].ID, what), genesys.ErrNotVerified, name)
		}
		require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, added[0].ID, what))
		require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, strings.ToUpper(added[0].ID[:8])+added[0].ID[8:], what), "nothing is to be written")
	}
}

func TestMarksThatAreNone(t *testing.T) {
	b := newBed(t)
	added, err := b.c.AddContacts(t.Context(), b.list, contacts(2), genesys.AddOptions{})
	require.NoError(t, err)
	before := b.writes()
	for _, what := range []genesys.ContactPart{
		genesys.PhoneColumn(""), genesys.Medium("voice", ""), genesys.Medium("", ""), genesys.Medium("", "phone"), genesys.Medium("Phone", "phone"), genesys.Medium("Voice", "Phone"),
	} {
		require.ErrorIs(t, b.c.MarkUncallable(t.Context(), b.list, added[0].ID, what), genesys.ErrInvalidInput)
	}
	b.p.AddFault(genesystest.Fault{Path: "/contacts/", Status: 200, Body: string(b.p.Contacts(b.list)[1].Raw)})
	err = b.c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact())
	require.ErrorIs(t, err, genesys.ErrUnexpectedReply, "another contact's data would be written over this one's")
	assert.Equal(t, before, b.writes())
}

// What a repetition would do more than once is sent once, also where a method may be repeated.
func TestWhatIsSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, how := range []genesystest.Fault{{Drop: true}, {Status: 503}, {Status: 504, Body: `{"code":"gateway.timeout"}`}, {Status: 500}, {Status: 408}} {
			for _, act := range []bool{true, false} {
				b := newBed(t)
				list := b.p.AddDNCList("x", numbers(3)...)
				added, err := b.c.AddContacts(t.Context(), b.list, contacts(1), genesys.AddOptions{})
				require.NoError(t, err)
				how.ActFirst, how.Times = act, -1
				how.Path = "/phonenumbers"
				b.p.AddFault(how)
				how.Path = "/contacts"
				b.p.AddFault(how)
				for what, write := range map[string]func() error{
					"empty":  func() error { return b.c.EmptyDNCList(t.Context(), list, genesys.EveryNumberMayBeDialled) },
					"remove": func() error { return b.c.RemoveDNCNumbers(t.Context(), list, numbers(3)) },
					"reset": func() error {
						_, err := b.c.AddContacts(t.Context(), b.list, added, genesys.AddOptions{ResetAttempts: true})
						return err
					},
					"requeue": func() error {
						_, err := b.c.AddContacts(t.Context(), b.list, added, genesys.AddOptions{Requeue: true})
						return err
					},
				} {
					before := len(b.p.Requests())
					err := write()
					e, ok := errors.AsType[*genesys.Error](err)
					require.True(t, ok, "%s: %v", what, err)
					assert.True(t, e.Uncertain, what)
					assert.False(t, e.Retryable(), what)
					assert.Equal(t, how.Status, e.Status, what)
					require.ErrorContains(t, err, "it may have taken effect")
					assert.Len(t, b.p.Requests(), before+1, "%s: sent once", what)
				}
				assert.Equal(t, act, len(b.p.DNCEntries(list)) == 0)
			}
		}
		b := newBed(t)
		list := b.p.AddDNCList("x", numbers(3)...)
		b.p.AddFault(genesystest.Fault{Method: "DELETE", Status: 429, Header: map[string]string{"Retry-After": "2"}})
		b.p.RevokeTokens()
		require.NoError(t, b.c.EmptyDNCList(t.Context(), list, genesys.EveryNumberMayBeDialled), "429 and 401 say that nothing was done")
		b.p.AddFault(genesystest.Fault{Method: "PATCH", Status: 429, Header: map[string]string{"Retry-After": "2"}})
		b.p.RevokeTokens()
		require.NoError(t, b.c.RemoveDNCNumbers(t.Context(), list, numbers(3)))
		b.p.AddFault(genesystest.Fault{Method: "DELETE", Status: 503, ActFirst: true})
		require.NoError(t, b.c.RemoveExpiredDNCEntries(t.Context(), list), "what is expired stays so")
	})
}

// net/http ends a try that takes too long with the cause of its context, which is an error of
// package retry.
func TestWhatIsSentOnceAndTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list := b.p.AddDNCList("x", numbers(3)...)
		deletes := 0
		c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodDelete {
				return b.p.RoundTrip(r)
			}
			deletes++
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		})))
		b.p.AddFault(genesystest.Fault{Path: "/oauth/token", Delay: time.Second}) // the try began before its request
		err := c.EmptyDNCList(t.Context(), list, genesys.EveryNumberMayBeDialled)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "the try took longer than 30s")
		e, ok := asError(err)
		require.True(t, ok)
		assert.True(t, e.Uncertain)
		assert.Equal(t, 1, deletes)
	})
}

// A small body that becomes a large one is not read to its end.
func TestCompressedBodiesAreBounded(t *testing.T) {
	var bomb bytes.Buffer
	w, err := gzip.NewWriterLevel(&bomb, gzip.BestCompression)
	require.NoError(t, err)
	for range 64 {
		_, err = w.Write(bytes.Repeat([]byte(" "), 1<<20))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	for _, status := range []int{200, 400} {
		b := newBed(t)
		read := &counting{}
		b.p.AddFault(genesystest.Fault{
			Path: "/campaigns/", Status: status, Header: map[string]string{"Content-Type": "application/json", "Content-Encoding": "gzip"},
			Stream: func() io.Reader { return bytes.NewReader(bomb.Bytes()) },
		})
		_, err := b.client(once, genesys.WithTransport(unzips{b.p, read})).Campaign(t.Context(), b.campaign)
		require.Error(t, err)
		assert.Equal(t, status == 200, errors.Is(err, genesys.ErrUnexpectedReply))
		assert.Less(t, read.n, int64(32<<20), "of %d MiB", 64)
	}
}

// unzips undoes what net/http's transport undoes by itself.
type unzips struct {
	base http.RoundTripper
	read *counting
}

type counting struct{ n int64 }

func (u unzips) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := u.base.RoundTrip(r)
	if err != nil || resp.Header.Get("Content-Encoding") != "gzip" {
		return resp, err
	}
	plain, err := gzip.NewReader(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("unzips: %w", err)
	}
	resp.Body = io.NopCloser(io.TeeReader(plain, u.read))
	resp.Header.Del("Content-Encoding")
	resp.Uncompressed, resp.ContentLength = true, -1
	return resp, nil
}

func (c *counting) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}
