package registry

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/listfile"
)

// A refused import reports every rejected row, so that nobody has to mend one a run.
func TestEveryRejectedRowIsReported(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	old := area(415, 2000)
	imp := national()
	imp.Coverage = []string{"1415"}
	_, err := r.Replace(ctx, plain(old...), imp)
	require.NoError(t, err)
	before := keysOf(t, s)

	text := strings.Repeat("415,555000x\n", 3) + "415,5550001\n415,55500\n212,5550001\n"
	report, err := r.Replace(ctx, listfile.Read("list.txt", strings.NewReader(text), listfile.FTC()), imp)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorIs(t, err, dnc.ErrInvalidNumber)
	require.ErrorContains(t, err, "rejected rows: 5, and Import.MaxRejected is 0: row 1: ")
	assert.EqualValues(t, 5, report.Rejected)
	assert.EqualValues(t, 1, report.Read)
	require.Len(t, report.RejectedRows, 5)
	assert.EqualValues(t, 5, report.RejectedRows[3].Line)
	assert.Equal(t, map[string]int64{
		"invalid number: it has a character that is not a digit":                    3,
		"invalid number: a row is an area code of three digits and a line of seven": 1,
		errForeign.Error(): 1,
	}, report.Causes)
	assert.Equal(t, before, keysOf(t, s), "nothing is left")

	// What cannot end is given up, and the kept rows and causes are bounded.
	report, err = r.Replace(ctx, func(yield func(dnc.Number, error) bool) {
		for i := range 1_000_000 {
			if !yield(dnc.Number{}, causeError{lineError{int64(i)}, fmt.Errorf("cause %d", i)}) {
				return
			}
		}
	}, imp)
	require.ErrorIs(t, err, ErrRefused)
	assert.EqualValues(t, readOn+1, report.Rejected)
	assert.Len(t, report.RejectedRows, keptRows)
	assert.Len(t, report.Causes, keptCauses+1)

	// A file that cannot be read further is named beside the rows.
	_, err = r.Replace(ctx, errored(append(area(415, 5), digits.Max), map[int]error{1: lineError{7}, 3: errTest}), imp)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorIs(t, err, errTest)
	assert.Equal(t, before, keysOf(t, s))
}

// causeError is a rejected row with a cause.
type causeError struct {
	lineError
	cause error
}

func (e causeError) Unwrap() error { return e.cause }
