package dncotel_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/evidence"
	dncotel "github.com/dnc-go/dnc/otel"
)

type evidenceLog struct{ status *evidence.Status }

func (l evidenceLog) Status() evidence.Status { return *l.status }

var _ dncotel.EvidenceLog = (*evidence.Log)(nil)

func TestEvidence(t *testing.T) {
	t.Parallel()
	out := export(t)
	require.ErrorIs(t, dncotel.ObserveEvidence(nil), dncotel.ErrInvalidOption)
	status := &evidence.Status{Records: 12}
	require.ErrorIs(t, dncotel.ObserveEvidence(evidenceLog{status}, nil), dncotel.ErrInvalidOption)
	require.NoError(t, dncotel.ObserveEvidence(evidenceLog{status}, out.opts...))
	lines(t, out.text(), `dnc_evidence_records\{.*\} 12`, `dnc_evidence_lost_total\{.*\} 0`,
		`dnc_evidence_writable\{.*\} 1`, `dnc_evidence_checkpoint_saved\{.*\} 1`)
	*status = evidence.Status{Records: 12, Lost: 3, Error: errors.New("+" + canary)}
	lines(t, out.text(), `dnc_evidence_lost_total\{.*\} 3`, `dnc_evidence_writable\{.*\} 0`,
		`dnc_evidence_checkpoint_saved\{.*\} 1`)
	*status = evidence.Status{Records: 12, SaveError: errors.New("+" + canary)}
	lines(t, out.text(), `dnc_evidence_writable\{.*\} 1`, `dnc_evidence_checkpoint_saved\{.*\} 0`)
	assert.NotContains(t, out.all(t), national)
}
