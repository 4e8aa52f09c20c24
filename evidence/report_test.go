package evidence

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
)

func TestAProofNeedsNothingButThePublicKey(t *testing.T) {
	t.Parallel()
	f := filled(t)
	r, err := NewReader(f.dir, key)
	require.NoError(t, err)
	all, err := splitCheckpoints(f.saved)
	require.NoError(t, err)
	for e, err := range r.Find(Query{Number: number(t, 101)}) {
		require.NoError(t, err)
		p, err := r.Prove(e, all[len(all)-1])
		require.NoError(t, err)
		text, err := json.Marshal(p)
		require.NoError(t, err)
		var read Proof
		require.NoError(t, json.Unmarshal(text, &read))
		got, err := read.Verify(f.public, number(t, 101), key)
		require.NoError(t, err)
		require.Equal(t, dnc.Block, got.Decision.Verdict)
		_, err = read.Verify(f.public, number(t, 102), key)
		require.ErrorIs(t, err, ErrMissing)
		read.Leaf[len(read.Leaf)-1] ^= 1
		_, err = read.Verify(f.public, number(t, 101), key)
		require.ErrorIs(t, err, ErrRewritten)
	}
}

func TestTheReportShowsNoNumber(t *testing.T) {
	t.Parallel()
	f := filled(t)
	v, err := f.verify()
	require.NoError(t, err)
	r, err := NewReader(f.dir, key)
	require.NoError(t, err)
	var page, rows strings.Builder
	require.NoError(t, r.WriteHTML(&page, Query{Number: number(t, 101)}, v))
	require.NoError(t, r.WriteCSV(&rows, Query{Number: number(t, 101)}))
	for _, text := range []string{page.String(), rows.String()} {
		require.Contains(t, text, "dnc_optouts")
		require.Equal(t, 3, strings.Count(text, "dnc_optouts"))
		require.NotContains(t, text, "2025550101")
	}
	require.NotContains(t, page.String(), "http")
}

func TestAReportRunsNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	l := f.open(t)
	injected := []string{"=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "<script>alert(1)</script>"}
	for _, text := range injected {
		_, err := Record(list(t), l, dnc.Call{Campaign: text, Purpose: text, Seller: text}).Check(ctx, number(t, 101))
		require.NoError(t, err)
	}
	var page, text strings.Builder
	q := Query{Number: number(t, 101)}
	require.NoError(t, l.Reader().WriteHTML(&page, q, Verification{}))
	require.NotContains(t, page.String(), "<script>")
	require.NoError(t, l.Reader().WriteCSV(&text, q))
	rows, err := csv.NewReader(strings.NewReader(text.String())).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+len(injected))
	for i, row := range rows[1:] {
		for _, cell := range row[5:8] { // campaign, purpose, seller
			require.Equal(t, i < len(injected)-1, strings.HasPrefix(cell, "'"), "%q", cell)
		}
	}
}

func TestAReportNamesTheKeysThatItLacks(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, err := Record(list(t), f.open(t), dnc.Call{}).CheckBatch(ctx, []dnc.Number{number(t, 100), number(t, 101)})
	require.NoError(t, err)
	other := Key{ID: "other", Secret: make([]byte, minSecret)}
	for _, tc := range []struct {
		keys  []Key
		query Query
		lacks bool
	}{
		{[]Key{other, key}, Query{}, false},
		{[]Key{other}, Query{}, true},
		{[]Key{other}, Query{From: f.now.Add(1)}, false},
	} {
		r, err := NewReader(f.dir, tc.keys...)
		require.NoError(t, err)
		tc.query.Number = number(t, 101)
		var page strings.Builder
		require.NoError(t, r.WriteHTML(&page, tc.query, Verification{}))
		require.Equal(t, tc.lacks, strings.Contains(page.String(), "1 records were written with the key "+key.ID), "%v", tc)
	}
}
