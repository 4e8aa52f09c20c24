package registry

import (
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/dnctest"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/listfile"
)

func screened(rows ...listfile.ScreenedNumber) iter.Seq2[listfile.ScreenedNumber, error] {
	return func(yield func(listfile.ScreenedNumber, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func notListed(v uint64) listfile.ScreenedNumber {
	return listfile.ScreenedNumber{Number: digits.Number(v)}
}

func onList(v uint64) listfile.ScreenedNumber {
	return listfile.ScreenedNumber{Number: digits.Number(v), Listed: true}
}

func since(v uint64, at time.Time) listfile.ScreenedNumber {
	return listfile.ScreenedNumber{Number: digits.Number(v), Listed: true, Registered: at}
}

// A Screening answers for exactly the numbers that were sent, and until it is too old.
func TestScreeningAnswersForWhatWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := "020 7946 0018,TPS,\n020 7946 0019,OK\n020 7946 0020,INVALID\n020 7946 0021,perhaps\n020 7946 0022,OK\n020 7946 0022,TPS\n020 7946 0022,OK\n"
		s, err := NewScreening("tps", listfile.UKScreening().Read("tps.csv", strings.NewReader(text)), ScreeningTerms{Made: time.Now()})
		require.NoError(t, err)
		const taken, free, invalid, unclear, both, other = 442079460018, 442079460019, 442079460020, 442079460021, 442079460022, 442079460023
		verdicts := func(want map[uint64]string) {
			t.Helper()
			for v, code := range want {
				d, err := s.Check(t.Context(), digits.Number(v))
				assert.Equal(t, code, d.Reason().Code, v)
				assert.Equal(t, d.Verdict == dnc.Unknown, err != nil)
				assert.Equal(t, code == dnc.CodeAllowed, d.Callable())
			}
		}
		verdicts(map[uint64]string{taken: "dnc_tps", free: "allowed", invalid: "not_covered", unclear: "not_covered", both: "dnc_tps", other: "not_covered"})
		r := s.Report()
		assert.EqualValues(t, 3, r.Numbers)
		assert.EqualValues(t, 2, r.Duplicates)
		assert.EqualValues(t, 2, r.Rejected)
		require.ErrorIs(t, r.RejectedRows[0].Err, listfile.ErrNotScreened)
		assert.Len(t, r.Causes, 2)

		time.Sleep(28 * 24 * time.Hour)
		verdicts(map[uint64]string{taken: "dnc_tps", free: "allowed"})
		time.Sleep(time.Second)
		verdicts(map[uint64]string{taken: "dnc_tps", free: "list_stale", other: "not_covered"})
		ds, err := s.CheckBatch(t.Context(), []dnc.Number{digits.Number(taken), digits.Number(free), digits.Number(other), {}})
		require.ErrorIs(t, err, dnc.ErrListStale)
		require.ErrorIs(t, err, dnc.ErrNotCovered)
		assert.Equal(t, []dnc.Verdict{dnc.Block, dnc.Unknown, dnc.Unknown, dnc.Block}, []dnc.Verdict{ds[0].Verdict, ds[1].Verdict, ds[2].Verdict, ds[3].Verdict})
	})
}

// Grace counts from the date of registration, and only where there is one that can be right.
func TestScreeningGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		today := now.UTC().Truncate(day)
		terms := ScreeningTerms{Made: now, Grace: 28 * day, MaxAge: 365 * day}
		s, err := NewScreening("tps", screened(
			since(442079460001, today), since(442079460002, today.Add(-20*day)), since(442079460003, today.Add(-28*day)),
			onList(442079460004), since(442079460005, today.Add(3*day)), notListed(442079460006), since(442079460006, today),
			since(442079460007, today), since(442079460007, today.Add(-40*day)), since(442079460008, today.Add(-20000*day)),
		), terms)
		require.NoError(t, err)
		callable := func() (out []uint64) {
			for v := uint64(442079460001); v <= 442079460008; v++ {
				if d, _ := s.Check(t.Context(), digits.Number(v)); d.Callable() {
					out = append(out, v-442079460000)
				}
			}
			return out
		}
		assert.Equal(t, []uint64{1, 2, 6}, callable())
		time.Sleep(8*day - aheadOfUTC - time.Nanosecond) // time begins at midnight here
		assert.Equal(t, []uint64{1, 2, 6}, callable())
		time.Sleep(time.Nanosecond)
		assert.Equal(t, []uint64{1, 6}, callable(), "28 days after the first moment of that date anywhere")
		time.Sleep(20 * day)
		assert.Empty(t, callable())

		terms.Grace, terms.Made = 0, time.Now()
		s, err = NewScreening("tps", screened(since(442079460001, today), notListed(442079460002)), terms)
		require.NoError(t, err)
		assert.Equal(t, []uint64{2}, callable(), "without Grace a listed number is blocked at once")
	})
}

func TestScreeningsThatAreRefused(t *testing.T) {
	t.Parallel()
	made := func(ago time.Duration) ScreeningTerms { return ScreeningTerms{Made: time.Now().Add(-ago)} }
	for name, c := range map[string]struct {
		list    string
		results iter.Seq2[listfile.ScreenedNumber, error]
		terms   ScreeningTerms
		want    error
		says    string
	}{
		"no date":      {"tps", screened(notListed(442079460001)), ScreeningTerms{}, ErrRefused, "Made is missing"},
		"the future":   {"tps", screened(notListed(442079460001)), made(-time.Hour), ErrRefused, "in the future"},
		"too old":      {"tps", screened(notListed(442079460001)), made(29 * day), ErrRefused, "28 days"},
		"negative":     {"tps", screened(notListed(442079460001)), ScreeningTerms{Made: time.Now(), Grace: -1}, ErrRefused, "not negative"},
		"a bad name":   {"T P S", screened(notListed(442079460001)), made(0), dnc.ErrOption, "a-z"},
		"nil":          {"tps", nil, made(0), ErrRefused, "nil"},
		"empty":        {"tps", screened(), made(0), ErrRefused, "has no number"},
		"zero Numbers": {"tps", screened(listfile.ScreenedNumber{}), made(0), ErrRefused, "rejected rows: 1"},
		"a bad file":   {"tps", listfile.UKScreening().Read("x", strings.NewReader("<html>")), made(0), listfile.ErrFile, "web page"},
		"reading fails": {"tps", func(yield func(listfile.ScreenedNumber, error) bool) {
			_ = yield(notListed(442079460001), nil) && yield(listfile.ScreenedNumber{}, errTest)
		}, made(0), errTest, "numbers read: 1"},
	} {
		s, err := NewScreening(c.list, c.results, c.terms)
		require.ErrorIs(t, err, c.want, name)
		require.ErrorContains(t, err, c.says, name)
		assert.Nil(t, s)
	}
	d, err := new(Screening).Check(t.Context(), digits.Number(442079460001))
	require.Error(t, err)
	assert.Equal(t, dnc.Unknown, d.Verdict)
}

func TestScreeningConforms(t *testing.T) {
	t.Parallel()
	dnctest.TestChecker(t, func(tb testing.TB, listed []dnc.Number) dnc.Checker {
		tb.Helper()
		var rows []listfile.ScreenedNumber
		for i := range uint64(10_000) { // all numbers of the suite were sent
			rows = append(rows, notListed(14155550000+i))
		}
		for _, n := range listed {
			rows = append(rows, listfile.ScreenedNumber{Number: n, Listed: true})
		}
		s, err := NewScreening("tps", screened(rows...), ScreeningTerms{Made: time.Now()})
		require.NoError(tb, err)
		return s
	})
}
