package main

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/preflight"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type ran struct {
	code        int
	out, errOut string
}

func start(t *testing.T, env map[string]string, args ...string) ran {
	t.Helper()
	var out, errOut bytes.Buffer
	code := run(t.Context(), args, func(k string) string { return env[k] }, &out, &errOut)
	return ran{code, out.String(), errOut.String()}
}

func TestDemo(t *testing.T) {
	page := filepath.Join(t.TempDir(), "report.html")
	r := start(t, nil, "demo", "-out", page)
	require.Equal(t, exitOK, r.code, r.errOut)
	for _, line := range []string{
		"without a full answer  0    0.0 %", "numbers sent to the DNC list: 82; lists attached: 1; numbers marked as uncallable: 22, not marked: 0; started: true",
		"The campaign is protected.", "The report is in " + page,
	} {
		assert.Contains(t, r.out, line)
	}
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Contains(t, string(html), "no_attempt_limits")
	assert.NotRegexp(t, `5550\d{3}`, r.out+string(html))
}

// remote is a platform that is reached over HTTP with credentials, as a real one, and a Redis.
func remote(t *testing.T) (p *genesystest.Platform, env map[string]string, urls []string, campaign string) {
	t.Helper()
	p = genesystest.New()
	list := p.AddContactList("Spring", "phone")
	campaign, err := p.AddCampaign(fmt.Sprintf(`{"contactList":{"id":%q}}`, list))
	require.NoError(t, err)
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	client := p.AddClient(
		"outbound:campaign:view", "outbound:campaign:edit", "outbound:campaign:start", "outbound:campaignDiagnostic:view", "outbound:campaignRule:view", "outbound:ruleSet:view", "outbound:schedule:view", "outbound:campaignSequence:view", "outbound:dncList:view", "outbound:dncList:add",
		"outbound:dnc:view", "outbound:dnc:edit", "outbound:contactList:view", "outbound:contact:view", "outbound:contact:edit", "outbound:contact:add")
	env = map[string]string{
		"GENESYSCLOUD_REGION": "eu-west-1", "GENESYSCLOUD_OAUTHCLIENT_ID": client.ClientID, "GENESYSCLOUD_OAUTHCLIENT_SECRET": client.ClientSecret.Reveal(),
	}
	owner, err := genesys.NewCampaignClient(p.Source())
	require.NoError(t, err)
	_, err = owner.AddContacts(t.Context(), list, []genesys.Contact{
		{Data: map[string]string{"phone": "+14155550100"}}, {Data: map[string]string{"phone": "(415) 555-0123"}},
	}, genesys.AddOptions{})
	require.NoError(t, err)
	return p, env, []string{"-api-url", s.URL, "-login-url", s.URL}, campaign
}

func TestOnAPlatform(t *testing.T) {
	t.Parallel()
	store := redistest.Start(t)
	p, env, urls, campaign := remote(t)
	dir := t.TempDir()
	plan, page, rows := filepath.Join(dir, "plan.json"), filepath.Join(dir, "report.html"), filepath.Join(dir, "rows.csv")
	do := func(command string, args ...string) ran {
		t.Helper()
		return start(t, env, append(append([]string{command, "-plan", plan}, urls...), args...)...)
	}
	again := []string{"-campaign", campaign, "-redis", store.URL(), "-country", "1", "-start", "-accept", "no_attempt_limits, no_callable_times"}

	r := do("plan", again...)
	assert.Equal(t, exitError, r.code)
	assert.Contains(t, r.errOut, "list_missing")
	assert.NoFileExists(t, plan, "there is no plan while the list is missing")

	store.Do(t, "sadd", "dnc:blacklist", "+14155550123")
	r = do("plan", again...)
	assert.Equal(t, exitError, r.code)
	assert.Contains(t, r.errOut, "geo_rules", "no geo rules are an error as well")
	store.Do(t, "hset", "dnc:geo_rules", "+44", `{"allowed":false,"riskLevel":"high"}`)
	require.NoError(t, redistest.Eventually(func() error {
		if r = do("plan", again...); r.code != exitOK {
			return fmt.Errorf("%s", r.errOut)
		}
		return nil
	}))
	info, err := os.Stat(plan)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	r = do("assert")
	assert.Equal(t, exitUnprotected, r.code)
	assert.Contains(t, r.errOut, "lacks numbers that must be blocked: 1 of 1")

	r = do("apply")
	require.Equal(t, exitOK, r.code, r.errOut)
	assert.Contains(t, r.out, "numbers sent to the DNC list: 1; lists attached: 1; numbers marked as uncallable: 1, not marked: 0; started: true")
	assert.Equal(t, 1, p.CountRequests("POST", "/start"))

	store.Do(t, "sadd", "dnc:blacklist", "+14155550199")
	store.Do(t, "srem", "dnc:blacklist", "+14155550123")
	second := filepath.Join(dir, "second.json")
	r = do("plan", append(again, "-unblock", plan, "-plan", second)...)
	require.Equal(t, exitOK, r.code, r.errOut)
	assert.Regexp(t, `numbers to unblock +1\n`, r.out)
	r = do("apply", "-plan", second)
	require.Equal(t, exitOK, r.code, r.errOut)
	assert.Contains(t, r.out, "+1******0123, allowed again: is not on the list")
	store.Do(t, "sadd", "dnc:blacklist", "+14155550123")
	require.Equal(t, exitOK, do("plan", again...).code)
	require.Equal(t, exitOK, do("apply").code)

	r = do("assert", "-accept", "no_attempt_limits,no_callable_times")
	assert.Equal(t, exitOK, r.code, r.errOut)
	r = do("report", "-out", page, "-csv", rows, "-before", plan)
	require.Equal(t, exitOK, r.code, r.errOut)
	text, err := os.ReadFile(rows)
	require.NoError(t, err)
	assert.Contains(t, string(text), "+1******0123")
	r = do("report", "-csv", rows, "-full-numbers")
	require.Equal(t, exitOK, r.code, r.errOut)
	assert.Contains(t, r.out, "Protected     not asserted yet")
	text, err = os.ReadFile(rows)
	require.NoError(t, err)
	assert.Contains(t, string(text), "+14155550123")
}

func TestUsage(t *testing.T) {
	_, env, urls, campaign := remote(t)
	missing := filepath.Join(t.TempDir(), "plan.json")
	for name, test := range map[string]struct {
		env  map[string]string
		args []string
		code int
		text string
	}{
		"no command":             {nil, nil, exitUsage, "demo, load, plan, apply, assert, report or sync"},
		"another command":        {nil, []string{"start"}, exitUsage, "this command does not exist"},
		"an argument":            {nil, []string{"plan", "x"}, exitUsage, "without a flag"},
		"an unknown flag":        {nil, []string{"plan", "-x"}, exitUsage, "-h lists the flags"},
		"the country":            {nil, []string{"plan", "-country", "+1"}, exitUsage, "calling code"},
		"help on all commands":   {env, []string{"-h"}, exitOK, ""},
		"no campaign":            {env, []string{"plan", "-redis", "redis://x"}, exitUsage, "-campaign is missing"},
		"no list":                {env, []string{"plan", "-campaign", campaign}, exitUsage, "-redis is missing"},
		"half of credentials":    {map[string]string{"GENESYSCLOUD_REGION": "eu-west-1"}, []string{"apply"}, exitUsage, "go together"},
		"a gap that is none":     {nil, []string{"plan", "-plan", missing, "-start", "-accept", "x"}, exitError, `the gap "x"`},
		"no plan":                {nil, []string{"apply", "-plan", missing}, exitError, "no such file"},
		"a file that is no plan": {nil, []string{"apply", "-plan", "main.go"}, exitError, "not the file of a plan"},
		"no Redis":               {env, append([]string{"plan", "-campaign", campaign, "-redis", "http://x", "-plan", missing}, urls...), exitUsage, "-redis"},
		"help":                   {nil, []string{"report", "-h"}, exitOK, ""},
	} {
		r := start(t, test.env, test.args...)
		assert.Equal(t, test.code, r.code, "%s: %s", name, r.errOut)
		assert.Contains(t, r.errOut, test.text, name)
	}
	assert.NoFileExists(t, missing)
}

// The file of a plan fits the platform in memory of the next command, too.
func TestCommandsInMemory(t *testing.T) {
	plan := filepath.Join(t.TempDir(), "plan.json")
	require.Equal(t, exitOK, start(t, nil, "plan", "-plan", plan).code)
	r := start(t, nil, "apply", "-plan", plan)
	require.Equal(t, exitOK, r.code, r.errOut)
	assert.Contains(t, r.out, "started: false")
	r = start(t, nil, "assert", "-plan", plan)
	assert.Equal(t, exitUnprotected, r.code)
	for _, kind := range []preflight.GapKind{preflight.GapEntriesMissing, preflight.GapMarkGone} {
		assert.Contains(t, r.errOut, string(kind))
	}
	assert.True(t, strings.HasPrefix(r.errOut, "preflight: "))
}
