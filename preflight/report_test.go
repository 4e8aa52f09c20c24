package preflight_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/preflight"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := "testdata/" + name
	if *update {
		require.NoError(t, os.WriteFile(file, got, 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

// reported has a plan with a bit of everything, a second one of a day later, and what
// AssertProtected says then.
func reported(t *testing.T) (b *bed, report preflight.Report) {
	b = newBed(t)
	add := func(id, phone, phone2 string) {
		_, err := b.c.AddContacts(t.Context(), b.list, []genesys.Contact{{ID: id, Data: map[string]string{
			"name": "=1+1", "phone": phone, "phone2": phone2, "other phone": "",
		}}}, genesys.AddOptions{})
		require.NoError(t, err)
	}
	for _, contact := range [][3]string{
		{"c-1", "+14155550100", "+14155550150"},
		{"c-2", "+14155550142", "+14155550101"},
		{"c-3", "(415) 555-0143", "+14155550142"},
		{"c-4", "not a number", "+12125550160"},
		{"-5", "+442079460018", ""},
		{"14155550199", "<script>", "+14155550143"},
	} {
		add(contact[0], contact[1], contact[2])
	}
	north := dnc.ByPrefix(map[string]dnc.Checker{"+1": dated{b.checker, time.Date(1999, 12, 20, 0, 0, 0, 0, time.UTC)}})
	first, err := preflight.NewPlan(t.Context(), north, b.c, b.campaign, parse, preflight.BlockUnknown())
	require.NoError(t, err)
	time.Sleep(24 * time.Hour)
	add("c-9", "+14155550143", "+14155550142")
	second, err := preflight.NewPlan(t.Context(), north, b.c, b.campaign, parse, preflight.BlockUnknown())
	require.NoError(t, err)
	return b, preflight.Report{Plan: second, AssertedAt: time.Now(), Asserted: second.AssertProtected(t.Context()), Earlier: []*preflight.Plan{first}}
}

// The text, the page and the rows are as they were looked at once.
func TestReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, report := reported(t)
		var text, html, masked, full bytes.Buffer
		require.NoError(t, report.WriteText(&text))
		require.NoError(t, report.WriteHTML(&html))
		require.NoError(t, report.Plan.WriteCSV(&masked, nil))
		require.NoError(t, report.Plan.WriteCSV(&full, dnc.Number.E164))
		golden(t, "report.txt", text.Bytes())
		golden(t, "report.html", html.Bytes())
		golden(t, "masked.csv", masked.Bytes())
		golden(t, "full.csv", full.Bytes())

		for _, out := range []string{text.String(), html.String(), masked.String()} {
			assert.NotRegexp(t, `\d{3}.?555.?\d{4}|555\d{4}|9460018|<script`, out)
		}
		assert.NotRegexp(t, `(?i)\b(src|href|action)=|url\(|@import|https?:|<script|<link|<img|<iframe`, html.String(), "nothing is fetched")
	})
}

// Each chart has a name, its bars are hidden from screen readers, and every bar's value is beside
// it.
func TestPageIsAccessible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, report := reported(t)
		var html bytes.Buffer
		require.NoError(t, report.WriteHTML(&html))
		page := html.String()
		ids := map[string]bool{}
		for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
			assert.False(t, ids[m[1]], "id %s is there twice", m[1])
			ids[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`aria-labelledby="([^"]+)"`).FindAllStringSubmatch(page, -1) {
			assert.True(t, ids[m[1]], "no element has the id %s", m[1])
		}
		for _, id := range []string{"outcome", "reasons", "areas", "course", "lists", "writes"} {
			assert.True(t, ids[id], id)
		}
		assert.Equal(t, strings.Count(page, "<section "), strings.Count(page, `<section tabindex="0" aria-labelledby=`))
		assert.Equal(t, strings.Count(page, `class="track"`), strings.Count(page, `class="track" aria-hidden="true"`))
		for _, part := range []string{`<html lang="en">`, "<title>", `name="viewport"`, "<main>", "prefers-color-scheme", "@media print"} {
			assert.Contains(t, page, part)
		}
		for _, tag := range []string{"section", "table", "tbody", "thead", "tr", "th", "td", "dl", "ul", "main", "span", "i", "p", "h2"} {
			opened := len(regexp.MustCompile(`<`+tag+`[ >]`).FindAllString(page, -1))
			assert.Equal(t, opened, strings.Count(page, "</"+tag+">"), tag)
		}
	})
}

func TestVerdictOfAReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, report := reported(t)
		limits := []preflight.GapKind{preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes}
		unprotected, _ := errors.AsType[*preflight.UnprotectedError](report.Asserted)
		gaps := unprotected.Gaps
		for name, test := range map[string]struct {
			at       time.Time
			asserted error
			accept   []preflight.GapKind
			want     string
			mood     string
		}{
			"not asked":          {time.Time{}, nil, nil, "not asserted yet", "doubt"},
			"protected":          {time.Now(), nil, nil, "yes, read back at 2000-01-02 00:00 UTC", "good"},
			"not known":          {time.Now(), context.DeadlineExceeded, nil, "not known: context deadline exceeded", "bad"},
			"gaps, in a wrapper": {time.Now(), errors.Join(report.Asserted), nil, "UTC; gaps: 4", "bad"},
			"some are accepted":  {time.Now(), report.Asserted, limits, "UTC; gaps: 2", "bad"},
			"all are accepted":   {time.Now(), &preflight.UnprotectedError{Gaps: gaps[2:]}, limits, "UTC; accepted gaps: 2", "good"},
		} {
			report.AssertedAt, report.Asserted, report.Accept = test.at, test.asserted, test.accept
			var text, html bytes.Buffer
			require.NoError(t, report.WriteText(&text), name)
			require.NoError(t, report.WriteHTML(&html), name)
			assert.Contains(t, text.String(), test.want, name)
			assert.Contains(t, html.String(), test.want, name)
			assert.Contains(t, html.String(), `class="verdict `+test.mood+`"`, name)
			if len(test.accept) > 0 {
				assert.Contains(t, html.String(), "<li>accepted: no_attempt_limits", name)
				assert.Contains(t, text.String(), "accepted    no_attempt_limits", name)
			}
		}
	})
}

func TestReportsThatCannotBeMade(t *testing.T) {
	b := newBed(t, "+14155550100", "")
	plan := b.plan()
	var err error
	b.campaign, err = b.p.AddCampaign(`{"contactList":{"id":"` + b.list + `"}}`)
	require.NoError(t, err)
	other := b.plan()
	for _, report := range []preflight.Report{{}, {Plan: new(preflight.Plan)}, {Plan: plan, Earlier: []*preflight.Plan{nil}}, {Plan: plan, Earlier: []*preflight.Plan{other}}, {Plan: plan, Accept: []preflight.GapKind{"x"}}} {
		var out bytes.Buffer
		require.ErrorIs(t, report.WriteHTML(&out), preflight.ErrInvalidInput)
		require.ErrorIs(t, report.WriteText(&out), preflight.ErrInvalidInput)
		assert.Empty(t, out.String())
	}
	require.ErrorIs(t, new(preflight.Plan).WriteCSV(&bytes.Buffer{}, nil), preflight.ErrInvalidInput)
	for _, write := range []func() error{
		func() error { return preflight.Report{Plan: plan}.WriteHTML(iotestErr{}) },
		func() error { return preflight.Report{Plan: plan}.WriteText(iotestErr{}) },
		func() error { return plan.WriteCSV(iotestErr{}, nil) },
	} {
		require.ErrorIs(t, write(), errDisk)
	}
}
