package genesys_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/retry"
)

// A function that goes around SetField changes nothing of the platform's own.
func TestChangeThatGoesAroundSetField(t *testing.T) {
	b := newBed(t)
	for name, value := range map[string]string{
		"id": `"` + noID + `"`, "version": "7", "campaignStatus": `"on"`, "name": "null", "phoneColumns": "null", "callerAddress": "null", "dialingMode": "null",
	} {
		_, err := b.c.UpdateCampaign(t.Context(), b.campaign, func(c *genesys.Campaign) error {
			m := members(t, c.JSON())
			m[name] = json.RawMessage(value)
			text, err := json.Marshal(m)
			require.NoError(t, err)
			return json.Unmarshal(text, c)
		})
		require.ErrorIs(t, err, genesys.ErrInvalidInput, name)
		require.ErrorContains(t, err, name)
	}
	assert.Zero(t, b.writes())
}

// A campaign that is switched on while the rules are applied keeps its contact list.
func TestCampaignThatIsSwitchedOnMeanwhile(t *testing.T) {
	b := newBed(t)
	other := b.p.AddContactList("Summer", "phone")
	c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPatch {
			b.p.SetStatus(b.campaign, "on")
		}
		return b.p.RoundTrip(r)
	})))
	done, err := c.ApplyRules(t.Context(), b.campaign, genesys.Rules{ContactListID: other, BlockedNumbers: numbers(1)})
	e, ok := errors.AsType[*genesys.StatusError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, genesys.StatusOn, e.Status)
	assert.False(t, done.ContactListChanged)
	assert.Empty(t, done.Attached)
	assert.Zero(t, b.p.CountRequests("PUT", ""), "it is not even tried")
}

// What the platform says it has stored is read back: the contact list, and how many numbers there
// are.
func TestReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		other := b.p.AddContactList("Summer", "phone")
		accepted := strings.ReplaceAll(string(b.p.Campaign(b.campaign)), b.list, other)
		b.p.AddFault(genesystest.Fault{Method: "PUT", Status: 200, Body: accepted, Times: -1})
		done, err := b.c.ApplyRules(t.Context(), b.campaign, genesys.Rules{ContactListID: other})
		require.ErrorIs(t, err, genesys.ErrNotVerified)
		require.ErrorContains(t, err, "another contact list")
		assert.Equal(t, b.list, done.After.ContactListID())

		for size, want := range map[string]string{`"x":1`: "entries: -1", `"size":null`: "entries: -1", `"size":2`: "entries: 2 for 3"} {
			b := newBed(t)
			c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
				if id, ok := strings.CutPrefix(r.URL.Path, "/api/v2/outbound/dnclists/"); ok && r.Method == http.MethodGet {
					return answer(r, http.StatusOK, fmt.Sprintf(`{"id":%q,"name":"x","dncSourceType":"rds",%s}`, id, size)), nil
				}
				return b.p.RoundTrip(r)
			})))
			_, err := c.ApplyRules(t.Context(), b.campaign, genesys.Rules{BlockedNumbers: numbers(3)})
			require.ErrorIs(t, err, genesys.ErrNotVerified, size)
			require.ErrorContains(t, err, want)
		}
	})
}

func TestAnotherListThanAskedFor(t *testing.T) {
	b := newBed(t)
	list := b.p.AddDNCList("x")
	b.p.AddFault(genesystest.Fault{Path: "lists/", Status: 200, Times: -1, Body: `{"id":"` + noID + `","name":"x","dncSourceType":"rds","size":3,"columnNames":["phone"]}`})
	_, err := b.c.DNCList(t.Context(), list)
	require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
	_, err = b.c.ContactList(t.Context(), b.list)
	require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
	b.p.ClearFaults()
	upper := strings.ToUpper(b.list)
	got, err := b.c.ContactList(t.Context(), upper)
	require.NoError(t, err, "an id in capitals is the same")
	assert.Equal(t, b.list, got.ID)
}

// What is in the place of a number, and is not one.
func TestEntriesThatAreNoNumbers(t *testing.T) {
	for text, ok := range map[string]bool{
		"+14155550142": true, "(415) 555-0142": true, "415.555.0142": true, "911": true,
		"+1415555O142": false, "1-800-FLOWERS": false, "+14155550142x5": false, "tel:+14155550142": false, "": false, "12": false,
		"١٤١٥٥٥٥٠١٤٢": false, "123456789012345678901": false, "4155550142\x00": false,
	} {
		b := newBed(t)
		list := b.p.AddDNCList("x")
		b.p.AddFault(genesystest.Fault{Path: "/signed/", Status: 200, Body: "PhoneNumber,ContactMethod,ExpirationDateTime\r\n" + text + ",Phone,\r\n", Header: map[string]string{"Content-Type": "text/csv"}})
		for entry, err := range b.c.ExportDNCList(t.Context(), list) {
			if ok {
				require.NoError(t, err, text)
				assert.Equal(t, text, entry.Number)
				continue
			}
			require.ErrorIs(t, err, genesys.ErrUnexpectedReply, "%q", text)
		}
	}
}

// Each of the platform's flags takes a number out.
func TestPhoneCallable(t *testing.T) {
	exported := func(callable bool, system map[string]string) genesys.ExportedContact {
		return genesys.NewExportedContact("1", callable, map[string]string{"phone": ""}, system)
	}
	assert.True(t, exported(true, nil).PhoneCallable("phone"))
	for _, column := range []string{"ContactableByVoice", "Callable-phone", "ContactableByVoice-phone"} {
		for _, no := range []string{"false", "False", "FALSE"} {
			system := map[string]string{column: no, "Callable-phone2": "false", "ContactableByVoice-phone2": "false", "ContactableBySms-phone": "false"}
			assert.False(t, exported(true, system).PhoneCallable("phone"), column)
			system[column] = "true"
			assert.True(t, exported(true, system).PhoneCallable("phone"), column)
		}
	}
	assert.False(t, exported(false, nil).PhoneCallable("phone"))
	_, ok := exported(true, nil).Value("ContactCallable")
	assert.False(t, ok, "it is the platform's")
	_, ok = exported(true, map[string]string{"Callable-phone": "true"}).Value("Callable-phone")
	assert.False(t, ok)
	_, ok = exported(true, nil).System("phone")
	assert.False(t, ok, "it is the list's")
	_, ok = genesys.ExportedContact{}.Value("phone")
	assert.False(t, ok)
	assert.Empty(t, genesys.ExportedContact{}.Data())

	b := newBed(t)
	added, err := b.c.AddContacts(t.Context(), b.list, contacts(2), genesys.AddOptions{})
	require.NoError(t, err)
	require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.Medium("Voice", "phone")))
	require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, added[1].ID, genesys.Medium("Voice", "")))
	for contact, err := range b.c.ExportContacts(t.Context(), b.list) {
		require.NoError(t, err)
		assert.False(t, contact.PhoneCallable("phone"))
	}
}

// A token that is refused is asked for again, also the second: the next call does not begin with
// it.
func TestEachRefusedTokenIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 401, Times: 2})
		_, err := b.c.Campaign(t.Context(), b.campaign)
		require.ErrorIs(t, err, genesys.ErrUnauthorized)
		assert.Equal(t, 2, b.p.CountRequests("POST", "/oauth/token"))
		<-time.After(time.Minute)
		_, err = b.c.Campaign(t.Context(), b.campaign)
		require.NoError(t, err)
		assert.Equal(t, 3, b.p.CountRequests("POST", "/oauth/token"))
	})
}

// A token that the platform has forgotten before its time (an idle timeout, a clock that is wrong)
// costs one more login and no call.
func TestTokenThatExpiresEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, genesystest.WithTokenLifetime(10*time.Minute))
		via := transport(func(r *http.Request) (*http.Response, error) {
			resp, err := b.p.RoundTrip(r)
			if err == nil && r.URL.Path == "/oauth/token" {
				body, _ := io.ReadAll(resp.Body)
				resp.Body = io.NopCloser(strings.NewReader(strings.Replace(string(body), `"expires_in":600`, `"expires_in":86400`, 1)))
			}
			return resp, err
		})
		credentials := b.p.AddClient("outbound:campaign:view")
		credentials.Transport = via
		source, err := credentials.Source()
		require.NoError(t, err)
		c, err := genesys.NewCampaignClient(source)
		require.NoError(t, err)
		for range 5 {
			_, err = c.Campaign(t.Context(), b.campaign)
			require.NoError(t, err)
			<-time.After(11 * time.Minute)
		}
		assert.Equal(t, 5, b.p.CountRequests("POST", "/oauth/token"))
		refused := 0
		for _, e := range b.p.Requests() {
			if e.Status == http.StatusUnauthorized {
				refused++
			}
		}
		assert.Equal(t, 4, refused)
	})
}

// A login that is slow or down ends with the call's own deadline, is told from the API's errors,
// and is waited for where that helps.
func TestLoginThatIsSlowOrDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, fault := range map[string]genesystest.Fault{
			"hangs": {Hang: true}, "slow": {Delay: time.Minute}, "drops": {Drop: true}, "503": {Status: 503, Body: "<html>"}, "429": {Status: 429},
			"throttled": {Status: 400, Body: `{"error":"invalid_request","error_description":"rate limit exceeded; wait"}`},
			"page":      {Status: 200, Body: "<html>canary"}, "no token": {Status: 200, Body: `{"token_type":"bearer"}`},
			"redirect": {Status: 307, Header: map[string]string{"Location": "https://evil.example/"}},
			"endless":  {Status: 200, Stream: func() io.Reader { return &endless{} }},
		} {
			b := newBed(t)
			fault.Path, fault.Times = "/oauth/token", -1
			b.p.AddFault(fault)
			ctx, cancel := context5(t)
			start := time.Now()
			_, err := b.c.Campaign(ctx, b.campaign)
			cancel()
			require.Error(t, err, name)
			assert.LessOrEqual(t, time.Since(start), 5*time.Second, name)
			e, ok := asError(err)
			require.True(t, ok, name)
			assert.Zero(t, e.Status, name)
			assert.False(t, e.Uncertain, name)
			assert.NotContains(t, err.Error(), "canary")
			assert.NotContains(t, err.Error(), "secret-of-")
			assert.Zero(t, b.p.CountRequests("", "/api/"), "%s: nothing was sent", name)
			<-time.After(10 * time.Minute) // renewals that were begun end by themselves

			// A write whose login fails was not sent.
			ctx, cancel = context5(t)
			err = b.c.StartCampaign(ctx, b.campaign)
			cancel()
			e, ok = asError(err)
			require.True(t, ok, name)
			assert.False(t, e.Uncertain, name)
			<-time.After(10 * time.Minute)
			b.p.ClearFaults()
			_, err = b.c.Campaign(t.Context(), b.campaign)
			require.NoError(t, err, "%s: it recovers", name)
		}
		b := newBed(t)
		b.p.AddFault(genesystest.Fault{Path: "/oauth/token", Drop: true})
		_, err := b.c.Campaign(t.Context(), b.campaign)
		require.NoError(t, err, "one that was cut off is repeated")
		wrong := b.p.AddClient()
		wrong.ClientSecret = auth.NewSecret("x")
		source, err := wrong.Source()
		require.NoError(t, err)
		c, err := genesys.NewCampaignClient(source)
		require.NoError(t, err)
		_, err = c.Campaign(t.Context(), b.campaign)
		_, ok := errors.AsType[*auth.Error](err)
		assert.True(t, ok)
	})
}

// A wait may be given as a date: one to come is kept, one that is too far off ends the tries.
func TestRetryAfterAsADate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for wait, tries := range map[time.Duration]int{7 * time.Second: 2, 50 * time.Second: 2, 10 * time.Minute: 1, 48 * time.Hour: 1} {
			b := newBed(t)
			at := time.Now().Truncate(time.Second).Add(wait)
			b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 429, Header: map[string]string{"Retry-After": at.UTC().Format(http.TimeFormat)}})
			_, err := b.c.Campaign(t.Context(), b.campaign)
			assert.Equal(t, tries, b.p.CountRequests("GET", "/campaigns/"))
			if tries == 2 {
				require.NoError(t, err)
				assert.False(t, time.Now().Before(at), "not earlier than asked")
				assert.Less(t, time.Since(at), time.Second)
				continue
			}
			e, ok := asError(err)
			require.True(t, ok)
			require.ErrorIs(t, err, genesys.ErrRateLimited)
			assert.InDelta(t, wait.Seconds(), e.RetryAfter().Seconds(), 1)
		}
		b := newBed(t)
		b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 429, Header: map[string]string{"Retry-After": time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat)}})
		ctx, cancel := context5(t)
		defer cancel()
		start := time.Now()
		_, err := b.client(genesys.WithRetry(retry.Policy{})).Campaign(ctx, b.campaign)
		require.ErrorIs(t, err, genesys.ErrRateLimited)
		assert.Zero(t, time.Since(start), "a wait past the deadline is not begun")
	})
}

// Nor does it matter how far the platform's clock is from ours.
func TestRetryAfterOfAnotherClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, apart := range []time.Duration{time.Hour, -time.Hour} {
			b := newBed(t)
			at := func(d time.Duration) string { return time.Now().Add(apart + d).UTC().Format(http.TimeFormat) }
			b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 429, Header: map[string]string{"Date": at(0), "Retry-After": at(2 * time.Minute)}})
			_, err := b.c.Campaign(t.Context(), b.campaign)
			e, ok := asError(err)
			require.True(t, ok)
			assert.Equal(t, 2*time.Minute, e.Wait)
		}
	})
}
