package main

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

// hoursAPI is the server's handler at a time.
func hoursAPI(t *testing.T, at time.Time, args ...string) func(method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	c, err := readConfig(args, func(string) string { return "" }, &logged)
	require.NoError(t, err)
	c.hours = newHours(func() time.Time { return at }, func(dnc.Incident) {})
	answers, err := newRules(c, nil)
	require.NoError(t, err)
	t.Cleanup(answers.close)
	a := newAPI(c, answers.lists, campaigns{}, slog.New(slog.NewTextHandler(&logged, nil)))
	a.rule = answers.rule
	return func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		return w
	}
}

func TestHours(t *testing.T) {
	const (
		free   = `[{"phoneNumber":"+14155550100"}]`
		listed = `[{"phoneNumber":"+14155550123"}]`
	)
	night := time.Date(2026, 12, 2, 10, 0, 0, 0, time.UTC) // Wednesday, 2:00 in California
	send := hoursAPI(t, night, "-hours")
	w := send("POST", "/validate", free)
	assert.Equal(t, 200, w.Code)
	assert.Contains(t, w.Body.String(), `"reason":"outside_hours"`)
	assert.Contains(t, w.Body.String(), `"until":"2026-12-02T09:00:00-08:00"`)
	w = send("POST", "/validate", listed)
	assert.Contains(t, w.Body.String(), `dnc_blacklist`)
	w = send("POST", "/validate?explain=1", free)
	assert.Contains(t, w.Body.String(), `"reason":"outside_hours"`)
	assert.Contains(t, w.Body.String(), `"hours":[[`)
	assert.Contains(t, w.Body.String(), `America/Los_Angeles`)
	assert.Equal(t, 200, send("GET", "/healthz", "").Code, "the probe's number has no time zone")

	w = hoursAPI(t, night)("POST", "/validate", free)
	assert.Contains(t, w.Body.String(), `"reason":"allowed"`, "hours are off by default")
	w = hoursAPI(t, night.Add(10*time.Hour), "-hours")("POST", "/validate", free) // noon
	assert.Contains(t, w.Body.String(), `"verdict":"allow"`)
	w = hoursAPI(t, night.Add(10*time.Hour), "-hours")("POST", "/validate", `[{"phoneNumber":"+18005550100"}]`)
	assert.Contains(t, w.Body.String(), `zone_unknown`, "doubt is not allowed")
}

// What is known of a contact closes hours that its number alone leaves open, and opens none.
func TestHoursOfAContactsPlace(t *testing.T) {
	morning := time.Date(2026, 12, 2, 14, 30, 0, 0, time.UTC) // Wednesday, 9:30 in Washington, 6:30 in California
	send := hoursAPI(t, morning, "-hours")
	const east, west = "+12025550100", "+14155550100"
	validate := func(number, place string) string {
		return send("POST", "/validate?explain=1", `[{"phoneNumber":"`+number+`"`+place+`}]`).Body.String()
	}
	assert.Contains(t, validate(east, ``), `"verdict":"allow"`)
	assert.Contains(t, validate(west, ``), `"reason":"outside_hours"`)

	moved := validate(east, `,"timeZone":"America/Los_Angeles"`)
	assert.Contains(t, moved, `"reason":"outside_hours"`)
	assert.Contains(t, moved, `the contact's zone`, "what is explained is what was decided")
	assert.Contains(t, validate(east, `,"region":"US-CA"`), `"reason":"outside_hours"`)

	assert.Contains(t, validate(east, `,"postalCode":"94110-1234"`), `"reason":"outside_hours"`)
	assert.Contains(t, validate(east, `,"postalCode":"10001"`), `"verdict":"allow"`)
	assert.Contains(t, validate(west, `,"postalCode":"10001"`), `"reason":"outside_hours"`)
	assert.Contains(t, validate(east, `,"postalCode":"2138"`), `zone_unknown`, "four digits are no ZIP code")
	assert.Contains(t, validate(west, `,"timeZone":"America/New_York","region":"US-NY"`), `"reason":"outside_hours"`)
	assert.Contains(t, validate(east, `,"timeZone":"Mars/Olympus"`), `zone_unknown`, "doubt is not allowed")
	assert.Contains(t, validate(east, `,"region":"West"`), `zone_unknown`)
}
