package genesys_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

func TestUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, genesystest.WithImportDelay(30*time.Second))
		list := b.p.AddDNCList("Opt-outs", numbers(2)...)
		until := time.Now().Add(time.Hour).Truncate(time.Minute)
		require.NoError(t, b.c.UploadDNCNumbers(t.Context(), list, numbers(5000), time.Time{}))
		assert.Equal(t, numbers(5000), b.p.DNCEntries(list))
		require.NoError(t, b.c.UploadDNCNumbers(t.Context(), list, numbers(5001)[5000:], until))
		assert.Equal(t, until, b.p.DNCExpiry(list, numbers(5001)[5000]).Local())
		assert.True(t, b.p.DNCExpiry(list, numbers(1)[0]).IsZero())
		for _, e := range b.p.Requests() {
			assert.NotEqual(t, "token.leaked", e.Code)
		}
		assert.Zero(t, b.p.CountRequests("PATCH", ""))

		// What the import would silently misread is refused before.
		before := len(b.p.Requests())
		for _, wrong := range []time.Time{until.Add(time.Second), time.Now().Add(181 * 24 * time.Hour).Truncate(time.Minute), time.Unix(60, 0)} {
			require.ErrorIs(t, b.c.UploadDNCNumbers(t.Context(), list, numbers(1), wrong), genesys.ErrInvalidInput)
		}
		require.ErrorIs(t, b.c.UploadDNCNumbers(t.Context(), list, []string{"4155550100"}, until), genesys.ErrInvalidInput)
		assert.Len(t, b.p.Requests(), before)
		require.ErrorIs(t, b.c.UploadDNCNumbers(t.Context(), b.p.AddExternalDNCList("g", "gryphon"), numbers(1), until), genesys.ErrNotInternal)
	})
}

func TestUploadThatGoesWrong(t *testing.T) {
	for name, test := range map[string]struct {
		fault genesystest.Fault
		is    error
		text  string
	}{
		"failed":     {genesystest.Fault{Path: "/importstatus", Skip: 1, Status: 200, Body: `{"state":"FAILED","failureReason":"row 3: 415 555 0123"}`}, nil, "the import has failed"},
		"nothing":    {genesystest.Fault{Method: "PUT", Path: "/uploads/", Status: 200, Times: -1}, genesys.ErrNotVerified, "has not put 3 of 3 numbers"},
		"refused":    {genesystest.Fault{Method: "PUT", Path: "/uploads/", Status: 403, Times: -1}, nil, "storage of uploads"},
		"permission": {genesystest.Fault{Method: "POST", Path: "/dnclists/uploads", Status: 403, Body: `{"code":"missing.permissions","message":"outbound:dncList:upload"}`}, genesys.ErrForbidden, "outbound:dncList:upload"},
		"by http":    {genesystest.Fault{Method: "POST", Path: "/dnclists/uploads", Status: 200, Body: `{"url":"http://files.genesystest.invalid/x"}`}, genesys.ErrUnexpectedReply, "not an https URL"},
		"for ever":   {genesystest.Fault{Path: "/importstatus", Status: 200, Body: `{"state":"IN_PROGRESS","percentComplete":1}`, Times: -1}, genesys.ErrNotVerified, "has not put"},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBed(t)
			list := b.p.AddDNCList("Opt-outs", numbers(50)[40:]...)
			b.p.AddFault(test.fault)
			start := time.Now()
			err := b.c.UploadDNCNumbers(t.Context(), list, numbers(3), time.Time{})
			require.ErrorContains(t, err, test.text, name)
			if test.is != nil {
				require.ErrorIs(t, err, test.is, name)
			} else {
				require.NotErrorIs(t, err, genesys.ErrForbidden, name)
			}
			assert.NotContains(t, err.Error(), "0123")
			assert.NotContains(t, err.Error(), "signature")
			assert.Less(t, time.Since(start), 16*time.Minute, name)
		})
	}
}

// What the platform says of an import is read in any spelling. What it says in its own words does not
// count for more than the list, and is told.
func TestWhatAnImportSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			status genesystest.Fault
			lost   bool // the file
			text   string
		}{
			"failed":         {genesystest.Fault{Status: 200, Body: `{"state":"Failed","failureReason":"row 3: 415 555 0123"}`}, true, "the import has failed"},
			"another word":   {genesystest.Fault{Status: 200, Body: `{"state":"ERROR","failureReason":"row 3: 415 555 0123"}`}, true, "has not put 3 of 3 numbers on the DNC list"},
			"its reason":     {genesystest.Fault{Status: 200, Body: `{"state":"ERROR","failureReason":"row 3"}`}, true, "; the platform says: ERROR row 3"},
			"done":           {genesystest.Fault{Status: 200, Body: `{"state":"ERROR"}`}, false, ""},
			"half a percent": {genesystest.Fault{Status: 200, Body: `{"state":"In_Progress","percentComplete":99.5}`}, true, "In_Progress"},
			"none":           {genesystest.Fault{Status: 204}, false, ""},
			"none, empty":    {genesystest.Fault{Status: 200}, true, "has not put 3 of 3"},
		} {
			b := newBed(t)
			list := b.p.AddDNCList("Opt-outs")
			test.status.Path, test.status.Times = "/importstatus", -1
			b.p.AddFault(test.status)
			if test.lost {
				b.p.AddFault(genesystest.Fault{Method: "PUT", Path: "/uploads/", Status: 200})
			}
			err := b.c.UploadDNCNumbers(t.Context(), list, numbers(3), time.Time{})
			if test.text == "" {
				require.NoError(t, err, name)
				continue
			}
			require.ErrorContains(t, err, test.text, name)
			assert.NotContains(t, err.Error(), "0123", name)
		}
	})
}

// Until an import begins, the platform tells of the one before. That it had failed says nothing about
// this one.
func TestImportBehindOneThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, later := range map[string]string{"": "", "the next one fails too": `{"state":"FAILED","failureReason":"row 7"}`} {
			b := newBed(t, genesystest.WithImportDelay(10*time.Second))
			list := b.p.AddDNCList("Opt-outs")
			b.p.AddFault(genesystest.Fault{Path: "/importstatus", Status: 200, Body: `{"state":"FAILED","failureReason":"row 3"}`, Times: 3})
			if later != "" {
				b.p.AddFault(genesystest.Fault{Path: "/importstatus", Status: 200, Body: later})
			}
			err := b.c.UploadDNCNumbers(t.Context(), list, numbers(3), time.Time{})
			if later == "" {
				require.NoError(t, err)
				assert.Equal(t, numbers(3), b.p.DNCEntries(list))
				continue
			}
			require.ErrorContains(t, err, "row 7", name)
		}
	})
}

func TestEntriesOfOtherKinds(t *testing.T) {
	b := newBed(t)
	mail := b.p.AddDNCListFor("Email", "mail")
	app := b.p.AddDNCListFor("WhatsApp", "app")
	custom := b.p.AddExternalDNCList("custom", genesys.SourceCustom)
	soon := time.Now().Add(time.Hour).Truncate(time.Minute)
	for _, test := range []struct {
		list    string
		kind    genesys.EntryKind
		entries []string
		wrong   []string
	}{
		{mail, genesys.EmailAddresses, []string{"ann@example.com", "bob@example.com"}, []string{"", "ann", "Ann <ann@example.com>", "a@b, c@d"}},
		{app, genesys.WhatsAppNumbers, numbers(2), []string{"4155550100"}},
		{custom, genesys.CustomEntries, []string{"17", "acct 18"}, []string{"", " ", "a\nb", strings.Repeat("x", 513)}},
	} {
		require.NoError(t, b.c.AddDNCEntries(t.Context(), test.list, test.kind, test.entries, soon))
		assert.Equal(t, test.entries, b.p.DNCEntries(test.list))
		require.NoError(t, b.c.RemoveDNCEntries(t.Context(), test.list, test.kind, test.entries[:1]))
		assert.Equal(t, test.entries[1:], b.p.DNCEntries(test.list))
		before := b.writes()
		for _, wrong := range test.wrong {
			require.ErrorIs(t, b.c.AddDNCEntries(t.Context(), test.list, test.kind, []string{wrong}, soon), genesys.ErrInvalidInput, "%q", wrong)
		}
		assert.Equal(t, before, b.writes())
	}
	require.ErrorIs(t, b.c.AddDNCEntries(t.Context(), custom, genesys.PhoneNumbers, numbers(1), soon), genesys.ErrNotInternal)
	require.ErrorIs(t, b.c.AddDNCEntries(t.Context(), custom, 99, numbers(1), soon), genesys.ErrInvalidInput)
	n := 0
	for e, err := range b.c.ExportDNCList(t.Context(), mail) {
		require.NoError(t, err)
		assert.Equal(t, "bob@example.com", e.Number)
		n++
	}
	assert.Equal(t, 1, n)
}
