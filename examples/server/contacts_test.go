package main

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

func TestReadContacts(t *testing.T) {
	deep := strings.Repeat("[", 1000) + strings.Repeat("]", 1000)
	for name, test := range map[string]struct {
		in   string
		want []string
	}{
		"none":                  {"[]", nil},
		"white space":           {" \r\n\t[ ] \n", nil},
		"one":                   {`[{"phoneNumber":"+14155550100","campaignId":"c"}]`, []string{"+14155550100"}},
		"order":                 {`[{"campaignId":"c","phoneNumber":"b"},{"phoneNumber":"a"}]`, []string{"b", "a"}},
		"campaign null":         {`[{"phoneNumber":"b","campaignId":null}]`, []string{"b"}},
		"no campaign":           {`[{"phoneNumber":""}]`, []string{""}},
		"others":                {`[{"x":{"phoneNumber":[1,null,{"a":true}]},"phoneNumber":"a","y":null,"":1e999}]`, []string{"a"}},
		"names that are others": {`[{"phoneNumber":"a","phoneNumber` + "\u017f" + `":"c","phone":"d"}]`, []string{"a"}},
		"escaped name":          {`[{"phone\u004eumber":"a"}]`, []string{"a"}},
		"escapes":               {`[{"phoneNumber":"\"\\\/\ud83d\ude00\u0000\\ud800"}]`, []string{"\"\\/\U0001f600\x00\\ud800"}},
		"U+FFFD itself":         {`[{"phoneNumber":"` + "\ufffd" + `\ufffd"}]`, []string{"\ufffd\ufffd"}},
		"deep, but bounded":     {`[{"phoneNumber":"a","x":` + deep + `}]`, []string{"a"}},
		"line breaks":           {`[{"phoneNumber":"+14155550100\r\nSADD x"}]`, []string{"+14155550100\r\nSADD x"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readContacts(strings.NewReader(test.in))
			require.NoError(t, err)
			assert.Equal(t, test.want, got.numbers)
			got, err = readContacts(iotest.OneByteReader(strings.NewReader(test.in)))
			require.NoError(t, err)
			assert.Equal(t, test.want, got.numbers)
		})
	}
}

func TestReadContactsRefuses(t *testing.T) {
	for name, test := range map[string]struct{ in, says string }{
		"empty":              {"", "empty"},
		"null":               {"null", "array"},
		"object":             {`{"phoneNumber":"+14155550100"}`, "array"},
		"string":             {`"+14155550100"`, "array"},
		"number":             {`14155550100`, "array"},
		"huge number":        {`14155550100e999`, "malformed"},
		"byte order mark":    {"\ufeff[]", "malformed"},
		"cut off":            {`[{"phoneNumber":"+14155550100"}`, "ends early"},
		"cut off within":     {`[{"phoneNumber":"+1415555`, "ends early"},
		"no comma":           {`[{"phoneNumber":"a"}{"phoneNumber":"b"}]`, "contact 1"},
		"last comma":         {`[{"phoneNumber":"a"},]`, "malformed"},
		"comma in object":    {`[{"phoneNumber":"a",}]`, "contact 0"},
		"trailing":           {`[] x`, "follows"},
		"trailing array":     {`[][]`, "follows"},
		"trailing digits":    {`[]4155550100`, "follows"},
		"null contact":       {`[{"phoneNumber":"a"},null]`, "contact 1 is not an object"},
		"array contact":      {`[[]]`, "contact 0 is not an object"},
		"string contact":     {`["+14155550100"]`, "contact 0 is not an object"},
		"huge contact":       {`[14155550100e999]`, "contact 0"},
		"missing":            {`[{"phoneNumber":"a"},{}]`, "contact 1 has no field"},
		"case":               {`[{"PhoneNumber":"+14155550100"}]`, "write it as phoneNumber"},
		"no number":          {`[{"phone":"+14155550100"}]`, "named exactly phoneNumber"},
		"another case":       {`[{"phoneNumber":"a","PhoneNumber":"b"}]`, "write it as phoneNumber"},
		"campaign_id":        {`[{"phoneNumber":"a","campaign_id":"c"}]`, "write it as campaignId"},
		"campaignID":         {`[{"phoneNumber":"a","campaignID":"c"}]`, "write it as campaignId"},
		"time-zone":          {`[{"phoneNumber":"a","time-zone":"Europe/Paris"}]`, "write it as timeZone"},
		"long s":             {`[{"phoneſNumber":"+14155550100"}]`, "named exactly phoneNumber"},
		"Kelvin":             {"[{\"phoneNumber\u212a\":\"+14155550100\"}]", "named exactly phoneNumber"},
		"null number":        {`[{"phoneNumber":null}]`, "contact 0: phoneNumber must be a string"},
		"numeric":            {`[{"phoneNumber":14155550100}]`, "phoneNumber must be a string"},
		"list":               {`[{"phoneNumber":["+14155550100"]}]`, "phoneNumber must be a string"},
		"campaign number":    {`[{"phoneNumber":"a","campaignId":4155550100}]`, "campaignId must be a string"},
		"zone list":          {`[{"phoneNumber":"a","timeZone":["UTC"]}]`, "timeZone must be a string"},
		"region number":      {`[{"phoneNumber":"a","region":4155550100}]`, "region must be a string"},
		"long zone":          {`[{"phoneNumber":"a","timeZone":"` + strings.Repeat("z", 64) + `"}]`, "longer than 64 bytes"},
		"long region":        {`[{"phoneNumber":"a","region":"` + strings.Repeat("z", 64) + `"}]`, "longer than 64 bytes"},
		"region twice":       {`[{"region":"FR","region":"FR","phoneNumber":"a"}]`, "two fields of the same name"},
		"twice":              {`[{"phoneNumber":"a","phoneNumber":"a"}]`, "two fields of the same name"},
		"twice, escaped":     {`[{"phoneNumber":"a","\u0070honeNumber":"b"}]`, "two fields of the same name"},
		"campaign twice":     {`[{"campaignId":"a","campaignId":"b","phoneNumber":"a"}]`, "two fields of the same name"},
		"other twice":        {`[{"x":1,"x":2,"phoneNumber":"a"}]`, "two fields of the same name"},
		"many fields":        {`[{"a":1` + manyFields(100) + `}]`, "more than 64 fields"},
		"bad UTF-8":          {"[{\"phoneNumber\":\"+1415555\xff0100\"}]", "UTF-8"},
		"bad UTF-8 in name":  {"[{\"phoneNumber\":\"a\",\"\xff\":1}]", "UTF-8"},
		"bad UTF-8 beside":   {"[{\"phoneNumber\":\"a\",\"x\":[\"\xc3\"]}]", "UTF-8"},
		"bad UTF-8 outside":  {"[\xff]", "malformed"},
		"lone surrogate":     {`[{"phoneNumber":"\ud800"}]`, "UTF-8"},
		"low surrogate":      {`[{"phoneNumber":"\udc00\ud800"}]`, "UTF-8"},
		"two high":           {`[{"phoneNumber":"\ud83d\ud83d\ude00"}]`, "UTF-8"},
		"control character":  {"[{\"phoneNumber\":\"a\nb\"}]", "contact 0"},
		"NaN":                {`[{"phoneNumber":NaN}]`, "contact 0"},
		"single quotes":      {`[{'phoneNumber':'a'}]`, "contact 0"},
		"comment":            {`[/**/]`, "malformed"},
		"depth bomb":         {strings.Repeat("[", 1_000_000), "contact 0 is not an object"},
		"depth bomb within":  {`[{"x":` + strings.Repeat("[", 1_000_000), "contact 0"},
		"depth bomb objects": {`[{"x":` + strings.Repeat(`{"x":`, 1_000_000), "contact 0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readContacts(strings.NewReader(test.in))
			require.Error(t, err)
			e, ok := errors.AsType[*apiError](bodyError(err))
			require.True(t, ok)
			assert.Equal(t, 400, e.Status)
			assert.Equal(t, "malformed", e.Code)
			assert.Contains(t, e.Message, test.says)
			assert.NotRegexp(t, `[0-9]{6}`, e.Message)
		})
	}
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`,"a` + strings.Repeat("b", i+1) + `":1`)
	}
	return b.String()
}

func TestReadContactsReadsCampaigns(t *testing.T) {
	got, err := readContacts(strings.NewReader(
		`[{"campaignId":"spring","phoneNumber":"a"},{"phoneNumber":"b"},{"phoneNumber":"c","campaignId":null},{"phoneNumber":"d","campaignId":"sp\u0072ing"}]`))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c", "d"}, got.numbers)
	assert.Equal(t, []dnc.Call{{Campaign: "spring"}, {}, {}, {Campaign: "spring"}}, got.calls)
}

func TestReadContactsReadsPlaces(t *testing.T) {
	got, err := readContacts(strings.NewReader(`[{"phoneNumber":"a","timeZone":"America/Chicago","region":"US-FL","postalCode":"32405"},` +
		`{"phoneNumber":"b","timeZone":null,"region":""},{"phoneNumber":"c","timeZone":""}]`))
	require.NoError(t, err)
	place := dnc.Location{Zones: []string{"America/Chicago"}, Region: "US-FL", Postal: "32405"}
	assert.Equal(t, []dnc.Call{{Location: place}, {}, {}}, got.calls)
}

func TestReadContactsIsBounded(t *testing.T) {
	one := `{"phoneNumber":"+14155550100"}`
	got, err := readContacts(strings.NewReader("[" + one + strings.Repeat(","+one, maxContacts-1) + "]"))
	require.NoError(t, err)
	assert.Len(t, got.numbers, maxContacts)
	assert.Len(t, got.calls, maxContacts)
	_, err = readContacts(io.MultiReader(strings.NewReader("["+one+strings.Repeat(","+one, maxContacts)), iotest.ErrReader(errors.New("it must not read on"))))
	assert.Equal(t, errTooLarge, bodyError(err))
}

// What is accepted is JSON of the one shape, and an error never holds a number.
func FuzzReadContacts(f *testing.F) {
	for _, s := range []string{
		`[]`, `[{"phoneNumber":"+14155550100","campaignId":"c"}]`, `[{"phoneNumber":"a","x":{"y":[1,"\ud800"]}}]`, `[{"phoneNumber":null}] `,
		`[{"phone\u004eumber":"\\","":0}]`, "[{\"phoneNumber\":\"\xff\"}]", `[14155550100e999]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := readContacts(strings.NewReader(body))
		if err != nil {
			e, ok := errors.AsType[*apiError](bodyError(err))
			if !ok || strings.ContainsAny(e.Message, "\r\n\x00") || len(e.Message) > 200 {
				t.Fatalf("%q", err)
			}
			return
		}
		var want []map[string]any
		if err := json.Unmarshal([]byte(body), &want); err != nil && !strings.Contains(err.Error(), "cannot unmarshal number") {
			t.Fatal(err)
		}
		if len(got.numbers) != len(want) || len(got.calls) != len(want) {
			t.Fatalf("%d of %d", len(got.numbers), len(want))
		}
		for i, w := range want {
			if w["phoneNumber"] != got.numbers[i] {
				t.Fatalf("%q is not %q", got.numbers[i], w["phoneNumber"])
			}
		}
	})
}
