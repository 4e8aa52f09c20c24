package genesys_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// people adds contacts with two phones to a list of their own.
func (b *bed) people(n int) (list string, ids []string) {
	b.Helper()
	list = b.p.AddContactList("People", "name", "phone", "phone 2")
	batch := make([]genesys.Contact, n)
	for i := range batch {
		batch[i].Data = map[string]string{"name": "Ann", "phone": fmt.Sprintf("+1415%07d", i), "phone 2": fmt.Sprintf("+1416%07d", i)}
		if i%3 == 0 {
			batch[i].ID = fmt.Sprintf("CUST-%d", i)
		}
	}
	added, err := b.c.AddContacts(b.Context(), list, batch, genesys.AddOptions{})
	require.NoError(b, err)
	for _, c := range added {
		ids = append(ids, c.ID)
	}
	return list, ids
}

func marks(ids []string, what ...genesys.ContactPart) (all []genesys.Mark) {
	for _, id := range ids {
		for _, w := range what {
			all = append(all, genesys.Mark{ContactID: id, Part: w})
		}
	}
	return all
}

// 10,000 marks are made in minutes at the platform's limit, and each is there.
func TestManyMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, genesystest.WithRateLimit(300, true), genesystest.WithJobDelay(3*time.Second))
		list, ids := b.people(10_000)
		c := b.client(genesys.WithLimiter(rate.NewLimiter(4.8, 10)))
		before, start := len(b.p.Requests()), time.Now()
		failed, err := c.MarkAllUncallable(t.Context(), list, marks(ids, genesys.PhoneColumn("phone")))
		require.NoError(t, err)
		assert.Empty(t, failed)
		assert.Less(t, time.Since(start), 3*time.Minute)
		assert.Less(t, len(b.p.Requests())-before, 500)
		for _, contact := range b.p.Contacts(list) {
			require.Contains(t, string(contact.Raw), `"phoneNumberStatus":{"phone":{"callable":false}}`)
			require.Len(t, contact.Data, 3)
			require.True(t, contact.Callable)
		}
		writes := b.writes() - b.p.CountRequests("POST", "/contacts/bulk") + b.p.CountRequests("POST", "/bulk/update")
		failed, err = c.MarkAllUncallable(t.Context(), list, marks(ids, genesys.PhoneColumn("phone")))
		require.NoError(t, err)
		assert.Empty(t, failed)
		assert.Equal(t, writes, b.writes()-b.p.CountRequests("POST", "/contacts/bulk")+b.p.CountRequests("POST", "/bulk/update"), "nothing is written twice")
	})
}

// A mark that cannot be made does not keep the others from being made, few or many.
func TestMarksThatFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []int{4, 400} {
			b := newBed(t)
			list, ids := b.people(n)
			all := append([]genesys.Mark{
				{ContactID: "../x"}, {ContactID: "nobody"}, {ContactID: ids[0], Part: genesys.PhoneColumn("")}, {ContactID: ids[1], Part: genesys.PhoneColumn("fax")},
			}, marks(ids, genesys.PhoneColumn("phone"))...)
			failed, err := b.c.MarkAllUncallable(t.Context(), list, all)
			require.NoError(t, err)
			why := map[string]error{}
			for _, f := range failed {
				why[f.Mark.ContactID] = f.Err
			}
			assert.Len(t, failed, 4)
			require.ErrorIs(t, why["../x"], genesys.ErrInvalidInput)
			require.ErrorIs(t, why["nobody"], genesys.ErrNotFound)
			require.ErrorIs(t, why[ids[0]], genesys.ErrInvalidInput)
			require.ErrorIs(t, why[ids[1]], genesys.ErrInvalidInput)
			for _, contact := range b.p.Contacts(list) {
				require.Contains(t, string(contact.Raw), `"phoneNumberStatus":{"phone":{"callable":false}}`)
			}
		}
	})
}

// Marks that are there already are not lost, whatever a job's patch replaces.
func TestMarksKeepOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list, ids := b.people(300)
		_, err := b.c.MarkAllUncallable(t.Context(), list, marks(ids[:100], genesys.PhoneColumn("phone 2"), genesys.Medium("Sms", "phone")))
		require.NoError(t, err)
		_, err = b.c.MarkAllUncallable(t.Context(), list, marks(ids, genesys.PhoneColumn("phone"), genesys.Medium("Voice", "")))
		require.NoError(t, err)
		for i, contact := range b.p.Contacts(list) {
			raw := string(contact.Raw)
			require.Contains(t, raw, `"phone":{"callable":false}`)
			require.Contains(t, raw, `"Voice":{"contactable":false}`)
			require.Equal(t, i < 100, strings.Contains(raw, `"phone 2":{"callable":false}`), raw)
			require.Equal(t, i < 100, strings.Contains(raw, `"Sms":{"columnStatus":{"phone":{"contactable":false}}}`), raw)
		}
		assert.Zero(t, b.p.CountRequests("PUT", "/contacts/"))
	})
}

// A platform whose jobs do not do what they should has its contacts marked one by one, and nothing
// is lost.
func TestJobsThatDoNotMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, change := range map[string]func(body string) string{
			"do nothing": func(string) string { return `{"contactIds":[],"contact":{"contactListId":"LIST","data":{}}}` },
			"empty data": func(body string) string {
				return strings.Replace(body, `"data":{}`, `"data":{"name":"","phone":"","phone 2":""}`, 1)
			},
			"lose a mark":   func(body string) string { return strings.Replace(body, `"phone 2":{"callable":false}`, `"x":{}`, 1) },
			"are not known": func(string) string { return "" },
		} {
			b := newBed(t)
			list, ids := b.people(60)
			_, err := b.c.MarkAllUncallable(t.Context(), list, marks(ids, genesys.PhoneColumn("phone 2")))
			require.NoError(t, err)
			jobs := b.p.CountRequests("POST", "/bulk/update")
			c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
				if !strings.HasSuffix(r.URL.Path, "/bulk/update") {
					return b.p.RoundTrip(r)
				}
				data, err := io.ReadAll(r.Body)
				if err != nil {
					return nil, err
				}
				body := strings.ReplaceAll(change(string(data)), "LIST", list)
				if body == "" {
					return answer(r, http.StatusMethodNotAllowed, `{"code":"method.not.allowed"}`), nil
				}
				changed := r.Clone(r.Context())
				changed.Body, changed.ContentLength = io.NopCloser(bytes.NewReader([]byte(body))), int64(len(body))
				return b.p.RoundTrip(changed)
			})))
			failed, err := c.MarkAllUncallable(t.Context(), list, marks(ids, genesys.PhoneColumn("phone")))
			require.NoError(t, err, name)
			assert.Empty(t, failed, name)
			for _, contact := range b.p.Contacts(list) {
				require.Contains(t, string(contact.Raw), `"phone 2":{"callable":false}`, name)
				require.Contains(t, string(contact.Raw), `"phone":{"callable":false}`, name)
				require.NotEmpty(t, contact.Data["phone"], name)
			}
			assert.LessOrEqual(t, b.p.CountRequests("POST", "/bulk/update")-jobs, 1, "%s: one is tried", name)
		}
	})
}

// A job that the platform does not begin costs more requests and no mark, and one that is not seen
// at once is waited for.
func TestJobsThatAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			fault  genesystest.Fault
			singly int
		}{
			"too many, at first":     {genesystest.Fault{Method: "POST", Path: "/bulk/update", Status: 409, Body: `{"code":"too.many.jobs"}`}, 60},
			"too many, later":        {genesystest.Fault{Method: "POST", Path: "/bulk/update", Status: 409, Body: `{"code":"too.many.jobs"}`, Skip: 1}, 59},
			"refused, later":         {genesystest.Fault{Method: "POST", Path: "/bulk/update", Status: 400, Body: `{"code":"bad.request"}`, Skip: 1}, 59},
			"not seen yet":           {genesystest.Fault{Path: "/bulk/jobs/", Status: 404, Body: `{"code":"not.found"}`, Times: 3}, 0},
			"never seen":             {genesystest.Fault{Path: "/bulk/jobs/", Status: 404, Body: `{"code":"not.found"}`, Times: -1}, 60},
			"a state of later":       {genesystest.Fault{Path: "/bulk/jobs/", Status: 200, Body: `{"id":"x","state":"Queued"}`, Times: 3}, 0},
			"ends in a new state":    {genesystest.Fault{Path: "/bulk/jobs/", Status: 200, Body: `{"id":"x","state":"CompletedWithNotes"}`, Times: -1}, 0},
			"fails, later":           {genesystest.Fault{Path: "/bulk/jobs/", Skip: 1, Status: 200, Body: `{"id":"x","state":"Failed"}`, Times: -1}, 59},
			"done, in other letters": {genesystest.Fault{Path: "/bulk/jobs/", Status: 200, Body: `{"id":"x","state":"COMPLETE"}`, Times: -1}, 0},
		} {
			b := newBed(t, genesystest.WithJobDelay(time.Second))
			list, ids := b.people(60)
			b.p.AddFault(test.fault)
			puts := b.p.CountRequests("PUT", "/contacts/")
			failed, err := b.c.MarkAllUncallable(t.Context(), list, marks(ids, genesys.WholeContact()))
			require.NoError(t, err, name)
			assert.Empty(t, failed, name)
			for _, contact := range b.p.Contacts(list) {
				require.False(t, contact.Callable, name)
			}
			assert.LessOrEqual(t, b.p.CountRequests("PUT", "/contacts/")-puts, test.singly, name)
		}
	})
}

// What concerns all marks ends the call, and says so.
func TestMarksOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list, ids := b.people(100)
		_, err := b.only("outbound:contact:view").MarkAllUncallable(t.Context(), list, marks(ids, genesys.WholeContact()))
		require.ErrorIs(t, err, genesys.ErrForbidden)
		b.p.AddFault(genesystest.Fault{Path: "/bulk/jobs/", Status: 200, Body: `{"id":"x","state":"Failed","failureReason":{"code":"job.failed","message":"for +1 415 555 0123"}}`, Times: -1})
		b.p.AddFault(genesystest.Fault{Path: "/bulk/update", Status: 202, Body: `{"id":"` + noID + `","state":"InProgress"}`, Times: -1})
		_, err = b.c.MarkAllUncallable(t.Context(), list, marks(ids, genesys.WholeContact()))
		e, ok := asError(err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, "job.failed", e.Code)
		assert.NotContains(t, err.Error(), "0123")
		b.p.ClearFaults()

		// A reply that is lost is not asked for again: what became of the job is read.
		b.p.AddFault(genesystest.Fault{Path: "/bulk/update", Drop: true, ActFirst: true, Times: 1})
		jobs := b.p.CountRequests("POST", "/bulk/update")
		failed, err := b.c.MarkAllUncallable(t.Context(), list, marks(ids, genesys.WholeContact()))
		require.NoError(t, err)
		assert.Empty(t, failed)
		assert.Equal(t, 2, b.p.CountRequests("POST", "/bulk/update")-jobs, "a trial, and one for the rest")
		for _, contact := range b.p.Contacts(list) {
			assert.False(t, contact.Callable)
		}
		assert.Equal(t, "mark of contact [redacted]", fmt.Sprintf("%+v", genesys.Mark{ContactID: "+14155550123"}))
	})
}
