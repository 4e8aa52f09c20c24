package calltime

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// offset is seconds east of UTC in a zone of the embedded data.
func offset(t *testing.T, h *Hours, zone string, at time.Time) int {
	t.Helper()
	z := h.zone(zone)
	require.Nil(t, z.err, zone)
	_, seconds := at.In(z.locs[0]).Zone()
	return seconds
}

// Every zone of a row is in the zone data, and has the clock of a zone that one of the row's states
// has by the area codes. Where it has not, the sources differ, and the row has more zones for that.
func TestZonesOfPostalCodesAreThoseOfTheirStates(t *testing.T) {
	t.Parallel()
	h, err := New(WithZoneComparison())
	require.NoError(t, err)
	winter, summer := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)
	beyond := map[string]bool{}
	for _, set := range h.codes.sets {
		var known []string
		for _, r := range set.regions {
			require.Regexp(t, regionName, r)
			zones, ok := h.zonesOf(r)
			require.True(t, ok, r)
			known = union(known, zones)
		}
		within := 0
		for _, z := range set.zones {
			same := func(other string) bool {
				return offset(t, h, z, winter) == offset(t, h, other, winter) && offset(t, h, z, summer) == offset(t, h, other, summer)
			}
			if slices.ContainsFunc(known, same) {
				within++
			} else {
				beyond[strings.Join(set.regions, " ")+" "+z] = true
			}
		}
		if set.zones[0] != "Pacific/Wake" { // the island has a code of Hawaii's
			assert.Positive(t, within, "%v", set)
		}
	}
	assert.Less(t, len(beyond), 20, "%v", beyond)
}

func TestEmbeddedDataIsSmall(t *testing.T) {
	t.Parallel()
	assert.Less(t, len(numbersGz)+len(areaCodesText)+len(zonesGz)+len(postalGz), 64<<10)
}

func TestEveryStateHasPostalCodes(t *testing.T) {
	t.Parallel()
	d, err := embeddedPostal()
	require.NoError(t, err)
	var seen []string
	for key, set := range d.rows {
		require.Contains(t, []int{1, 3, 5}, len(key), key)
		seen = union(seen, d.sets[set-1].regions)
	}
	assert.Len(t, seen, 50+1+5+3+13, "%v", seen) // states, D.C., territories, three countries, provinces
	assert.Contains(t, d.source, "2026-")
}

func TestABrokenTableOfPostalCodesIsRefused(t *testing.T) {
	t.Parallel()
	const head = "# x\nz America/Chicago\ns 0 / US-IL\n"
	packed := func(text string) *bytes.Reader {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return bytes.NewReader(b.Bytes())
	}
	d, err := readPostalData(packed(head + "p 600 0 0:0102\n"))
	require.NoError(t, err)
	assert.Equal(t, map[string]uint16{"600": 1, "60001": 1, "60002": 1}, d.rows)
	for _, row := range []string{"s 1 / US-IL", "s 0 /", "s / US-IL", "p 600", "p 600 1", "p 600 x", "p 600 0 0", "p 600 0:01", "p 600 0 0:012"} {
		_, err := readPostalData(packed(head + row + "\n"))
		require.Error(t, err, row)
	}
	_, err = readPostalData(strings.NewReader("no gzip"))
	require.Error(t, err)
}

// Every name of a canary is in the embedded data, and passes.
func TestTheEmbeddedZonesPassTheirCanaries(t *testing.T) {
	t.Parallel()
	h, err := New(WithZoneComparison())
	require.NoError(t, err)
	for name, seconds := range canaries {
		assert.Equal(t, seconds, offset(t, h, name, canaryTime), name)
	}
	// Winter and summer are alike where clocks stopped changing.
	for _, name := range []string{"America/Winnipeg", "America/Edmonton", "America/Vancouver", "America/Inuvik"} {
		assert.Equal(t, offset(t, h, name, canaryTime), offset(t, h, name, canaryTime.AddDate(0, 7, 0)), name)
	}
}
