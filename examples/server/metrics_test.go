package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// sample is a line of the text format of Prometheus.
var sample = regexp.MustCompile(`^([a-z_]+)(?:\{[a-z]+="[^"\\]*"(?:,[a-z]+="[^"\\]*")*\})? [0-9]+$`)

// parseMetrics holds a text to the format, and returns its samples.
func parseMetrics(t *testing.T, text string) map[string]bool {
	t.Helper()
	require.True(t, strings.HasSuffix(text, "\n"))
	typed, samples := map[string]bool{}, map[string]bool{}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if words := strings.Fields(line); strings.HasPrefix(line, "# TYPE ") {
			require.Len(t, words, 4)
			require.False(t, typed[words[2]], "a family is there once")
			typed[words[2]] = true
			continue
		}
		if strings.HasPrefix(line, "# HELP ") {
			continue
		}
		m := sample.FindStringSubmatch(line)
		require.NotNil(t, m, line)
		require.True(t, typed[m[1]], line)
		require.False(t, samples[line], line)
		samples[line] = true
	}
	return samples
}

func TestMetrics(t *testing.T) {
	s := start(t, map[string]string{"DNC_BEARER_TOKEN": "secret"}, "-metrics", "-optouts", t.TempDir())
	const token = "Authorization: Bearer secret"
	s.send(t, "POST", "/validate", `[{"phoneNumber":"+14155550123","campaignId":"+14155550177"},{"phoneNumber":"+14155550100"},{"phoneNumber":"415-555-01"}]`, token)
	s.send(t, "GET", "/validate/+14155550100", "", token)
	s.send(t, "GET", "/%2B14155550100", "", token)
	assert.Equal(t, 401, s.send(t, "GET", "/metrics", "").status, "it needs the token as the other routes do")
	r := s.send(t, "GET", "/metrics", "", token)
	assert.Equal(t, 200, r.status)
	assert.Equal(t, "text/plain; version=0.0.4; charset=utf-8", r.header.Get("Content-Type"))
	assert.NotRegexp(t, canary, r.body)
	assert.NotContains(t, r.body, "secret")
	samples := parseMetrics(t, r.body)
	for _, want := range []string{
		`dnc_server_requests_total{path="/validate",status="200"} 1`,
		`dnc_server_requests_total{path="(other)",status="404"} 2`,
		`dnc_server_requests_total{path="/metrics",status="401"} 1`,
		`dnc_server_decisions_total{verdict="block",code="dnc_blacklist"} 1`,
		`dnc_server_decisions_total{verdict="allow",code="allowed"} 1`,
		`dnc_server_decisions_total{verdict="block",code="invalid_number"} 1`,
		`dnc_server_optouts_overdue 0`,
	} {
		assert.True(t, samples[want], "%s is not in\n%s", want, r.body)
	}
	assert.Equal(t, 404, start(t, nil).send(t, "GET", "/metrics", "").status)
}

func TestMetricsCountIncidents(t *testing.T) {
	server := redistest.Start(t) // without a list
	s := start(t, nil, "-metrics", "-redis", server.URL())
	s.send(t, "POST", "/validate", `[{"phoneNumber":"+14155550123"}]`)
	r := s.send(t, "GET", "/metrics", "")
	samples := parseMetrics(t, r.body)
	assert.True(t, samples[`dnc_server_incidents_total{event="`+dnc.EventFallbackBlock+`"} 1`], r.body)
	assert.Contains(t, r.body, `code="list_missing"`)
	assert.NotRegexp(t, canary, r.body)
}

func TestUnknownCodesAreOther(t *testing.T) {
	assert.Equal(t, "other", knownCode("dnc_4155550123"))
	assert.Equal(t, dnc.CodeHoliday, knownCode(dnc.CodeHoliday))
}
