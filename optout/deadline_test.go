package optout

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDeadlines(t *testing.T) {
	t.Parallel()
	row := func(region, on string) Deadline {
		at, err := time.Parse(time.DateOnly, on)
		require.NoError(t, err)
		for _, d := range Deadlines() {
			if d.Region == region && d.InForce(at) {
				return d
			}
		}
		t.Fatalf("no row for %s on %s", region, on)
		return Deadline{}
	}
	for _, test := range []struct{ region, asked, due string }{
		{"US", "2026-11-20", "2026-12-07"}, // Thanksgiving
		{"US", "2026-12-18", "2027-01-05"}, // Christmas and New Year
		{"US", "2026-11-21", "2026-12-07"}, // a Saturday
		{"US", "2025-04-11", "2025-04-25"},
		{"US", "2025-04-10", "2025-05-10"}, // thirty days until then
		{"US", "2026-06-12", "2026-06-29"}, // Juneteenth is a Friday
		{"US", "2026-06-26", "2026-07-10"}, // July 4 is a Saturday, and moves nothing
		{"CA", "2026-11-20", "2026-12-04"},
		{"US-FL", "2026-11-20", "2026-12-05"},
	} {
		at, err := time.Parse(time.DateOnly, test.asked)
		require.NoError(t, err)
		d := row(test.region, test.asked)
		assert.Equal(t, test.due, d.LastDay(at).Format(time.DateOnly), "%s %s", test.region, test.asked)
		zone := time.FixedZone("", -8*3600)
		late := time.Date(at.Year(), at.Month(), at.Day(), 23, 59, 0, 0, zone) // the person's day counts
		assert.Equal(t, d.LastDay(at).AddDate(0, 0, 1).Format(time.DateOnly)+" 00:00 -0800", d.due(late).Format("2006-01-02 15:04 -0700"))
	}
	for _, d := range Deadlines() {
		assert.NotEmpty(t, d.Source)
		assert.NotEmpty(t, d.Rule)
		assert.False(t, d.Reviewed.IsZero())
		assert.Positive(t, d.Days)
	}
	var names []string
	for _, h := range federalHolidays(2026) {
		names = append(names, h.Format("01-02"))
	}
	assert.Equal(t, []string{"01-01", "01-19", "02-16", "05-25", "06-19", "07-04", "09-07", "10-12", "11-11", "11-26", "12-25"}, names)
}

func TestOverdue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
		m := newMemoryTarget()
		m.setFail(func([]Change) error { return errors.New("down") })
		dir := t.TempDir()
		options := []Option{WithTarget("good", newMemoryTarget()), WithTarget("bad", m), WithClock(func() time.Time { return now }), WithBackoff(time.Second, time.Second)}
		in := open(t, dir, options...)
		r := add(t, in, 1, "a")
		synctest.Wait()
		assert.Empty(t, in.Overdue(time.Date(2026, 12, 4, 23, 59, 59, 0, time.UTC)))
		late := in.Overdue(time.Date(2026, 12, 5, 0, 0, 0, 0, time.UTC))
		require.Len(t, late, 1)
		assert.Equal(t, "CA", late[0].Deadline.Region)
		assert.Equal(t, "bad", late[0].Target)
		assert.Equal(t, r.ID, late[0].ID)
		require.NoError(t, in.Close())

		in = open(t, dir, append(options, WithDeadlines(Deadlines()[1]))...) // the same after a restart
		assert.Empty(t, in.Overdue(time.Date(2026, 12, 7, 23, 59, 59, 0, time.UTC)))
		assert.Len(t, in.Overdue(time.Date(2026, 12, 8, 0, 0, 0, 0, time.UTC)), 1)
		m.setFail(nil)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.Empty(t, in.Overdue(time.Date(2027, 12, 8, 0, 0, 0, 0, time.UTC)))
		require.NoError(t, in.Close())
	})
}
