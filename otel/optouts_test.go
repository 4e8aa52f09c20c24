package dncotel_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/optout"
	dncotel "github.com/dnc-go/dnc/otel"
)

type intake struct{ late []optout.OverdueDelivery }

func (i intake) Overdue(time.Time) []optout.OverdueDelivery { return i.late }

func (i intake) Targets() []optout.TargetStatus {
	return []optout.TargetStatus{
		{Name: "redis"},
		{Name: "crm", Pending: 3, Oldest: asked, LastError: canary},
		{Name: canary, Pending: 1, Oldest: asked.Add(time.Minute)},
		{Name: "+" + canary, Pending: 1, Oldest: asked.Add(time.Hour)},
	}
}

func (i intake) Held() []optout.HeldRequest { return make([]optout.HeldRequest, 5) }

var asked = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

var _ dncotel.Intake = (*optout.Intake)(nil)

func TestOptOuts(t *testing.T) {
	t.Parallel()
	out := export(t)
	require.ErrorIs(t, dncotel.ObserveOptOuts(nil), dncotel.ErrInvalidOption)
	late := optout.OverdueDelivery{Target: "crm", Number: number(t), ID: canary}
	require.NoError(t, dncotel.ObserveOptOuts(intake{late: []optout.OverdueDelivery{late, late}}, append(slices.Clone(out.opts),
		dncotel.WithClock(func() time.Time { return asked.Add(2 * time.Hour) }))...))
	lines(
		t, out.text(),
		`dnc_optouts_pending\{.*target="crm"\} 3`,
		`dnc_optouts_overdue\{.*target="crm"\} 2`,
		`dnc_optouts_overdue\{.*target="redis"\} 0`,
		`dnc_optouts_pending\{.*target="other"\} 2`,
		`dnc_optouts_oldest_seconds\{.*target="crm"\} 7200`,
		`dnc_optouts_oldest_seconds\{.*target="other"\} 7140`,
		`dnc_optouts_oldest_seconds\{.*target="redis"\} 0`,
		`dnc_optouts_held\{.*\} 5`,
	)
	assert.NotContains(t, out.all(t), national)
}
