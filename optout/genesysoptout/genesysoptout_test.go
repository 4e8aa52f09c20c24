package genesysoptout_test

import (
	"fmt"
	"log"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/optout"
	"github.com/dnc-go/dnc/optout/genesysoptout"
)

func number(t *testing.T, s string) dnc.Number {
	t.Helper()
	n, err := dnc.ParseNumber(s)
	require.NoError(t, err)
	return n
}

func TestOptOutsAndWithdrawalsReachTheDNCList(t *testing.T) {
	p := genesystest.New()
	listID := p.AddDNCList("Opt-outs")
	client, err := genesys.NewCampaignClient(p.Source())
	require.NoError(t, err)
	in, err := optout.Open(t.TempDir(), optout.WithTarget("genesys", genesysoptout.ListTarget(client, listID)), optout.WithLogger(slog.New(slog.DiscardHandler)),
		optout.WithBackoff(time.Millisecond, time.Millisecond))
	require.NoError(t, err)
	defer func() { require.NoError(t, in.Close()) }()
	p.AddFault(genesystest.Fault{Method: "PATCH", Drop: true, ActFirst: true}) // it has the numbers, and the answer is lost
	p.AddFault(genesystest.Fault{Method: "PATCH", Status: 403, Body: `{"status":403,"code":"missing.permissions"}`})
	for _, s := range []string{"+12025550123", "+12025550124"} {
		_, err = in.Add(t.Context(), optout.Request{Number: number(t, s), Source: "wrapup", SourceID: "conversation-1"})
		require.NoError(t, err)
	}
	require.NoError(t, in.Wait(t.Context()))
	assert.Equal(t, []string{"+12025550123", "+12025550124"}, p.DNCEntries(listID))
	_, err = in.Withdraw(t.Context(), number(t, "+12025550123"), optout.DecidedBy{Actor: "ann", Reason: "asked in writing"})
	require.NoError(t, err)
	require.NoError(t, in.Wait(t.Context()))
	assert.Equal(t, []string{"+12025550124"}, p.DNCEntries(listID))
}

func TestNoClient(t *testing.T) {
	require.Error(t, genesysoptout.ListTarget(nil, "").Deliver(t.Context(), []optout.Change{{}}))
}

func ExampleListTarget() {
	platform := genesystest.New() // in place of Genesys Cloud
	listID := platform.AddDNCList("Opt-outs")
	client, err := genesys.NewCampaignClient(platform.Source())
	if err != nil {
		log.Fatal(err)
	}
	target := optout.WithTarget("genesys", genesysoptout.ListTarget(client, listID))
	fmt.Println(target != nil)
	// Output: true
}
