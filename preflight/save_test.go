package preflight_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// Every exported thing of a plan that was read back is what it was.
func TestSavedPlanIsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, rules := newProtectedBed(t)
		rules.Expires = time.Now().Add(30 * 24 * time.Hour).Truncate(time.Minute)
		rules.BlockedNumbers = []string{"+14155550170"}
		plan, err := preflight.NewPlan(t.Context(), dnc.Protect(b.checker), b.c, b.campaign, parse, start,
			preflight.WithRules(rules), preflight.RedialWhenComplete(), preflight.BlockUnknown())
		require.NoError(t, err)
		again := reread(t, b, plan)
		assert.Equal(t, plan.String(), again.String())
		assert.Equal(t, plan.Counts(), again.Counts())
		assert.Equal(t, plan.Reasons(), again.Reasons())
		assert.Equal(t, plan.Lists(), again.Lists())
		assert.Equal(t, plan.Preview(), again.Preview())
		assert.Equal(t, plan.Columns(), again.Columns())
		assert.Equal(t, plan.CampaignID(), again.CampaignID())
		assert.Equal(t, plan.ContactListID(), again.ContactListID())
		assert.True(t, plan.MadeAt().Equal(again.MadeAt()))

		var one, two bytes.Buffer
		require.NoError(t, plan.Save(&one))
		require.NoError(t, again.Save(&two))
		assert.Equal(t, one.String(), two.String())

		b.p.SetStatus(b.campaign, "complete")
		result, err := again.Apply(t.Context())
		require.NoError(t, err)
		assert.True(t, result.Started, "its options are there too")
		assert.Contains(t, b.p.DNCEntries(result.Applied.DNCListID), "+14155550170")
		assert.True(t, rules.Expires.Equal(b.p.DNCExpiry(result.Applied.DNCListID, "+14155550170")))
	})
}

// A file that is not what Save has written would block too few.
func TestFilesThatAreRefused(t *testing.T) {
	b, rules := newProtectedBed(t)
	plan := b.plan(parse, preflight.WithRules(rules))
	var saved bytes.Buffer
	require.NoError(t, plan.Save(&saved))
	text := saved.String()
	for name, file := range map[string]string{
		"empty":                 "",
		"cut":                   text[:len(text)/2],
		"twice":                 text + text,
		"another format":        strings.Replace(text, "dnc preflight plan", "dnc other", 1),
		"another version":       strings.Replace(text, `"version":2`, `"version":1`, 1),
		"a number less":         strings.Replace(text, `"number":"+14155550142"`, `"number":"+14155550149"`, 1),
		"an unknown field":      strings.Replace(text, `"version":2`, `"version":2,"x":1`, 1),
		"another plan":          resealed(t, text, "campaignId", json.RawMessage(`""`)),
		"no findings":           resealed(t, text, "findings", json.RawMessage(`[]`)),
		"a number that is none": resealed(t, text, "findings", json.RawMessage(strings.Replace(findings(t, text), "+14155550142", "+1", 1))),
		"a column too many":     resealed(t, text, "findings", json.RawMessage(strings.Replace(findings(t, text), `"column":0`, `"column":9`, 1))),
		"another mark":          resealed(t, text, "findings", json.RawMessage(strings.Replace(findings(t, text), `"mark":"make"`, `"mark":"x"`, 1))),
		"a gap of no kind":      resealed(t, text, "accept", json.RawMessage(`["entries_missing"]`)),
		"a sum that is none":    resealed(t, text, "contacts", json.RawMessage(`"x"`)),
	} {
		plan, err := preflight.ReadPlan(strings.NewReader(file), b.c)
		require.ErrorIs(t, err, preflight.ErrInvalidInput, name)
		assert.Nil(t, plan)
		assert.NotContains(t, err.Error(), "5550142")
	}
	_, err := preflight.ReadPlan(strings.NewReader(text), nil)
	require.ErrorIs(t, err, preflight.ErrInvalidInput)
	_, err = preflight.ReadPlan(iotestErr{}, b.c)
	require.ErrorIs(t, err, errDisk)
	require.ErrorIs(t, plan.Save(iotestErr{}), errDisk)
	_, err = preflight.ReadPlan(strings.NewReader(resealed(t, text, "findings", json.RawMessage(findings(t, text)))), b.c)
	require.NoError(t, err, "the test's own seal is right")
}

var errDisk = errors.New("the disk is full")

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error)  { return 0, errDisk }
func (iotestErr) Write([]byte) (int, error) { return 0, errDisk }

func body(t *testing.T, text string) map[string]json.RawMessage {
	var file struct{ Plan json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(text), &file))
	var plan map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(file.Plan, &plan))
	return plan
}

func findings(t *testing.T, text string) string { return string(body(t, text)["findings"]) }

// resealed changes a member of a saved plan and makes its sum right.
func resealed(t *testing.T, text, member string, value json.RawMessage) string {
	plan := body(t, text)
	require.Contains(t, plan, member)
	plan[member] = value
	data, err := json.Marshal(plan)
	require.NoError(t, err)
	return fmt.Sprintf(`{"format":"dnc preflight plan","version":2,"sha256":"%x","plan":%s}`, sum(data), data)
}

// Nobody can change what Apply obeys.
func TestPlanCannotBeChanged(t *testing.T) {
	b, rules := newProtectedBed(t)
	rules.BlockedNumbers = []string{"+14155550170"}
	plan := b.plan(parse, preflight.WithRules(rules))
	want := []any{plan.Reasons(), plan.Lists(), plan.Columns(), plan.Preview(), plan.Counts()}
	var before bytes.Buffer
	require.NoError(t, plan.Save(&before))
	rules.BlockedNumbers[0], rules.DNCListIDs[0] = "+14155550171", noID
	plan.Reasons()[0].Code, plan.Lists()[0].List, plan.Columns()[0], plan.Preview().Attach[0] = "x", "x", "x", noID
	assert.Equal(t, want, []any{plan.Reasons(), plan.Lists(), plan.Columns(), plan.Preview(), plan.Counts()})
	var after bytes.Buffer
	require.NoError(t, plan.Save(&after))
	assert.Equal(t, before.String(), after.String())
}

// A plan that nobody made does nothing, and says so at once.
func TestZeroPlan(t *testing.T) {
	for _, plan := range []*preflight.Plan{nil, {}} {
		_, err := plan.Apply(t.Context())
		require.ErrorIs(t, err, preflight.ErrInvalidInput)
		require.ErrorIs(t, err, genesys.ErrInvalidInput)
		require.ErrorIs(t, plan.AssertProtected(t.Context()), preflight.ErrInvalidInput)
		require.ErrorIs(t, plan.Save(io.Discard), preflight.ErrInvalidInput)
	}
	assert.Contains(t, new(preflight.Plan).String(), "no plan")
}
