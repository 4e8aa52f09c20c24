package contract_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// definition is the platform's API definition with the operations of sdk.json. What both have is
// refused: once the definition has an operation, it counts alone.
func definition(t *testing.T) []byte {
	t.Helper()
	read := func(name string) (all map[string]json.RawMessage) {
		data, err := os.ReadFile(name)
		require.NoError(t, err, "without the definition nothing is validated")
		require.NoError(t, json.Unmarshal(data, &all), name)
		return all
	}
	all, more := read("definition.json"), read("sdk.json")
	for _, part := range []string{"paths", "definitions"} {
		known, added := map[string]json.RawMessage{}, map[string]json.RawMessage{}
		require.NoError(t, json.Unmarshal(all[part], &known))
		require.NoError(t, json.Unmarshal(more[part], &added))
		require.NotEmpty(t, known)
		require.NotEmpty(t, added)
		for name, value := range added {
			require.NotContains(t, known, name, "definition.json has it: take it out of sdk.json")
			known[name] = value
		}
		text, err := json.Marshal(known)
		require.NoError(t, err)
		all[part] = text
	}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	return text
}
