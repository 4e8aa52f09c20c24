// Generate writes files of a national Do-Not-Call list for tests, in the forms that regulators
// have, of any size, the same for the same seed:
//
//	go run ./examples/import/generate -out /tmp/list -size 1000000
//	go run ./examples/import -dry-run -obtained mtime /tmp/list/*
//
// Every number in them is made up. It ends with 0, with 1 after an error, and with 2 if it was
// called wrong.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/dnc-go/dnc/internal/listgen"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the whole program but for the process's own streams, so a test can be one.
func run(args []string, stdout, stderr io.Writer) int {
	c, err := readConfig(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "generate:", err)
		return 2
	}
	if err := generate(c, stdout); err != nil {
		_, _ = fmt.Fprintln(stderr, "generate:", err)
		return 1
	}
	return 0
}

// config is what the flags say.
type config struct {
	out  string
	list listgen.List
	form listgen.Form
}

func readConfig(args []string, help io.Writer) (config, error) {
	var c config
	var format string
	fs := flag.NewFlagSet("generate", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.out, "out", "", "`directory` for the files; it must be empty, and is created if it does not exist")
	fs.IntVar(&c.list.Size, "size", 1_000_000, "how many numbers")
	fs.Uint64Var(&c.list.Seed, "seed", 1, "seed of the random numbers: the same seed and size make the same list")
	fs.StringVar(&format, "format", "ftc", "format of the files: ftc or canada")
	fs.BoolVar(&c.form.XML, "xml", false, "XML instead of rows")
	fs.BoolVar(&c.form.Zip, "zip", false, "pack the files: a zip for each area code; for canada one zip with all")
	fs.BoolVar(&c.form.Shuffle, "shuffle", false, "write the numbers of a file in random order")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fs.SetOutput(help)
			fs.Usage()
			return c, err
		}
		return c, fmt.Errorf("%w; -h lists the flags", err)
	}
	c.list.Canada = format == "canada"
	switch {
	case fs.NArg() > 0:
		return c, errors.New("there are arguments without a flag; -h lists the flags")
	case c.out == "":
		return c, errors.New("-out is missing: name a directory for the files")
	case c.list.Size < 1:
		return c, errors.New("-size is at least 1")
	case format != "ftc" && format != "canada":
		return c, errors.New("-format is ftc or canada")
	}
	return c, nil
}

// generate writes the files. Older ones beside them would be imported together with them, so it
// refuses a directory that has any.
func generate(c config, stdout io.Writer) error {
	if err := os.MkdirAll(c.out, 0o750); err != nil {
		return err
	}
	entries, err := os.ReadDir(c.out)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("-out: %s is not empty: name a new directory", c.out)
	}
	paths, areas, err := c.list.Write(c.out, c.form)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "generate: %d numbers of %d area codes in %d files in %s\n", c.list.Size, len(areas), len(paths), c.out)
	return err
}
