package guide_test

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/evidence"
)

// recorded records every decision of a Checker before the dialer gets it. Close the log at the end.
func recorded(
	c dnc.Checker, dir string, key evidence.Key, privateKey string, save func(context.Context, []byte) error,
) (dnc.Checker, *evidence.Log, error) {
	signer, err := note.NewSigner(privateKey) // note.GenerateKey makes the pair of keys, once
	if err != nil {
		return nil, nil, err
	}
	log, err := evidence.Open(dir, key, evidence.CheckpointConfig{Signer: signer, Save: save})
	if err != nil {
		return nil, nil, err
	}
	return evidence.Record(c, log, dnc.Call{Campaign: "spring"}), log, nil
}

// decisions prints what was decided about a number.
func decisions(dir string, key evidence.Key, n dnc.Number) error {
	r, err := evidence.NewReader(dir, key)
	if err != nil {
		return err
	}
	for entry, err := range r.Find(evidence.Query{Number: n}) {
		if err != nil {
			return err
		}
		fmt.Println(entry.Decision, entry.Call.Campaign)
	}
	return nil
}

// unchanged proves that the log is the one that was signed. The checkpoints are the copies that Save
// has stored elsewhere.
func unchanged(dir string, checkpoints []byte, publicKey string) error {
	verifier, err := note.NewVerifier(publicKey)
	if err != nil {
		return err
	}
	v, err := evidence.Verify(dir, checkpoints, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	fmt.Println("decisions:", v.Decisions, "records after the newest checkpoint:", v.Unprotected)
	return nil
}
