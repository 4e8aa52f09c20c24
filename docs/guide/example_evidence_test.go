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
	// decisions: 1 records after the newest checkpoint: 0
	// <nil>
}
