package dncotel_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/evidence"
	"github.com/dnc-go/dnc/genesys"
	dncotel "github.com/dnc-go/dnc/otel"
	"github.com/dnc-go/dnc/retry"
)

// exported is what a run exports: metric, label, values.
type exported map[string]map[string][]string

// everything exports each metric with each value of a label that rules name.
func everything(t *testing.T) exported {
	t.Helper()
	out := export(t)
	reason := dnc.Reason{Code: "dnc_national", List: "national", Date: time.Now()}
	checker, err := dncotel.Checker(listed(dnc.Block, reason, nil), "dialer", out.opts...)
	require.NoError(t, err)
	_, _ = checker.Check(t.Context(), number(t))
	_, _ = checker.CheckBatch(t.Context(), []dnc.Number{number(t)})
	read := func(context.Context) (dncotel.ListState, error) { return dncotel.ListState{Date: time.Now()}, nil }
	require.NoError(t, dncotel.ObserveList("national", read, out.opts...))
	report, err := dncotel.IncidentHook(out.opts...)
	require.NoError(t, err)
	report(dnc.Incident{Event: dnc.EventBreakerOpen, List: "national"})
	require.NoError(t, dncotel.ObserveOptOuts(intake{}, out.opts...))
	require.NoError(t, dncotel.ObserveEvidence(evidenceLog{new(evidence.Status)}, out.opts...))
	observer, err := dncotel.GenesysObserver(out.opts...)
	require.NoError(t, err)
	for _, o := range []genesys.Observation{{Status: 200}, {Status: 503}, {}, {Err: retry.ErrRateLimitWait}} {
		_, end := observer(t.Context(), "GET", "/api/v2/outbound/campaigns")
		end(o)
	}
	families, err := out.registry.Gather()
	require.NoError(t, err)
	all := exported{}
	for _, f := range families {
		names := []string{f.GetName()}
		if f.GetType() == dto.MetricType_HISTOGRAM {
			names = []string{f.GetName() + "_bucket", f.GetName() + "_count", f.GetName() + "_sum"}
		}
		for _, name := range names {
			all[name] = map[string][]string{"job": nil}
			if strings.HasSuffix(name, "_bucket") {
				all[name]["le"] = nil
			}
			for _, m := range f.GetMetric() {
				for _, l := range m.GetLabel() {
					all[name][l.GetName()] = append(all[name][l.GetName()], l.GetValue())
				}
			}
		}
	}
	return all
}

var (
	grouping  = regexp.MustCompile(`\b(?:by|without|on|ignoring)\s*\(([^)]*)\)`)
	selector  = regexp.MustCompile(`\b([a-z_][a-z0-9_]*)(\{[^}]*\}|\b)(\s*\()?`)
	matcher   = regexp.MustCompile(`([a-z_]+)\s*(=~|!=|!~|=)\s*"([^"]*)"`)
	shown     = regexp.MustCompile(`\$labels\.([a-z_]+)`)
	legend    = regexp.MustCompile(`\{\{\s*([a-z_]+)\s*\}\}`)
	alert     = regexp.MustCompile(`\bDnc[A-Z][A-Za-z]+`)
	duration  = regexp.MustCompile(`\[[^\]]*\]|\boffset \w+`)
	operators = []string{"or", "and", "unless", "bool"}
)

// wrong is what an expression and its text name and nobody exports.
func (all exported) wrong(expr string, labels ...string) (found []string) {
	for _, g := range grouping.FindAllStringSubmatch(expr, -1) {
		for l := range strings.SplitSeq(g[1], ",") {
			labels = append(labels, strings.TrimSpace(l))
		}
	}
	known := map[string]bool{}
	metrics := 0
	for _, s := range selector.FindAllStringSubmatch(duration.ReplaceAllString(grouping.ReplaceAllString(expr, ""), ""), -1) {
		if s[3] != "" || slices.Contains(operators, s[1]) {
			continue // a function
		}
		has, ok := all[s[1]]
		if !ok {
			found = append(found, s[1])
			continue
		}
		metrics++
		for l := range has {
			known[l] = true
		}
		for _, m := range matcher.FindAllStringSubmatch(s[2], -1) {
			values, ok := has[m[1]]
			if !ok {
				found = append(found, s[1]+"{"+m[1]+"}")
				continue
			}
			if strings.HasPrefix(m[3], "$") { // a variable of the dashboard
				continue
			}
			for v := range strings.SplitSeq(m[3], "|") {
				if !slices.Contains(values, v) {
					found = append(found, s[1]+"{"+m[1]+"="+v+"}")
				}
			}
		}
	}
	for _, l := range labels {
		if !known[l] {
			found = append(found, "label "+l)
		}
	}
	if metrics == 0 {
		found = append(found, "no metric")
	}
	return found
}

func TestAlertRules(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("alerts.yml")
	require.NoError(t, err)
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	all := everything(t)
	guide, err := os.ReadFile("../docs/guide/operations.md")
	require.NoError(t, err)
	advised := alert.FindAllString(string(guide), -1)
	cases, err := os.ReadFile("alerts_test.yml")
	require.NoError(t, err)
	tried := alert.FindAllString(string(cases), -1)
	names := map[string]bool{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			assert.False(t, names[r.Alert], "%s is there twice", r.Alert)
			names[r.Alert] = true
			var labels []string
			for _, l := range shown.FindAllStringSubmatch(r.Annotations["summary"], -1) {
				labels = append(labels, l[1])
			}
			assert.Empty(t, all.wrong(r.Expr, labels...), r.Alert)
			assert.Contains(t, []string{"page", "ticket"}, r.Labels["severity"], r.Alert)
			assert.NotEmpty(t, r.Annotations["summary"], r.Alert)
			assert.Contains(t, advised, r.Alert, "the guide does not say what to do")
			assert.Contains(t, tried, r.Alert, "alerts_test.yml has no case")
		}
	}
	assert.Greater(t, len(names), 10)
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("dashboard.json")
	require.NoError(t, err)
	var d struct {
		Panels []struct {
			Title, Type string
			Targets     []struct{ Expr, LegendFormat string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &d))
	all := everything(t)
	used := string(text)
	for _, p := range d.Panels {
		assert.True(t, p.Type == "row" || len(p.Targets) > 0, p.Title)
		for _, target := range p.Targets {
			var labels []string
			for _, l := range legend.FindAllStringSubmatch(target.LegendFormat, -1) {
				labels = append(labels, l[1])
			}
			assert.Empty(t, all.wrong(target.Expr, labels...), p.Title)
		}
	}
	for name := range all {
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_count"), "_sum")
		assert.True(t, !strings.HasPrefix(name, "dnc_") || strings.Contains(used, base), "no panel shows %s", name)
	}
}

// The tests above see a name, a label or a value that is misspelled.
func TestMisspelledRulesAreSeen(t *testing.T) {
	t.Parallel()
	all := everything(t)
	assert.Empty(t, all.wrong(`sum by (list) (rate(dnc_incidents_total{event="breaker_open"}[5m])) > 0 or dnc_breaker_open == 1`))
	for _, expr := range []string{
		`dnc_list_ages_seconds > 5`, `rate(dnc_incident_total[5m])`, `dnc_breaker_open{lists="x"}`, `1 > 0`,
		`sum by (lists) (dnc_breaker_open)`, `dnc_decisions_total{code=~"list_missing|list_mising"}`,
		`dnc_breaker_open == 1 or dnc_braker_open == 1`, `dnc_check_duration_seconds{batch="true"}`,
	} {
		assert.NotEmpty(t, all.wrong(expr), expr)
	}
	assert.NotEmpty(t, all.wrong(`dnc_breaker_open == 1`, "target"))
}
