package genesysoptout_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/optout"
	"github.com/dnc-go/dnc/optout/genesysoptout"
)

const (
	code         = "7fb334b0-0e9e-11e4-9191-0800200c9a66"
	conversation = "11111111-1111-4111-8111-111111111111"
)

func TestEvents(t *testing.T) {
	in := `{"topicName":"v2.detail.events.conversation.x.acw","eventBody":{"eventTime":1763640000000,"conversationId":"` + conversation + `","participantId":"p1","direction":"OUTBOUND","ani":"tel:+12025550100","dnis":"tel:+12025550123","wrapupCode":"` + strings.ToUpper(code) + `"}}
		{"detail":{"eventBody":{"conversationId":"` + conversation + `","wrapupCode":"another"}}}
		{"eventBody":{"conversationId":"` + conversation + `","direction":"inbound","ani":"tel:+12025550124","dnis":"x","wrapUpCode":"` + code + `"}}
		{"eventBody":{"conversationId":"+12025550125","wrapUpCode":"` + code + `","ani":"+1202555012"}}
		{"eventBody":{"conversationId":"` + conversation + `","wrapups":[{"wrapUpCode":"another"},{"wrapUpCode":"` + code + `"}],"address":"+12025550126"}}
		{"eventBody":{"conversationId":"` + conversation + `","ani":"tel:+12025550100","dnis":"tel:+12025550127","wrapupCode":"` + code + `"}}
		{"cut`
	var got []string
	var errs []string
	for r, err := range genesysoptout.Events(strings.NewReader(in), code) {
		if err != nil {
			errs = append(errs, err.Error())
			continue
		}
		got = append(got, r.Number.E164()+" "+r.SourceID)
		if len(got) == 1 {
			assert.True(t, r.At.Equal(time.UnixMilli(1763640000000)))
		}
		intake, err := optout.Open(t.TempDir())
		require.NoError(t, err)
		_, err = intake.Add(t.Context(), r)
		require.NoError(t, err)
		require.NoError(t, intake.Close())
	}
	assert.Equal(t, []string{"+12025550123 " + conversation + "/p1", "+12025550124 " + conversation + "/", "+12025550126 " + conversation + "/"}, got)
	require.Len(t, errs, 3)
	assert.Contains(t, errs[0], "event 3")
	assert.Contains(t, errs[1], "event 5", "nothing says which of its two numbers is the person's")
	assert.Contains(t, errs[2], "event 6")
	for _, e := range errs {
		assert.NotContains(t, e, "2025550")
	}
	for _, bad := range []string{"", " " + code} {
		for _, err := range genesysoptout.Events(strings.NewReader("{}"), code, bad) {
			require.ErrorContains(t, err, "code 1")
		}
	}
	for _, err := range genesysoptout.Events(strings.NewReader("{}")) {
		require.ErrorContains(t, err, "no wrap-up code")
	}
	for _, err := range genesysoptout.Events(strings.NewReader(`{"a":"`+strings.Repeat("x", 2<<20)+`"}`), code) {
		require.ErrorContains(t, err, "above")
	}
}

// Several events in one value: none is left out, and none gets the number of another.
func TestEventsThatComeTogether(t *testing.T) {
	event := func(conversation, number, code string) string {
		return `{"conversationId":"` + conversation + `","direction":"outbound","dnis":"` + number + `","wrapUpCode":"` + code + `"}`
	}
	first, second, third := event(conversation, "+12025550123", code), event("other", "+12025550124", "another"), event("third", "+12025550125", code)
	both := []string{"+12025550123 " + conversation + "/", "+12025550125 third/"}
	for name, test := range map[string]struct {
		in   string
		want []string
		errs int
	}{
		"array":         {"[" + first + "," + second + "," + third + "]", both, 0},
		"arrays":        {"[[" + first + "],[]," + second + "][" + third + "]", both, 0},
		"records":       {`{"records":[{"body":` + first + `},{"body":` + second + `},{"body":` + third + `}],"region":"x"}`, both, 0},
		"no ids":        {`[{"address":"+12025550123","wrapUpCode":"` + code + `"},{"address":"+12025550124","wrapUpCode":"x"},{"address":"+12025550125","wrapUpCode":"` + code + `"}]`, []string{"+12025550123 ", "+12025550125 "}, 0},
		"one within":    {`{"conversationId":"outer","wrapUps":` + first + `}`, nil, 1},
		"code is apart": {`{"wrapUpCode":"` + code + `","of":[` + second + `,` + event("third", "+12025550125", "another") + `]}`, nil, 1},
		"the same id":   {`{"conversationId":"` + conversation + `","detail":` + first + `}`, both[:1], 0},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			errs := 0
			for r, err := range genesysoptout.Events(strings.NewReader(test.in), code) {
				if err != nil {
					errs++
					require.ErrorContains(t, err, "event 0")
					assert.NotContains(t, err.Error(), "2025550")
					continue
				}
				got = append(got, r.Number.E164()+" "+r.SourceID)
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.errs, errs)
		})
	}
}
