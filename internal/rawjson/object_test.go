package rawjson_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/rawjson"
)

func object(t testing.TB, text string) rawjson.Object {
	t.Helper()
	var o rawjson.Object
	require.NoError(t, o.UnmarshalJSON([]byte(text)))
	return o
}

// same compares bytes: as JSON, 1.50 and 1.5 would be the same.
func same(t *testing.T, want string, o rawjson.Object) {
	t.Helper()
	if got := string(o.Bytes()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatIsNotTouchedStays(t *testing.T) {
	o := object(t, ` { "b" : 1.50 , "a":"\u0041<&" , "n":null, "o":{ "x" : [ 1 ] } } `)
	same(t, `{"b":1.50,"a":"\u0041<&","n":null,"o":{ "x" : [ 1 ] }}`, o)
	copied := o
	o.Set("b", json.RawMessage("2"))
	o.Set("new<", rawjson.Marshal("<x>"))
	o.Delete("n")
	same(t, `{"b":2,"a":"\u0041<&","o":{ "x" : [ 1 ] },"new<":"<x>"}`, o)
	assert.Equal(t, []string{"b", "a", "n", "o"}, copied.Names(), "a copy is another object")
	assert.Equal(t, "1.50", string(copied.Get("b")))
	assert.Equal(t, "A<&", o.Text("a"))
	assert.Empty(t, o.Text("b"))
	assert.Empty(t, o.Reference("b"))
	ref := object(t, `{"r":{"id":"x"}}`)
	assert.Equal(t, "x", ref.Reference("r"))
}

func TestEqual(t *testing.T) {
	a := object(t, `{"x":1,"y":2,"v":3}`)
	for text, want := range map[string]bool{
		`{"x":1,"y":2,"v":3}`: true, `{"v":4,"y":2,"x":1}`: true, `{"x":1,"y":2}`: true, `{"x":1,"y":2,"z":null}`: false, `{"x":1}`: false,
		`{"x":1,"y":2.0}`: false, `{}`: false, `{"y":1,"x":2}`: false,
	} {
		b := object(t, text)
		assert.Equal(t, want, a.Equal(&b, "v"), text)
		assert.Equal(t, want, b.Equal(&a, "v"), text)
	}
}

func TestWhatIsNoObject(t *testing.T) {
	for _, text := range []string{"", "null", "[]", "1", `{"a":1,"a":2}`, `{"a":}`, `{"a":1`} {
		var o rawjson.Object
		require.ErrorIs(t, o.UnmarshalJSON([]byte(text)), rawjson.ErrNotObject, text)
	}
}

func FuzzObject(f *testing.F) {
	f.Add(`{"a":1,"b":{"c":[1,2,{"d":null}]},"e":"\u00e9"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var o rawjson.Object
		if json.Unmarshal([]byte(text), &o) != nil {
			return
		}
		var before, after map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(text), &before))
		require.NoError(t, json.Unmarshal(o.Bytes(), &after))
		require.Equal(t, before, after)
	})
}
