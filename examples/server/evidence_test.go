package main

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/evidence"
)

func evidenceEnv(t *testing.T) (env map[string]string, public string) {
	t.Helper()
	private, public, err := note.GenerateKey(rand.Reader, "server.example/evidence")
	require.NoError(t, err)
	return map[string]string{"DNC_EVIDENCE_KEY": "2026 " + strings.Repeat("5a", 32), "DNC_EVIDENCE_SIGNER": private}, public
}

func TestEvidence(t *testing.T) {
	env, public := evidenceEnv(t)
	dir := t.TempDir()
	logDir, saved := filepath.Join(dir, "log"), filepath.Join(dir, "saved")
	t.Run("serve", func(t *testing.T) {
		r := start(t, env, "-evidence", logDir, "-evidence-checkpoints", saved).
			send(t, "POST", "/validate", `[{"phoneNumber":"+14155550123"},{"phoneNumber":"+14155550100"}]`)
		assert.Contains(t, r.body, `"total":2,"blocked":1,"allowed":1`)
	})
	checkpoints, err := os.ReadFile(saved)
	require.NoError(t, err)
	verifier, err := note.NewVerifier(public)
	require.NoError(t, err)
	v, err := evidence.Verify(logDir, checkpoints, note.VerifierList(verifier))
	require.NoError(t, err)
	assert.EqualValues(t, 2, v.Decisions)
	assert.Zero(t, v.Unprotected, "the log is closed with the server")
}

func TestEvidenceThatCannotBeWritten(t *testing.T) {
	env, _ := evidenceEnv(t)
	dir := t.TempDir()
	log, err := openEvidence(evidenceConfig{filepath.Join(dir, "log"), filepath.Join(dir, "saved"), auth.NewSecret(env["DNC_EVIDENCE_KEY"]), auth.NewSecret(env["DNC_EVIDENCE_SIGNER"])})
	require.NoError(t, err)
	require.NoError(t, log.Close()) // nothing can be recorded any more
	c, err := readConfig(nil, func(string) string { return "" }, &logged)
	require.NoError(t, err)
	answers, err := newRules(c, nil)
	require.NoError(t, err)
	a := newAPI(c, answers.lists, campaigns{}, slog.New(slog.NewTextHandler(&logged, nil)))
	a.record(answers.rule, log)
	r := httptest.NewRequest(http.MethodPost, "/validate", strings.NewReader(`[{"phoneNumber":"+14155550100"}]`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	assert.Equal(t, 503, w.Code)
	assert.Contains(t, w.Body.String(), `"verdict":"unknown"`)
	assert.Contains(t, w.Body.String(), `"list":"evidence"`)
	w = httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	assert.Equal(t, 503, w.Code)
	assert.Contains(t, w.Body.String(), "recorded")
}

func TestEvidenceIsRefused(t *testing.T) {
	env, _ := evidenceEnv(t)
	dir := t.TempDir()
	file, saved := filepath.Join(dir, "file"), filepath.Join(dir, "saved")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, test := range []struct {
		env  map[string]string
		args []string
		want string
	}{
		{env, []string{"-evidence", dir}, "-evidence-checkpoints"},
		{env, []string{"-evidence-checkpoints", saved}, "needs -evidence"},
		{env, []string{"-evidence", dir, "-evidence-checkpoints", saved}, "cannot"},
		{env, []string{"-evidence", file, "-evidence-checkpoints", saved}, "-evidence: "},
		{env, []string{"-evidence", dir + "/log", "-evidence-checkpoints", file + "/x"}, "-evidence-checkpoints: "},
		{nil, []string{"-evidence", dir + "/log", "-evidence-checkpoints", saved}, "DNC_EVIDENCE_KEY"},
		{map[string]string{"DNC_EVIDENCE_KEY": env["DNC_EVIDENCE_KEY"]}, []string{"-evidence", dir + "/log", "-evidence-checkpoints", saved}, "DNC_EVIDENCE_SIGNER"},
	} {
		var stderr strings.Builder
		code := run(t.Context(), append(test.args, "-addr", "127.0.0.1:0"), func(k string) string { return test.env[k] }, &logged, &stderr)
		assert.Equal(t, exitUsage, code, test.args)
		assert.Contains(t, stderr.String(), test.want)
		assert.NotContains(t, stderr.String(), "5a5a")
	}
}
