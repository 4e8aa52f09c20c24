package genesystest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/retry"
)

// A platform that has acted before it hangs, is slow, answers something else or cuts the connection
// has acted; any other has not.
func TestFaultsThatAct(t *testing.T) {
	for name, fault := range map[string]genesystest.Fault{
		"hang": {Hang: true}, "slow": {Delay: time.Hour}, "slow, then another answer": {Delay: time.Hour, Status: 503}, "drop": {Drop: true},
		"slow, then drop": {Delay: time.Minute, Drop: true}, "another answer": {Status: 504},
	} {
		for _, acts := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				p := genesystest.New()
				list := p.AddDNCList("Opt-outs")
				c, err := genesys.NewCampaignClient(p.Source(), genesys.WithRetry(retry.Policy{MaxAttempts: 1}))
				require.NoError(t, err)
				fault.Method, fault.Path, fault.ActFirst = "PATCH", "/phonenumbers", acts
				p.AddFault(fault)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				err = c.AddDNCNumbers(ctx, list, []string{"+12125550100"}, time.Time{})
				require.Error(t, err, name)
				if acts {
					assert.Equal(t, []string{"+12125550100"}, p.DNCEntries(list), name)
				} else {
					assert.Empty(t, p.DNCEntries(list), name)
				}
				assert.Equal(t, 1, p.CountRequests("PATCH", ""), name)
			})
		}
	}
}

// The connection hangs after the platform has acted: the number is there once, and a client with
// retries succeeds.
func TestHangAfterActing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := genesystest.New()
		list := p.AddDNCList("Opt-outs")
		c, err := genesys.NewCampaignClient(p.Source())
		require.NoError(t, err)
		p.AddFault(genesystest.Fault{Method: "PATCH", Hang: true, ActFirst: true})
		require.NoError(t, c.AddDNCNumbers(t.Context(), list, []string{"+12125550100"}, time.Time{}))
		assert.Equal(t, []string{"+12125550100"}, p.DNCEntries(list))
		assert.Equal(t, 2, p.CountRequests("PATCH", ""))
	})
}

// As net/http does, a request or a body that its context ends says why it ended: who stands above
// tells its own timeouts by that.
func TestTheEndOfAContextHasItsCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("the reason")
		p := genesystest.New()
		for _, fault := range []genesystest.Fault{{Hang: true}, {Delay: time.Hour}, {Delay: time.Second}} {
			p.AddFault(fault)
			ctx, cancel := context.WithCancelCause(t.Context())
			stop := time.AfterFunc(time.Minute, func() { cancel(why) })
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Source().Region().APIURL()+"/api/v2/outbound/campaigns", nil)
			require.NoError(t, err)
			resp, err := p.RoundTrip(req)
			if err == nil {
				cancel(why)
				_, err = io.ReadAll(resp.Body)
			}
			require.ErrorIs(t, err, why)
			stop.Stop()
			cancel(nil)
		}
	})
}
