package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func reduced(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(strings.NewReader(text), &out); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(out.String()), "")
}

func TestProseIsLeftOut(t *testing.T) {
	got := reduced(t, `{"swagger":"2.0","info":{"description":"prose"},
		"paths":{"/a":{"get":{"summary":"prose","x-inin-requires-permissions":{"permissions":["a:b:c"]},
			"responses":{"400":{"description":"prose","schema":{"$ref":"#/definitions/A"},"x-error-codes-2018":{"bad":"prose"}}}}}},
		"definitions":{"A":{"description":"prose","properties":{
			"description":{"type":"string","description":"prose"},"summary":{"type":"string","enum":["x","y"]}}}}}`)
	want := `{"definitions":{"A":{"description":"","properties":{` +
		`"description":{"description":"","type":"string"},"summary":{"enum":["x","y"],"type":"string"}}}},` +
		`"info":{"title":"GenesysCloudoutboundAPI,reduced","version":"v2"},` +
		`"paths":{"/a":{"get":{"responses":{"400":{"description":"","schema":{"$ref":"#/definitions/A"},"x-error-codes-2018":{"bad":""}}},` +
		`"x-inin-requires-permissions":{"permissions":["a:b:c"]}}}},"swagger":"2.0"}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What is in the repository was made by this command: to reduce it again changes nothing.
func TestTheRecordedDefinition(t *testing.T) {
	want, err := os.ReadFile("../../contract/definition.json")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := run(bytes.NewReader(want), &got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("contract/definition.json differs from what this command makes of it")
	}
}

func TestRefusedInput(t *testing.T) {
	for _, text := range []string{"", "[]", "{", `{"openapi":"3.0.0"}`} {
		if err := run(strings.NewReader(text), &bytes.Buffer{}); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
