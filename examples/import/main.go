// Import reads the files of a national Do-Not-Call list and puts them in force in Redis, at once
// and as a whole:
//
//	go run ./examples/import -redis redis://localhost:6379 -obtained mtime 415.txt 212.zip
//
// Without -coverage the list covers the area codes that the names of the files, of zips' members
// and the sections of XML name. Each number outside of them stays unknown. The files are read
// twice, first for their SHA-256: of one file its own; of several that of the lines that sha256sum
// prints for them, by their base names. Whatever goes wrong, also Ctrl-C, the version that was in
// force stays.
//
// -dry-run reads the files and reports, and writes nothing; -info shows the version in force and the one before; -rollback goes
// back to that one.
//
// -set fills a SET in place of a registry: a list that is changed number by number as well, as opt-outs are.
//
//	go run ./examples/import -redis redis://localhost:6379 -set crm:optouts -format csv -column phone -country 1 optouts.csv
//
// It ends with 0 if all is well, 1 after an error or a refusal, and 2 if it was called wrong. -info
// ends with 3 if the list is older than -max-age and with 4 if it will be within -due-within days,
// for a job that watches it; -json prints it for a program.
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

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc/registry"
)

// The codes that the process ends with.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
	exitStale = 3 // -info: the list is older than -max-age
	exitDue   = 4 // -info: it will be within -due-within days
)

func main() {
	redis.SetLogger(quiet{}) // by itself the client writes to stderr past the progress bar; its errors are reported anyway
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once, and even then the old version is in force
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// run is the whole program but for signals and the process's own streams, so a test can be one.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := readConfig(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "import:", err)
		return exitUsage
	}
	switch {
	case c.info:
		err = showVersions(ctx, c, stdout)
	case c.rollback:
		err = rollBack(ctx, c, stdout)
	default:
		err = importFiles(ctx, c, stdout, stderr)
	}
	if err == nil {
		return exitOK
	}
	_, _ = fmt.Fprintln(stderr, "import:", explain(ctx, err))
	switch {
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, errStale):
		return exitStale
	case errors.Is(err, errDue):
		return exitDue
	}
	return exitError
}

// inFlags says what the fields of registry.Import are here.
var inFlags = strings.NewReplacer(
	"Import.Coverage", "-coverage", "Import.Obtained", "-obtained", "Import.MaxShrink", "-max-shrink", "Import.MaxRejected", "-max-rejected",
	"Import.AllowEmpty", "-allow-empty", "Import.Source", "-source", "Import.Replicas", "-replicas", "\n", "; ",
)

// explain is an error in one line, with what to do.
func explain(ctx context.Context, err error) string {
	text := inFlags.Replace(err.Error())
	switch {
	case errors.Is(err, registry.ErrOutcomeUnknown):
		return text + ": look with -info which version is in force"
	case errors.Is(err, errUsage):
		return text
	case ctx.Err() != nil:
		return "interrupted: " + text
	}
	return text
}
