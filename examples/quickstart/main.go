// Quickstart shows in a minute what the library does, without Redis and without credentials:
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run shows one part after the other, so that each can be read, and copied, by itself.
func run(ctx context.Context, out io.Writer) error {
	for _, part := range []func(context.Context, io.Writer) error{scrub, doubt, campaign, next} {
		if err := part(ctx, out); err != nil {
			return err
		}
	}
	return nil
}
