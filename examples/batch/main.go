// Batch checks a contact list of any size in constant memory:
//
//	go run ./examples/batch -redis redis://localhost:6379 -in contacts.csv -out decisions.csv
//	go run ./examples/batch -list optouts.txt -country 1 -all-phone-columns -in contacts.csv -out decisions.csv
//
// The output has the input's rows as they were, byte for byte, with four more columns: verdict,
// blocked, reason and fallback. It appears under its name when it is complete, and not before; a
// file that is there already is replaced only with -force. "-" stands for standard input and
// output. Rows of an input in UTF-16 come out as UTF-8.
//
// The files of -list have a number on each line unless -list-column or -list-format says otherwise:
// -list-format ftc reads the national registry of the United States as it is downloaded.
//
// A row is callable only if every number in it is: with several columns of numbers a fifth column,
// decided_by, names the one that decided. Empty cells do not count, and a row without a number is
// not callable. Where the header has several columns that may have numbers, they must be named with
// -column, or all taken with -all-phone-columns. A column such as "Do Not Call" must be named with
// -opt-out-column, -permission-column or -ignore-column. Package contactfile says what else is refused.
//
// It ends with 0 if every number was decided, 3 if the output is complete but some numbers are
// unknown (and blocked), 1 after an error, and 2 if it was called wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// The codes that the process ends with.
const (
	exitOK      = 0
	exitError   = 1
	exitUsage   = 2
	exitUnknown = 3
)

func main() {
	redis.SetLogger(redisLog{}) // by itself the client writes to stderr past slog
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but for signals and the process's own streams, so a test can be one.
func run(ctx context.Context, args []string, stdin io.ReadCloser, stdout, stderr io.Writer) int {
	c, err := readConfig(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "batch:", err)
		return exitUsage
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(stderr, nil))) // incidents of dnc.Protect go to the default logger
	unknown, err := scrub(ctx, c, stdin, stdout, stderr)
	switch {
	case errors.Is(err, errUsage):
		_, _ = fmt.Fprintln(stderr, "batch:", err)
		return exitUsage
	case err != nil:
		_, _ = fmt.Fprintln(stderr, "batch:", err)
		return exitError
	case unknown > 0:
		return exitUnknown
	}
	return exitOK
}

// redisLog hands on what the Redis client has to say: addresses and errors of connections, never a
// command's arguments.
type redisLog struct{}

func (redisLog) Printf(ctx context.Context, format string, v ...any) {
	slog.WarnContext(ctx, "redis client", "message", fmt.Sprintf(format, v...))
}
