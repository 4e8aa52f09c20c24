// Command api writes down the exported API of every public package of a module, one file for each
// package and one line for each name, so that a review sees what a change does to it.
//
//	go run . -module ../.. -files ../../api          compares, and fails where something differs
//	go run . -module ../.. -files ../../api -record  renews the files
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	module := flag.String("module", ".", "the directory of the module")
	files := flag.String("files", "api", "the directory of the recorded files")
	record := flag.Bool("record", false, "renew the recorded files")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *module, *files, *record); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, module, dir string, record bool) error {
	now, err := exported(ctx, module)
	if err != nil {
		return err
	}
	if len(now) == 0 {
		return fmt.Errorf("module %s has no public package", module)
	}
	recorded, err := read(dir)
	if err != nil {
		return err
	}
	if record {
		return write(dir, recorded, now)
	}
	var changes strings.Builder
	for _, name := range slices.Sorted(maps.Keys(union(recorded, now))) {
		if bytes.Equal(recorded[name], now[name]) {
			continue
		}
		changes.WriteString(name + "\n")
		diff(&changes, recorded[name], now[name])
	}
	if changes.Len() > 0 {
		if _, err := io.WriteString(out, changes.String()); err != nil {
			return err
		}
		return errors.New("the public API differs from the recorded one (- recorded, + now); " +
			"if the change is meant, run make api-record and commit the directory api with it")
	}
	return nil
}

func union(a, b map[string][]byte) map[string][]byte {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func read(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	recorded := map[string][]byte{}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".txt" {
			continue
		}
		if recorded[entry.Name()], err = fs.ReadFile(os.DirFS(dir), entry.Name()); err != nil {
			return nil, err
		}
	}
	return recorded, nil
}

func write(dir string, recorded, now map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for name := range recorded {
		if now[name] == nil {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	for name, text := range now {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// diff prints the lines that only one of the two has. The files are sorted, so their order says
// nothing.
func diff(out *strings.Builder, recorded, now []byte) {
	was, is := strings.Split(string(recorded), "\n"), strings.Split(string(now), "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			out.WriteString("- " + line + "\n")
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			out.WriteString("+ " + line + "\n")
		}
	}
}
