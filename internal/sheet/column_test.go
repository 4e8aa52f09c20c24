package sheet

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/dnc-go/dnc"
)

// What a column is by the names that CRMs, dialers and sellers of data give it.
func TestWhatAColumnIs(t *testing.T) {
	type is struct{ phone, country, optOut bool }
	for name, want := range map[string]is{
		"Phone": {phone: true}, "MobilePhone": {phone: true}, "workTel": {phone: true}, "Phone 1 - Value": {phone: true}, "téléphone": {phone: true},
		"Phone Number (Direct)": {phone: true}, "TELEPHONE": {phone: true},
		"Phone 1 - Type": {}, "phoneType": {}, "Phone Ext": {}, "Mobile Verified": {}, "Hotel": {}, "Cancelled": {}, "Account": {}, "Island": {},
		"Phone Country Code": {country: true}, "phone_code": {country: true}, "Country": {country: true}, "MailingCountry": {country: true},
		"Country/Region": {country: true}, "Land": {country: true}, "Landline": {phone: true}, "Mobile Country": {country: true},
		"Do Not Call": {optOut: true}, "DoNotCall": {optOut: true}, "donotphone": {optOut: true}, "Phone Opt Out": {optOut: true}, "Opt-Out Date": {optOut: true},
		"DNC": {optOut: true}, "Phone 1 DNC": {optOut: true}, "TPS": {optOut: true}, "Unsubscribed": {optOut: true}, "Do not allow Phone Calls": {optOut: true},
		"Email Opt Out": {}, "HasOptedOutOfFax": {}, "SMS Opt-Out": {}, "Unsubscribed from all email": {}, "Steps": {},
	} {
		assert.Equal(t, want, is{IsPhone(name), IsCountry(name), IsOptOut(name)}, name)
	}
}

func TestOptedOut(t *testing.T) {
	for _, yes := range []string{"true", "Yes", "Y", "1", "x", "DNC", "2024-05-01", "no calls please", "-"} {
		assert.True(t, OptedOut(yes), yes)
	}
	for _, no := range []string{"", " ", "\u00a0", "false", "FALSE", "No", "n", "0", "off", "none", "nein"} {
		assert.False(t, OptedOut(no), no)
	}
}

func TestMayHold(t *testing.T) {
	us := Parser(dnc.Parser{Country: "1"}.Parse)
	for _, c := range []struct {
		name, cell string
		want       bool
	}{
		{"Home", "415-555-0123", true},
		{"Contact", "4155550123", true},
		{"notes", "+14155550123", true},
		{"Record ID", "4155550123", false},
		{"recordid", "4155550123", false},
		{"Record ID", "(415) 555-0123", true},
		{"Fax", "(415) 555-0123", false},
		{"Business Fax", "4155550123", false},
		{"notes", "call 415-555-0123", false},
		{"Zip", "94110-1234", false},
		{"Home", "5550123", false},
	} {
		assert.Equal(t, c.want, us.MayHold(c.name, c.cell), c)
	}
}
