package genesys_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/dnc-go/dnc/genesys"
)

// No type that carries numbers shows them.
func TestTypesThatCarryNumbers(t *testing.T) {
	const number = "+14155550142"
	at := time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC)
	data := map[string]string{"phone": number}
	rules := genesys.Rules{ContactListID: noID, BlockedNumbers: []string{number}, DNCListIDs: []string{noID}, Expires: at, DryRun: true}
	for _, test := range []struct {
		v    any
		want string
	}{
		{genesys.DNCEntry{Number: number, Expires: at}, "DNC entry until 2030-01-02T03:04Z"},
		{genesys.DNCEntry{Number: number}, "DNC entry that stays"},
		{genesys.NewExportedContact(noID, true, data, data), "contact " + noID},
		{genesys.Contact{ID: "x", Data: data}, "contact x"},
		{genesys.ContactQuery{Column: "phone", Values: []string{number, number}}, `contacts with one of 2 values in column "phone"`},
		{genesys.Rules{BlockedNumbers: []string{number}}, `rules: contact list "", 1 blocked numbers, DNC lists ""`},
		{rules, `rules: contact list "` + noID + `", 1 blocked numbers, DNC lists "` + noID + `", until 2030-01-02T03:04Z, dry run`},
	} {
		v, want := test.v, test.want
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			assert.Equal(t, want, fmt.Sprintf(verb, v), verb)
		}
		inside := fmt.Sprintf("%v %+v %#v", []any{v}, struct{ X any }{v}, map[string]any{"k": v})
		assert.NotContains(t, inside, "5550142")
		var text, lines bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&lines, nil)).Info("m", "v", v)
		assert.NotContains(t, text.String()+lines.String(), "5550142")
	}
}
