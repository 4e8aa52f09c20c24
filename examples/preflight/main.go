// Preflight scrubs a campaign of Genesys Cloud, protects it, and proves it:
//
//	go run ./examples/preflight demo                      # all of it on a platform in memory; nothing else is needed
//
//	go run ./examples/preflight load   -redis URL -contact-list ID -in contacts.csv -id-column id
//	go run ./examples/preflight plan   -redis URL -campaign ID -plan plan.json
//	go run ./examples/preflight apply  -plan plan.json    # may be ended and repeated
//	go run ./examples/preflight assert -plan plan.json    # any time later; exit status 3 if something is missing
//	go run ./examples/preflight report -plan plan.json -out report.html
//
//	go run ./examples/preflight sync   -redis URL -from-dnc-list ID -record optouts.csv -to-dnc-list ID
//
// Campaigns are those of Genesys Cloud when GENESYSCLOUD_REGION (a domain or an AWS name),
// GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET are set, and otherwise those of a
// platform in memory that each command makes anew. A plan's file holds full phone numbers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/dnc-go/dnc/preflight"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The codes that the process ends with.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitUnprotected = 3
)

var errUsage = errors.New("usage")

// run is the whole program. Only its caller knows about signals, the environment and the process's
// own streams.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	err := command(ctx, args, getenv, stdout)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	_, _ = fmt.Fprintln(stderr, "preflight:", strings.TrimPrefix(err.Error(), "preflight: "))
	switch {
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, preflight.ErrUnprotected):
		return exitUnprotected
	}
	return exitError
}

func command(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: %s", errUsage, usage)
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		_, err := fmt.Fprintln(out, "usage: "+usage)
		return err
	}
	c, err := readConfig(args[0], args[1:], getenv, out)
	if err != nil {
		return err
	}
	if c.command == "demo" {
		return demo(ctx, c, out)
	}
	p, err := connect(ctx, c)
	if err != nil {
		return err
	}
	if c.inMemory() {
		fmt.Fprintln(os.Stderr, "there are no credentials for Genesys Cloud (GENESYSCLOUD_REGION and so on): "+
			"each command makes a new sample platform in memory")
	}
	return p.do(ctx, c, out)
}
