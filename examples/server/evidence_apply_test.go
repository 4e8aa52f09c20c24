package main

import (
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/evidence"
)

const applyBody = `{"campaignId":"` + sampleCampaign + `","blockedNumbers":["+14155550100","+14155550101"]}`

// What /apply-campaign-rules is asked to block can be found later.
func TestEvidenceOfBlocks(t *testing.T) {
	env, _ := evidenceEnv(t)
	dir := t.TempDir()
	logDir := filepath.Join(dir, "log")
	t.Run("serve", func(t *testing.T) {
		s := start(t, env, "-evidence", logDir, "-evidence-checkpoints", filepath.Join(dir, "saved"))
		r := s.send(t, "POST", "/apply-campaign-rules", applyBody)
		require.Equal(t, 200, r.status, r.body)
	})
	id, digits, _ := strings.Cut(env["DNC_EVIDENCE_KEY"], " ")
	secret, err := hex.DecodeString(digits)
	require.NoError(t, err)
	reader, err := evidence.NewReader(logDir, evidence.Key{ID: id, Secret: secret})
	require.NoError(t, err)
	n, err := dnc.ParseNumber("+14155550101")
	require.NoError(t, err)
	found := 0
	for entry, err := range reader.Find(evidence.Query{Number: n}) {
		require.NoError(t, err)
		found++
		assert.Equal(t, dnc.Block, entry.Decision.Verdict)
		assert.Equal(t, codeBlockRequested, entry.Decision.Reason().Code)
		assert.Equal(t, sampleCampaign, entry.Call.Campaign)
	}
	assert.Equal(t, 1, found)
}

// A log that takes nothing stops no block: without it the numbers would be called. The server says
// that it is not well.
func TestBlocksWithoutEvidence(t *testing.T) {
	env, _ := evidenceEnv(t)
	dir := t.TempDir()
	log, err := openEvidence(evidenceConfig{filepath.Join(dir, "log"), filepath.Join(dir, "saved"), auth.NewSecret(env["DNC_EVIDENCE_KEY"]), auth.NewSecret(env["DNC_EVIDENCE_SIGNER"])})
	require.NoError(t, err)
	require.NoError(t, log.Close()) // nothing can be recorded any more
	c, err := readConfig(nil, func(string) string { return "" }, &logged)
	require.NoError(t, err)
	answers, err := newRules(c, nil)
	require.NoError(t, err)
	var said strings.Builder
	logger := slog.New(slog.NewTextHandler(&said, nil))
	platform, _, err := embedded()
	require.NoError(t, err)
	a := newAPI(c, answers.lists, platform, logger)
	a.record(answers.rule, log)
	r := httptest.NewRequest(http.MethodPost, "/apply-campaign-rules", strings.NewReader(applyBody))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	assert.Equal(t, 200, w.Code, w.Body.String())
	assert.Contains(t, w.Body.String(), `"blockedNumbers":2`)
	assert.Contains(t, said.String(), "is not in the evidence log")
	assert.NotContains(t, said.String(), "5550100")
	w = httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	assert.Equal(t, 503, w.Code)
}
