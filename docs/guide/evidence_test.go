package guide_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"time"

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
// has put out of reach.
func unchanged(dir string, checkpoints []byte, publicKey string) error {
	verifier, err := note.NewVerifier(publicKey)
	if err != nil {
		return err
	}
	v, err := evidence.Verify(dir, checkpoints, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	fmt.Println(v.Decisions, "decisions,", v.Unprotected, "records after the newest checkpoint")
	return nil
}

func Example_evidence() {
	privateKey, publicKey, err := note.GenerateKey(rand.Reader, "dialer-7.example.com/evidence")
	if err != nil {
		panic(err)
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	key, dir, n := evidence.Key{ID: "2026", Secret: secret}, files+"/evidence", number("+12125550123")
	var checkpoints bytes.Buffer
	checker, log, err := recorded(dnc.NewMemory("optouts", n), dir, key, privateKey, func(_ context.Context, c []byte) error {
		_, err := checkpoints.Write(c)
		return err
	})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	d, err := checker.Check(ctx, n)
	fmt.Println(d, err)
	fmt.Println(log.Close())
	fmt.Println(decisions(dir, key, n))
	fmt.Println(unchanged(dir, checkpoints.Bytes(), publicKey))
	// Output:
	// +1******0123 block dnc_optouts list=optouts <nil>
	// <nil>
	// +1******0123 block dnc_optouts list=optouts spring
	// <nil>
	// 1 decisions, 0 records after the newest checkpoint
	// <nil>
}
