package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/dnc-go/dnc/internal/redistest"
)

const campaignBody = `[{"phoneNumber":"+14155550101","campaignId":"spring"},{"phoneNumber":"+14155550101","campaignId":"summer"},
	{"phoneNumber":"+14155550101"},{"phoneNumber":"+14155550123","campaignId":"spring"},{"phoneNumber":"+14155550102","campaignId":"spring"}]`

// Each contact is asked for its own campaign, and the campaign's list never allows by itself.
func TestACampaignHasAListOfItsOwn(t *testing.T) {
	t.Parallel()
	store := redistest.Start(t)
	store.Do(t, "sadd", "dnc:blacklist", "+14155550123")
	store.Do(t, "sadd", "dnc:campaign:spring", "+14155550101")
	for _, tc := range []struct {
		mode    string
		counts  string
		reasons []string
	}{
		{"optional", `"blocked":2,"allowed":3,"unknown":0`, []string{"dnc_campaign", "allowed", "allowed", "dnc_blacklist", "allowed"}},
		{"required", `"blocked":3,"allowed":2,"unknown":1`, []string{"dnc_campaign", "list_missing", "allowed", "dnc_blacklist", "allowed"}},
		{"off", `"blocked":1,"allowed":4,"unknown":0`, []string{"allowed", "allowed", "allowed", "dnc_blacklist", "allowed"}},
	} {
		t.Run(tc.mode, func(t *testing.T) {
			s := start(t, nil, "-geo-rules=false", "-redis", store.URL(), "-campaign-lists", tc.mode)
			r := s.send(t, "POST", "/validate", campaignBody)
			assert.Equal(t, 200, r.status)
			assert.Contains(t, r.body, tc.counts)
			assert.Equal(t, tc.reasons, reasonsOf(t, r.body))

			// A list that is there and cannot be read is no answer, in every mode that asks it.
			store.Do(t, "set", "dnc:campaign:broken", "x")
			r = s.send(t, "POST", "/validate", `[{"phoneNumber":"+14155550101","campaignId":"broken"}]`)
			if tc.mode == "off" {
				assert.Equal(t, []string{"allowed"}, reasonsOf(t, r.body))
				return
			}
			assert.Equal(t, 503, r.status)
			assert.Equal(t, []string{"store_misconfigured"}, reasonsOf(t, r.body))

			// The global list is not to be had: the campaign's list allows nobody.
			store.Do(t, "rename", "dnc:blacklist", "elsewhere")
			r = s.send(t, "POST", "/validate", `[{"phoneNumber":"+14155550102","campaignId":"spring"}]`)
			assert.Equal(t, []string{"list_missing"}, reasonsOf(t, r.body))
			store.Do(t, "rename", "elsewhere", "dnc:blacklist")
		})
	}
}

// An id comes from outside: it must not reach another key, nor a log line.
func TestACampaignIDThatIsNoID(t *testing.T) {
	t.Parallel()
	store := redistest.Start(t)
	store.Do(t, "sadd", "dnc:blacklist", "+14155550123")
	s := start(t, nil, "-geo-rules=false", "-redis", store.URL())
	for _, id := range []string{" ", "a b", "../x", "{x}", "ü", "+14155550123"} {
		r := s.send(t, "POST", "/validate", `[{"phoneNumber":"+14155550102","campaignId":"`+id+`"}]`)
		assert.Equal(t, 503, r.status, id)
		assert.Equal(t, []string{"checker_failed"}, reasonsOf(t, r.body), id)
	}
	assert.NotRegexp(t, canary, logged.String())
}
