package evidence_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/evidence"
)

func Example() {
	dir, err := os.MkdirTemp("", "evidence")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	private, public, _ := note.GenerateKey(rand.Reader, "dialer-7/evidence")
	signer, _ := note.NewSigner(private)
	verifier, _ := note.NewVerifier(public)
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	var saved []byte // in earnest where nobody who can change the log can change it
	log, err := evidence.Open(dir, evidence.Key{ID: "2026", Secret: secret}, evidence.CheckpointConfig{
		Signer: signer,
		Save:   func(_ context.Context, checkpoint []byte) error { saved = append(saved, checkpoint...); return nil },
	})
	if err != nil {
		panic(err)
	}
	n, _ := dnc.ParseNumber("+12025550101")
	checker := evidence.Record(dnc.NewMemory("optouts", n), log, dnc.Call{Campaign: "spring"})
	d, err := checker.Check(context.Background(), n)
	fmt.Println(d.Verdict, err)
	for e, err := range log.Reader().Find(evidence.Query{Number: n}) {
		fmt.Println(e.Decision, e.Call.Campaign, err)
	}
	fmt.Println(log.Close())
	v, err := evidence.Verify(dir, saved, note.VerifierList(verifier))
	fmt.Println(v.Records, v.Unprotected, err)
	// Output:
	// block <nil>
	// +1******0101 block dnc_optouts list=optouts spring <nil>
	// <nil>
	// 1 0 <nil>
}
