// Evidence reads a log of package evidence from outside, as a third party does:
//
//	go run ./examples/evidence demo DIR                             makes a small log in DIR/log
//	go run ./examples/evidence verify DIR/log DIR/saved DIR/public  compares it with the saved checkpoints
//	go run ./examples/evidence find DIR/log DIR/key +12025550101    shows what was decided about a number
//	go run ./examples/evidence report DIR/log DIR/key +12025550101 DIR/saved DIR/public
//
// saved is a file of checkpoints, one after another, public the public key as note.GenerateKey makes
// it, and key the id of the HMAC key and its secret in hex. A report is a page of HTML on stdout.
//
// It ends with 0, with 1 after an error, and with 2 if it was called wrong.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/evidence"
)

func main() {
	os.Exit(code(run(context.Background(), os.Args[1:], os.Stdout), os.Stderr))
}

// code is what the process ends with. It prints the error.
func code(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintln(stderr, "evidence:", strings.TrimPrefix(err.Error(), "evidence: "))
	if errors.Is(err, errUsage) {
		return 2
	}
	return 1
}

var errUsage = errors.New("usage: demo DIR | verify LOG CHECKPOINTS PUBLIC | find LOG KEY NUMBER | report LOG KEY NUMBER CHECKPOINTS PUBLIC")

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	switch name, args := args[0], args[1:]; {
	case name == "demo" && len(args) == 1:
		return demo(ctx, args[0], out)
	case name == "verify" && len(args) == 3:
		v, err := verify(args[0], args[1], args[2])
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "the log agrees with its checkpoints: decisions %d, records %d, checkpoints %d; records that are newer than the last checkpoint: %d\n", v.Decisions, v.Records, v.Checkpoints, v.Unprotected)
		return err
	case name == "find" && len(args) == 3:
		r, q, err := reader(args[0], args[1], args[2])
		if err != nil {
			return err
		}
		return r.WriteCSV(out, q)
	case name == "report" && len(args) == 5:
		v, err := verify(args[0], args[3], args[4])
		if err != nil {
			return err
		}
		r, q, err := reader(args[0], args[1], args[2])
		if err != nil {
			return err
		}
		return r.WriteHTML(out, q, v)
	}
	return errUsage
}

func verify(dir, checkpoints, public string) (evidence.Verification, error) {
	saved, err := os.ReadFile(checkpoints) //nolint:gosec // named by the user
	if err != nil {
		return evidence.Verification{}, err
	}
	text, err := os.ReadFile(public) //nolint:gosec // named by the user
	if err != nil {
		return evidence.Verification{}, err
	}
	v, err := note.NewVerifier(strings.TrimSpace(string(text)))
	if err != nil {
		return evidence.Verification{}, fmt.Errorf("the public key: %w", err)
	}
	return evidence.Verify(dir, saved, note.VerifierList(v))
}

func reader(dir, keyFile, number string) (*evidence.Reader, evidence.Query, error) {
	text, err := os.ReadFile(keyFile) //nolint:gosec // named by the user
	if err != nil {
		return nil, evidence.Query{}, err
	}
	id, secretText, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	secret, err := hex.DecodeString(secretText)
	if err != nil {
		return nil, evidence.Query{}, errors.New("the key is not an id, a space and hex digits")
	}
	n, err := dnc.ParseNumber(number)
	if err != nil {
		return nil, evidence.Query{}, err
	}
	r, err := evidence.NewReader(dir, evidence.Key{ID: id, Secret: secret})
	return r, evidence.Query{Number: n}, err
}

// demo makes a log with decisions about ten numbers, and beside it what a third party gets.
func demo(ctx context.Context, dir string, out io.Writer) error {
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s exists already: a second key in its log would make it impossible to verify; use a new directory", dir)
	}
	private, public, err := note.GenerateKey(rand.Reader, "demo/evidence")
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	err = errors.Join(os.WriteFile(filepath.Join(dir, "public"), []byte(public+"\n"), 0o600),
		os.WriteFile(filepath.Join(dir, "key"), []byte("demo "+hex.EncodeToString(secret)+"\n"), 0o600))
	if err != nil {
		return err
	}
	save := func(_ context.Context, checkpoint []byte) error {
		f, err := os.OpenFile(filepath.Join(dir, "saved"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600) //nolint:gosec // named by the user
		if err != nil {
			return err
		}
		_, err = f.Write(checkpoint)
		return errors.Join(err, f.Close())
	}
	log, err := evidence.Open(filepath.Join(dir, "log"), evidence.Key{ID: "demo", Secret: secret}, evidence.CheckpointConfig{Signer: signer, Save: save})
	if err != nil {
		return err
	}
	var numbers []dnc.Number
	for i := range 10 {
		n, err := dnc.ParseNumber(fmt.Sprintf("+1202555%04d", 100+i))
		if err != nil {
			return errors.Join(err, log.Close()) //nolint:contextcheck // Close has a limit of its own
		}
		numbers = append(numbers, n)
	}
	checker := evidence.Record(dnc.Protect(dnc.NewMemory("optouts", numbers[1])), log, dnc.Call{Campaign: "spring"})
	_, err = checker.CheckBatch(ctx, numbers)
	if err = errors.Join(err, log.Close()); err != nil { //nolint:contextcheck // Close has a limit of its own
		return err
	}
	_, err = fmt.Fprintf(out, "10 decisions are in %s; the checkpoint is in %s\n", filepath.Join(dir, "log"), filepath.Join(dir, "saved"))
	return err
}
