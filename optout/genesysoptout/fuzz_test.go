package genesysoptout_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/optout/genesysoptout"
)

// Any bytes in the place of events are an error, or requests with a number. What is given twice is
// read the same twice.
func FuzzEvents(f *testing.F) {
	event := `{"eventBody":{"eventTime":1763640000000,"conversationId":"` + conversation + `","participantId":"p1","direction":"OUTBOUND",` +
		`"ani":"tel:+12025550100","dnis":"tel:+12025550123","wrapupCode":"` + code + `"}}`
	f.Add(event + "\n" + event)
	f.Add(event[:len(event)-1])
	f.Add(`[[{"wrapUpCode":"` + code + `","address":"sip:+12025550126","eventTime":"2026-11-26T12:00:00Z"}]]`)
	f.Add(`{"wrapUpCode":"` + code + `","wrapupcode":{"ani":1e400},"ani":12025550126,"direction":"inbound"}`)
	f.Fuzz(func(t *testing.T, in string) {
		var sources [2][]string
		for i := range sources {
			for r, err := range genesysoptout.Events(strings.NewReader(in), code) {
				if err == nil {
					require.False(t, r.Number.IsZero())
					require.Equal(t, "wrapup", r.Source)
					sources[i] = append(sources[i], r.Number.E164()+" "+r.SourceID)
				}
			}
		}
		require.Equal(t, sources[0], sources[1])
	})
}
