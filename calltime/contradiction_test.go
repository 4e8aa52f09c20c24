package calltime_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
)

// A number of one country whose owner is in another: the number's clock and law are not the
// person's.
func TestANumberOfAnotherCountryThanTheContact(t *testing.T) {
	t.Parallel()
	plain, err := calltime.New(calltime.WithClock(today), calltime.WithZoneComparison())
	require.NoError(t, err)
	trusting, err := calltime.New(calltime.WithClock(today), calltime.WithZoneComparison(), calltime.WithTrust(calltime.TrustAddress))
	require.NoError(t, err)
	for _, tc := range []struct {
		name, number, at string
		where            dnc.Location
		want             dnc.Verdict
		names            string // in the error
	}{
		{"10:30 in Paris is 4:30 in New York", "+33155501000", "2026-11-25T09:30:00Z", dnc.Location{Region: "US"}, dnc.Unknown, "not one of US"},
		{"with a state", "+33155501000", "2026-11-25T15:30:00Z", dnc.Location{Region: "US-NY"}, dnc.Allow, ""},
		{"with a zone", "+33155501000", "2026-11-25T15:30:00Z", dnc.Location{Region: "US", Zones: []string{"America/New_York"}}, dnc.Allow, ""},
		{"9:00 in New York is 6:00 in California, which is not CA", "+12125550100", "2026-11-25T14:30:00Z", dnc.Location{Region: "CA"}, dnc.Unknown, "US-CA"},
		{"a number of California with CA", "+12135550100", "2026-11-25T19:30:00Z", dnc.Location{Region: "CA"}, dnc.Unknown, "US-CA"},
		{"Canada's own", "+14165550100", "2026-11-25T19:30:00Z", dnc.Location{Region: "CA"}, dnc.Allow, ""},
		{"a territory is of the United States", "+17875550100", "2026-11-25T19:30:00Z", dnc.Location{Region: "US"}, dnc.Allow, ""},
		{"11:00 in London, which has no hours, is 3:00 in Los Angeles", "+442079460000", "2026-11-25T11:00:00Z", dnc.Location{Zones: []string{"America/Los_Angeles"}}, dnc.Unknown, "America/Los_Angeles"},
		{"a zone of the number's country", "+442079460000", "2026-11-25T11:00:00Z", dnc.Location{Zones: []string{"Europe/London"}}, dnc.Allow, ""},
		{"with a region", "+442079460000", "2026-11-25T19:00:00Z", dnc.Location{Zones: []string{"America/Los_Angeles"}, Region: "US-CA"}, dnc.Allow, ""},
		{"EST is an offset of the United States", "+12025550100", "2026-11-25T19:00:00Z", dnc.Location{Zones: []string{"EST"}}, dnc.Allow, ""},
		{"a zone of another state", "+12025550100", "2026-11-25T19:00:00Z", dnc.Location{Zones: []string{"America/Denver"}}, dnc.Allow, ""},
		{"a zone of no state", "+12025550100", "2026-11-25T14:00:00Z", dnc.Location{Zones: []string{"Europe/Paris"}}, dnc.Unknown, "Europe/Paris"},
	} {
		for name, h := range map[string]*calltime.Hours{"": plain, "trusting the address": trusting} {
			call := dnc.Call{Number: number(t, tc.number), Time: instant(t, tc.at), Location: tc.where}
			for range 2 { // found, and kept
				d, err := check(t, h, call)
				require.Equal(t, tc.want, d.Verdict, "%s %s: %v", tc.name, name, d)
				if tc.want == dnc.Unknown {
					require.ErrorIs(t, err, dnc.ErrZoneUnknown, tc.name)
					require.ErrorContains(t, err, tc.names, tc.name)
				}
			}
		}
	}
}

func TestPartsOfACountryWithoutStates(t *testing.T) {
	t.Parallel()
	h, err := calltime.New(calltime.WithClock(today), calltime.WithZoneComparison(), calltime.WithTrust(calltime.TrustAddress))
	require.NoError(t, err)
	sydney := dnc.Location{Region: "AU-NSW", Zones: []string{"Australia/Sydney"}}
	morning := dnc.Call{Number: number(t, "+61412345678"), Time: instant(t, "2026-11-24T22:30:00Z"), Location: sydney} // 9:30 there
	d, err := check(t, h, morning)
	require.NoError(t, err)
	assert.True(t, d.Callable(), d)
	morning.Location = dnc.Location{Region: "AU-NSW"} // all zones of Australia, to Eucla and the islands
	d, err = check(t, h, morning)
	require.NoError(t, err)
	assert.Equal(t, dnc.CodeOutsideHours, d.Reason().Code)
	assert.False(t, d.Until().IsZero())
	for region, ok := range map[string]bool{
		"FR-75": true, "FR-IDF": true, "fr-75": true, "FR-974": false, "FR-RE": false, "FR-": false, "FR-ABCD": false, "ZZ-1": false,
	} {
		_, err = check(t, h, dnc.Call{
			Number: number(t, "+33155501000"), Time: instant(t, "2026-11-25T09:30:00Z"), Location: dnc.Location{Region: region},
		})
		if ok {
			require.NoError(t, err, region)
			continue
		}
		require.ErrorIs(t, err, dnc.ErrZoneUnknown, region)
	}

	scotland := calltime.Row{
		ID: "gb-sct/hours", Jurisdiction: "GB-SCT", Weekdays: "9-17", Saturday: "9-17", Sunday: "9-17",
		Holidays: calltime.SameHours, Source: "test", Reviewed: "2026-11-25",
	}
	h, err = calltime.New(calltime.WithClock(today), calltime.WithZoneComparison(), calltime.WithTrust(calltime.TrustAddress), calltime.WithRows(scotland))
	require.NoError(t, err)
	for region, open := range map[string]bool{"": false, "GB": false, "GB-SCT": false, "GB-ENG": true} { // the person may be in Scotland
		d, err := check(t, h, dnc.Call{
			Number: number(t, "+442079460000"), Time: instant(t, "2026-11-25T20:00:00Z"), Location: dnc.Location{Region: region},
		})
		require.NoError(t, err, region)
		assert.Equal(t, open, d.Callable(), region)
	}
}

func TestARegionInSmallLetters(t *testing.T) {
	t.Parallel()
	h := newHours(t)
	at := instant(t, "2026-11-26T01:30:00Z") // 20:30 in New York: open there, and closed by Florida's row
	for _, region := range []string{"US-FL", "us-fl", " US-FL ", "us-FL\r"} {
		d, err := check(t, h, dnc.Call{Number: number(t, "+12025550100"), Time: at, Location: dnc.Location{Region: region}})
		require.NoError(t, err, region)
		assert.Equal(t, "us-fl/hours", d.Reason().List, region)
	}
}

// The margin is for the end of hours, and hours that go on have none.
func TestTheMarginIsOnlyWhereHoursEnd(t *testing.T) {
	t.Parallel()
	row := calltime.Row{
		ID: "de/hours", Jurisdiction: "DE", Weekdays: "9-12 12-24", Saturday: "0-24", Sunday: "9-24", Holidays: calltime.SameHours,
		Source: "test", Reviewed: "2026-11-25",
	}
	h, err := calltime.New(calltime.WithClock(today), calltime.WithZoneComparison(), calltime.WithRows(row))
	require.NoError(t, err)
	for at, open := range map[string]bool{
		"2026-11-25T10:59:30Z": true,  // 11:59:30 in Berlin: the next interval goes on
		"2026-11-25T22:59:30Z": false, // Wednesday, 23:59:30: Thursday begins at nine
		"2026-11-27T22:59:30Z": true,  // Friday: Saturday begins at midnight
		"2026-11-28T22:59:30Z": false, // Saturday: Sunday begins at nine
	} {
		d, err := check(t, h, dnc.Call{Number: number(t, "+4930123456"), Time: instant(t, at)})
		require.NoError(t, err, at)
		assert.Equal(t, open, d.Callable(), at)
	}
	d, err := check(t, h, dnc.Call{Number: number(t, "+442079460000"), Time: instant(t, "2026-11-25T23:59:30Z")})
	require.NoError(t, err)
	assert.True(t, d.Callable()) // the United Kingdom has no hours
}

// An override that cannot be read says which it is and what to change.
func TestAnUnreadableOverrideSaysWhy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "overrides.json")
	for override, says := range map[string]string{
		`"US-LA/1":{"region":"US-LA","kind":"holiday","from":"2026-12-24","source":"x"}`:                                          `override "US-LA/1" cannot be read: "from" and "until" are RFC 3339`,
		`"US-LA/1":{"region":"US-LA","kind":"holiday","from":"03/04/2026 08:00","source":"x"}`:                                    `RFC 3339`,
		`"US-LA/1":{"region":"US-LA","kind":"Holiday","from":"2026-12-24T06:00:00Z","source":"x"}`:                                `"kind" is not`,
		`"US-LA/1":{"region":"US-LA","kind":"holiday","source":"x"}`:                                                              `"from" is missing`,
		`"US-LA/1":{"region":"US-LA","kind":"holiday","from":"2026-12-24T06:00:00Z"}`:                                             `"source" is missing`,
		`"US-LA/1":{"region":"US-LA","kind":"holiday","from":"2026-12-24T06:00:00Z","until":"2026-12-23T06:00:00Z","source":"x"}`: `"until" is not after "from"`,
		`"US-LA/1":{"region":"Louisiana","kind":"holiday","from":"2026-12-24T06:00:00Z","source":"x"}`:                            `"region" is not an ISO 3166 code`,
		`"US-LA/1":{"region":"US-TX","kind":"holiday","from":"2026-12-24T06:00:00Z","source":"x"}`:                                `begins with another region`,
		`"US-LA/1":{"region":"US-LA","kind":"holiday","from":"2026-12-24T06:00:00Z","source":"x","end":"x"}`:                      `the field "end"`,
		`"US-LA/1":"holiday"`: `not a JSON object`,
		`"Louisiana":{"region":"Louisiana","kind":"holiday","from":"2026-12-24T06:00:00Z","source":"x"}`: `override "Louisiana" cannot be read`,
		`"US-XX/1":{"region":"US-XX","kind":"holiday","from":"2026-12-24T06:00:00Z","source":"x"}`:       `region "US-XX", which is not known`,
	} {
		require.NoError(t, os.WriteFile(path, []byte("\ufeff{"+override+`,"!complete":1}`+"\r\n"), 0o600)) // as Notepad saves it
		h := newHours(t, calltime.WithOverrides(calltime.OverrideFile(path)))
		d, err := h.Check(context.Background(), dnc.Call{Number: number(t, "+15045550100"), Time: instant(t, "2026-11-25T19:00:00Z")})
		assert.Equal(t, dnc.Unknown, d.Verdict, override)
		require.ErrorContains(t, err, says, override)
	}
}
