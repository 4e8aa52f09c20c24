package genesys_test

import (
	"context"
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

func TestExportDNCList(t *testing.T) {
	for _, delay := range []time.Duration{30 * time.Second, time.Second} { // with 1 s the one before is of the same second
		t.Run(delay.String(), func(t *testing.T) { exportDNCList(t, delay) })
	}
}

func exportDNCList(t *testing.T, delay time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, genesystest.WithExportDelay(delay))
		list := b.p.AddDNCList("x")
		export := func() (out []genesys.DNCEntry) {
			for e, err := range b.c.ExportDNCList(t.Context(), list) {
				require.NoError(t, err)
				out = append(out, e)
			}
			return out
		}
		assert.Empty(t, export(), "a header alone is an empty list")
		soon := time.Now().Add(time.Hour).UTC().Truncate(time.Minute)
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(2), soon))
		require.NoError(t, b.c.AddDNCNumbers(t.Context(), list, numbers(3)[2:], time.Time{}))
		assert.Equal(t, []genesys.DNCEntry{{numbers(3)[0], soon}, {numbers(3)[1], soon}, {numbers(3)[2], time.Time{}}}, export(),
			"not the export of before, which the platform goes on to offer")
		for _, e := range b.p.Requests() {
			assert.NotEqual(t, "token.leaked", e.Code)
		}
		for _, err := range b.c.ExportDNCList(t.Context(), list) {
			require.NoError(t, err)
			break
		}
	})
}

func TestExportContacts(t *testing.T) {
	b := newBed(t)
	added, err := b.c.AddContacts(t.Context(), b.list, contacts(3), genesys.AddOptions{})
	require.NoError(t, err)
	require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact()))
	require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, added[1].ID, genesys.PhoneColumn("phone")))
	var got []genesys.ExportedContact
	for c, err := range b.c.ExportContacts(t.Context(), b.list) {
		require.NoError(t, err)
		got = append(got, c)
	}
	require.Len(t, got, 3)
	for i, c := range got {
		assert.Equal(t, added[i].ID, c.ID)
		assert.Equal(t, contacts(3)[i].Data, c.Data(), "commas, quotes and newlines included")
		assert.Equal(t, i != 0, c.Callable)
		assert.Equal(t, i == 2, c.PhoneCallable("phone"))
	}
}

// Without rows, what is no export must not pass for an empty list.
func TestExportOfContactsWithoutItsColumns(t *testing.T) {
	for _, header := range []string{"hello", "inin-outbound-id,name,phone", "name,phone,ContactCallable", "inin-outbound-id,phone,phone,ContactCallable"} {
		b := newBed(t)
		b.p.AddFault(genesystest.Fault{Path: "/signed/", Status: 200, Body: header + "\r\n"})
		n := 0
		for _, err := range b.c.ExportContacts(t.Context(), b.list) {
			require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
			n++
		}
		assert.Equal(t, 1, n, header)
	}
}

func TestExportsThatGoWrong(t *testing.T) {
	csv := func(body string) genesystest.Fault {
		return genesystest.Fault{Path: "/signed/", Status: 200, Body: body, Times: -1, Header: map[string]string{"Content-Type": "text/csv"}}
	}
	for name, test := range map[string]struct {
		fault genesystest.Fault
		text  string
	}{
		"elsewhere, by http": {genesystest.Fault{Path: "/downloads/", Status: 302, Header: map[string]string{"Location": "http://genesystest.invalid/x"}}, "https"},
		"no location":        {genesystest.Fault{Path: "/downloads/", Status: 302, Times: -1}, "redirected too often"},
		"in circles":         {genesystest.Fault{Path: "/", Status: 302, Skip: 5, Times: -1, Header: map[string]string{"Location": "/api/v2/downloads/x"}}, "redirected too often"},
		"user info":          {genesystest.Fault{Path: "/downloads/", Status: 302, Header: map[string]string{"Location": "https://a:b@genesystest.invalid/x"}}, "not a URL"},
		"gone":               {genesystest.Fault{Path: "/signed/", Status: 404, Times: -1}, "404"},
		"html":               {csv("<html>"), "not an export"},
		"page":               {genesystest.Fault{Path: "/signed/", Status: 200, Body: "a,b,c\r\n", Header: map[string]string{"Content-Type": "text/html; charset=utf-8"}}, "the reply is a page"},
		"a sentence":         {csv("Please log in, or call"), "fewer than three columns"},
		"empty":              {csv(""), "no header"},
		"no header":          {csv("+14155550142,Phone,\r\n+14155550143,Phone,\r\n"), "there is no header"},
		"two of numbers":     {csv("PhoneNumber,Number 2,Expires\r\n+14155550142,+14155550143,\r\n"), "two columns of numbers"},
		"the same twice":     {csv("Phone,Phone,Expires\r\n+14155550142,+14155550143,\r\n"), "two columns of numbers"},
		"two of expiries":    {csv("Phone,ExpirationDate,ExpirationDateTime\r\n"), "two columns of expiries"},
		"no numbers":         {csv("Contact,ContactMethod,Expires\r\n"), "no column of numbers"},
		"no expiry":          {csv("Phone,ContactMethod,Name\r\n"), "no column of expiries"},
		"cut off":            {csv("PhoneNumber,ContactMethod,ExpirationDateTime\r\n+14155550100,Phone,\r\n"), "export: 1, list: 3"},
		"other rows":         {csv("PhoneNumber,ContactMethod,ExpirationDateTime\r\nhello,Phone,\r\n"), "line 2"},
		"other expiry":       {csv("PhoneNumber,ContactMethod,ExpirationDateTime\r\n+14155550142,Phone,soon\r\n"), "line 2"},
		"short row":          {csv("PhoneNumber,ContactMethod,ExpirationDateTime\r\n+14155550142\r\n"), "line 2"},
		"quotes":             {csv("PhoneNumber,ContactMethod,ExpirationDateTime\r\n\"+14155550142,Phone,\r\n"), "line 2"},
		"no such list":       {genesystest.Fault{Method: "POST", Path: "/export", Status: 404}, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t)
				list := b.p.AddDNCList("x", numbers(3)...)
				b.p.AddFault(test.fault)
				last := error(nil)
				for _, last = range b.c.ExportDNCList(t.Context(), list) {
				}
				require.ErrorContains(t, last, test.text)
				assert.NotContains(t, last.Error(), "4155550142")
				assert.NotContains(t, last.Error(), "signature")
			})
		})
	}
}

func TestExportThatIsNeverReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, genesystest.WithExportDelay(24*time.Hour))
		list := b.p.AddDNCList("x")
		start := time.Now()
		last := error(nil)
		for _, last = range b.c.ExportDNCList(t.Context(), list) {
		}
		require.ErrorContains(t, last, "15 minutes")
		assert.InDelta(t, 15, time.Since(start).Minutes(), 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, last = range b.c.ExportDNCList(ctx, list) {
		}
		require.ErrorIs(t, last, context.DeadlineExceeded)
	})
}

// lines is an export without end, or one row without end.
type lines struct {
	text string
	rest string
	read int
}

func (l *lines) Read(p []byte) (int, error) {
	if l.rest == "" {
		l.rest = l.text
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	l.read += n
	return n, nil
}

func TestExportIsStreamed(t *testing.T) {
	b := newBed(t)
	list := b.p.AddDNCList("x")
	body := &lines{text: "+14155550142,Phone,\r\n", rest: "PhoneNumber,ContactMethod,ExpirationDateTime\r\n"}
	b.p.AddFault(genesystest.Fault{Path: "/signed/", Status: 200, Stream: func() io.Reader { return body }})
	n := 0
	for _, err := range b.c.ExportDNCList(t.Context(), list) {
		require.NoError(t, err)
		if n++; n == 100_000 {
			break
		}
	}
	assert.Less(t, body.read, 3<<20)

	body = &lines{text: strings.Repeat("1", 1000)}
	b.p.AddFault(genesystest.Fault{Path: "/signed/", Status: 200, Stream: func() io.Reader { return body }})
	for _, err := range b.c.ExportDNCList(t.Context(), list) {
		require.ErrorContains(t, err, "longer than 1 MiB")
	}
	assert.Less(t, body.read, 3<<20)
}

// What there is in the place of an export is named, and what can never be told to be the one that
// was asked for is not waited for.
func TestExportsOfUnknownTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list := b.p.AddDNCList("x", numbers(2)...)
		at := func(date time.Duration, body string) (time.Duration, error) {
			c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
				if body != "" && r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/export") {
					return answer(r, http.StatusOK, body), nil
				}
				resp, err := b.p.RoundTrip(r)
				if err == nil && date != 0 {
					resp.Header.Set("Date", time.Now().Add(date).UTC().Format(http.TimeFormat))
				}
				return resp, err
			})))
			begin := time.Now()
			_, err := exported(t, c, list)
			return time.Since(begin), err
		}
		took, err := at(0, `{"uri":"https://api.genesystest.invalid/api/v2/downloads/x"}`)
		require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
		require.ErrorContains(t, err, "has no time")
		assert.Zero(t, took)
		_, err = at(0, `{"uri":"https://api.genesystest.invalid/api/v2/downloads/x","exportTimestamp":"1999-12-31T23:59:59Z"}`)
		require.ErrorContains(t, err, "the newest is of 1999-12-31T23:59:59Z, and it was asked for at 2000-01-01T00:00:00Z")
		_, err = at(0, `{}`)
		require.ErrorContains(t, err, "not ready within 15 minutes")
		require.NotContains(t, err.Error(), "newest")
		_, err = at(time.Hour, "")
		require.ErrorContains(t, err, "the Date of replies")
		_, err = at(-time.Hour, "")
		require.NoError(t, err)
	})
}

// Lines that end with a carriage return alone are one line, the header: an export of them is not an
// empty one.
func TestExportWithoutLineFeeds(t *testing.T) {
	for _, body := range []string{
		"inin-outbound-id,phone,ContactCallable,X\rid1,+14155550100,true,y\rid2,+14155550101,false,z\r",
		"inin-outbound-id,phone,ContactCallable,X\rid1,+14155550100,true,y\r\n",
	} {
		b := newBed(t)
		b.p.AddFault(genesystest.Fault{Path: "/signed/", Status: 200, Body: body})
		n := 0
		for _, err := range b.c.ExportContacts(t.Context(), b.list) {
			require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
			require.ErrorContains(t, err, "carriage return")
			n++
		}
		assert.Equal(t, 1, n)
	}
}
