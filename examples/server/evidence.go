package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/evidence"
)

// evidenceConfig says where every decision is recorded.
type evidenceConfig struct {
	dir         string
	checkpoints string
	key         auth.Secret // of DNC_EVIDENCE_KEY
	signer      auth.Secret // of DNC_EVIDENCE_SIGNER
}

func (e evidenceConfig) check() error {
	switch {
	case e.dir == "" && e.checkpoints != "":
		return errors.New("-evidence-checkpoints needs -evidence: the directory of the log")
	case e.dir == "":
		return nil
	case e.checkpoints == "":
		return errors.New("-evidence needs -evidence-checkpoints: without saved checkpoints nobody notices a log that was rewritten")
	case filepath.Dir(filepath.Clean(e.checkpoints)) == filepath.Clean(e.dir):
		return errors.New("-evidence-checkpoints is in the directory of -evidence: keep the file where people who can change the log cannot change it")
	}
	return nil
}

// openEvidence opens the log of -evidence, nil without the flag. Errors show no key.
func openEvidence(c evidenceConfig) (*evidence.Log, error) {
	if c.dir == "" {
		return nil, nil //nolint:nilnil // no flag, no log
	}
	id, digits, _ := strings.Cut(strings.TrimSpace(c.key.Reveal()), " ")
	secret, err := hex.DecodeString(digits)
	if err != nil || len(secret) == 0 {
		return nil, errors.New("-evidence: DNC_EVIDENCE_KEY must be an id, a space and a secret of at least 32 bytes in hex digits")
	}
	signer, err := note.NewSigner(strings.TrimSpace(c.signer.Reveal()))
	if err != nil {
		return nil, errors.New("-evidence: DNC_EVIDENCE_SIGNER is not a private key from note.GenerateKey")
	}
	f, err := os.OpenFile(c.checkpoints, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("-evidence-checkpoints: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("-evidence-checkpoints: %w", err)
	}
	log, err := evidence.Open(c.dir, evidence.Key{ID: id, Secret: secret},
		evidence.CheckpointConfig{Signer: signer, Save: appendTo(c.checkpoints)})
	if err != nil {
		return nil, fmt.Errorf("-evidence: %w", err)
	}
	return log, nil
}

// appendTo saves checkpoints in a file, one after another, as evidence.Verify reads them.
func appendTo(file string) func(context.Context, []byte) error {
	return func(_ context.Context, checkpoint []byte) error {
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600) //nolint:gosec // named by the user
		if err != nil {
			return err
		}
		_, err = f.Write(checkpoint)
		return errors.Join(err, f.Sync(), f.Close())
	}
}

// record makes every decision of /validate go into the log before it is answered.
func (a *api) record(rule dnc.Rule, log *evidence.Log) {
	a.rule = rule
	if log != nil {
		a.evidence = log
		a.rule = evidence.RecordRule(rule, log)
	}
}

// codeBlockRequested is the reason of a number that /apply-campaign-rules was asked to block.
const codeBlockRequested = "block_requested"

// recordBlocks records that somebody asked to block the numbers of a request for its campaign, before
// the platform hears of it. A block that cannot be recorded is made all the same: without it the
// number would be called. The log and /healthz then say what is missing.
func (a *api) recordBlocks(ctx context.Context, request rulesRequest) {
	if a.evidence == nil || len(request.blocked) == 0 {
		return
	}
	block := dnc.CheckerFunc(func(_ context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		ds := make([]dnc.Decision, len(ns))
		for i, n := range ns {
			ds[i] = dnc.Decision{Number: n, Verdict: dnc.Block, Reasons: dnc.ReasonsOf(dnc.Reason{Code: codeBlockRequested})}
		}
		return ds, nil
	})
	lost := a.evidence.Status().Lost
	_, _ = evidence.Record(block, a.evidence, dnc.Call{Campaign: request.campaignID}).CheckBatch(ctx, request.blocked)
	if now := a.evidence.Status(); now.Lost > lost {
		a.log.Error("a request to block numbers is not in the evidence log", "error", now.Error)
	}
}

// closeEvidence makes the last checkpoint.
func closeEvidence(record *evidence.Log, log *slog.Logger) {
	if err := record.Close(); err != nil {
		log.Error("closing the evidence log failed", "error", err)
	}
}
