package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/dnc-go/dnc"
)

// scrub checks all rows and returns how many numbers stayed unknown.
func scrub(ctx context.Context, c config, stdin io.ReadCloser, stdout, stderr io.Writer) (unknown int, err error) {
	checker, closeChecker, err := newChecker(c)
	if err != nil {
		return 0, err
	}
	defer closeChecker()
	source, in := stdin, stdin
	if c.in == "-" {
		in = detach(stdin)
	} else {
		file, err := os.Open(c.in)
		if err != nil {
			return 0, err
		}
		source, in = file, file
	}
	defer func() { _ = in.Close() }()
	stopReading := context.AfterFunc(ctx, func() { _ = in.Close() }) // a read heeds no context
	defer stopReading()

	out, err := openOutput(c.out, source, stdout)
	if err != nil {
		return 0, err
	}
	defer out.discard()
	rows, err := openTable(in, c.column)
	if err != nil {
		return 0, orInterrupted(ctx, err)
	}
	_, _ = fmt.Fprintf(stderr, "batch: the numbers are in column %q\n", rows.names[rows.column])
	p := newProgress(stderr)
	if err := copyRows(ctx, checker, c.parser, rows, out.Writer, p); err != nil {
		p.print("stopped")
		return 0, orInterrupted(ctx, err)
	}
	if err := out.commit(); err != nil {
		return 0, err
	}
	if rows.blank > 0 {
		_, _ = fmt.Fprintf(stderr, "batch: %d empty lines were left out\n", rows.blank)
	}
	p.print("done")
	return p.unknown, nil
}

// detach makes a reader that can be closed while it waits for standard input, whose own reads nothing can interrupt. One that is under
// way then ends with the process.
func detach(in io.Reader) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		_, err := io.Copy(w, in)
		_ = w.CloseWithError(err)
	}()
	return r
}

// orInterrupted tells the end of ctx from the error of a read that it cut short.
func orInterrupted(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("interrupted: %w", cause)
	}
	return err
}

// copyRows writes the header and every row with its decision. It keeps no more rows than dnc.Stream asks for at a time.
func copyRows(ctx context.Context, checker dnc.Checker, parser dnc.Parser, t *table, out *bufio.Writer, p *progress) error {
	end := t.header.end
	if end == "" {
		end = "\n"
	}
	if _, err := out.WriteString(t.bom + t.header.text + "," + strings.Join(added, ",") + end); err != nil {
		return err
	}
	phone := func(r row) (dnc.Number, error) { return parser.Parse(r.phone) }
	for c, err := range dnc.Stream(ctx, checker, t.rows(), phone) {
		if err != nil {
			return err
		}
		d := c.Decision
		p.count(d)
		for _, s := range [...]string{
			c.Input.text, ",", d.Verdict.String(), ",", strconv.FormatBool(!d.Callable()), ",", d.Reason().Code, ",",
			strconv.FormatBool(d.Fallback), c.Input.end,
		} {
			if _, err := out.WriteString(s); err != nil {
				return err
			}
		}
	}
	return nil
}
