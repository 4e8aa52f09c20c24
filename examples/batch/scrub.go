package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dnc-go/dnc/contactfile"
)

// scrub checks all rows and returns how many numbers stayed unknown.
func scrub(ctx context.Context, c config, stdin io.ReadCloser, stdout, stderr io.Writer) (unknown int, err error) {
	checker, closeChecker, err := newChecker(ctx, c, stderr)
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

	out, err := openOutput(c.out, source, c.lists, stdout, c.force)
	if err != nil {
		return 0, err
	}
	defer out.discard()
	contacts, err := contactfile.Open(in, c.contacts)
	if err != nil {
		return 0, explain(ctx, err)
	}
	if err := mayAdd(contacts.Names()); err != nil {
		return 0, err
	}
	if contacts.UTF16() {
		_, _ = fmt.Fprintln(stderr, "batch: the input is UTF-16, and the output is UTF-8")
	}
	for _, name := range contacts.PhoneColumns() {
		_, _ = fmt.Fprintf(stderr, "batch: there are numbers in column %q\n", name)
	}
	several := len(contacts.PhoneColumns())+len(c.contacts.OptOutColumns)+len(c.contacts.PermissionColumns) > 1
	p := newProgress(stderr)
	if err := copyRows(ctx, checker, contacts, several, out.Writer, p); err != nil {
		p.print("stopped")
		return 0, explain(ctx, err)
	}
	if err := out.commit(); err != nil {
		return 0, err
	}
	if n := contacts.EmptyLines(); n > 0 {
		_, _ = fmt.Fprintf(stderr, "batch: empty lines that were left out: %d\n", n)
	}
	p.print("done")
	p.printCauses()
	return p.rows.Unknown, nil
}

// detach makes a reader that can be closed while it waits for standard input, whose own reads
// nothing can interrupt. One that is under way then ends with the process.
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

// explain is orInterrupted, and names the flags that say which columns are meant.
func explain(ctx context.Context, err error) error {
	if errors.Is(err, contactfile.ErrColumns) {
		err = fmt.Errorf("%w (-column, -all-phone-columns, -opt-out-column, -permission-column, -calling-code-column and -ignore-column name columns)", err)
	}
	return orInterrupted(ctx, err)
}
