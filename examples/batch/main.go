// Batch checks a contact file of any size in constant memory and writes it again with a decision for each row.
//
//	go run ./examples/batch -redis redis://localhost:6379 -in contacts.csv -out decisions.csv
//
// It ends with 0 if every number was decided, 3 if some are unknown, 2 for a wrong call and 1 for an error. The output appears under its
// name only when it is complete.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
)

const (
	exitError   = 1
	exitUsage   = 2
	exitUnknown = 3
)

var errUsage = errors.New("wrong call")

type config struct {
	in, out, redis, column, country string
	geoRules                        bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	var unknown int64
	if err == nil {
		unknown, err = scrub(ctx, c, stdin, stdout, stderr)
	}
	switch {
	case errors.Is(err, errUsage):
		_, _ = fmt.Fprintln(stderr, "batch:", err)
		return exitUsage
	case err != nil:
		_, _ = fmt.Fprintln(stderr, "batch:", err)
		return exitError
	case unknown > 0:
		return exitUnknown
	default:
		return 0
	}
}

func parse(args []string, stderr io.Writer) (config, error) {
	var c config
	f := flag.NewFlagSet("batch", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&c.in, "in", "", "contact file, CSV with a header; - for standard input")
	f.StringVar(&c.out, "out", "", "file for the decisions; - for standard output")
	f.StringVar(&c.redis, "redis", "", "`URL` of Redis, several with commas for a cluster (default: a list in memory with sample data)")
	f.BoolVar(&c.geoRules, "geo-rules", true, "consult the geo rules at dnc:geo_rules")
	f.StringVar(&c.column, "column", "", "name of the column with the number (default: phone, phoneNumber or the like)")
	f.StringVar(&c.country, "country", "", "country code of numbers in national form, as 1 (default: only numbers with + are read)")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return c, err
		}
		return c, fmt.Errorf("%w: %w", errUsage, err)
	}
	switch {
	case f.NArg() > 0:
		return c, fmt.Errorf("%w: unknown argument %q", errUsage, f.Arg(0))
	case c.in == "" || c.out == "":
		return c, fmt.Errorf("%w: -in and -out are needed", errUsage)
	case c.in != "-" && sameFile(c.in, c.out):
		return c, fmt.Errorf("%w: -in and -out are the same file", errUsage)
	}
	return c, nil
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return filepath.Clean(a) == filepath.Clean(b) || errX == nil && errY == nil && os.SameFile(x, y)
}

// scrub opens what the flags name, and puts the output in its place when all went well.
func scrub(ctx context.Context, c config, stdin io.Reader, stdout, stderr io.Writer) (unknown int64, err error) {
	checker, closeChecker, err := newChecker(c, stderr)
	if err != nil {
		return 0, err
	}
	defer closeChecker()
	in := stdin
	if c.in != "-" {
		file, err := os.Open(c.in)
		if err != nil {
			return 0, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	if c.out == "-" {
		return check(ctx, c, checker, in, stdout, stderr)
	}
	temp, err := os.CreateTemp(filepath.Dir(c.out), filepath.Base(c.out)+".part-*")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // it is gone after the rename
	unknown, err = check(ctx, c, checker, in, temp, stderr)
	if err == nil {
		err = temp.Sync()
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temp.Name(), c.out)
	}
	return unknown, err
}

func newChecker(c config, stderr io.Writer) (dnc.Checker, func(), error) {
	if c.redis == "" {
		_, _ = fmt.Fprintln(stderr, "batch: no -redis: answering from sample data in memory")
		listed, err := dnc.ParseNumber("+12125550123")
		return dnc.Protect(dnc.NewMemory("blacklist", listed)), func() {}, err
	}
	options, err := dnc.RedisOptions(c.redis)
	if err != nil {
		return nil, nil, err
	}
	rdb := redis.NewUniversalClient(options)
	var opts []dnc.Option
	if c.geoRules {
		opts = append(opts, dnc.WithGeoRules("dnc:geo_rules"))
	}
	list, err := dnc.NewRedisChecker(rdb, opts...)
	if err != nil {
		_ = rdb.Close()
		return nil, nil, err
	}
	return dnc.Protect(list), func() { _ = rdb.Close() }, nil
}
