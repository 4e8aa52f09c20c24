// Systems type-checks every package of a module, with its tests, for systems that the tests do not
// run on. It reads dependencies from source and makes no code, so it takes seconds where go vet
// compiles the standard library for each system.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"golang.org/x/tools/go/packages"
)

func main() {
	module := flag.String("module", "", "directory of the module")
	flag.Parse()
	if *module == "" || flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "systems: want -module DIR and systems, as windows/amd64")
		os.Exit(2)
	}
	failed := false
	for _, system := range flag.Args() {
		if err := check(*module, system); err != nil {
			fmt.Fprintf(os.Stderr, "%s:\n%v\n", system, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

// check returns what does not compile.
func check(module, system string) error {
	goos, goarch, ok := strings.Cut(system, "/")
	if !ok {
		return errors.New("a system is written as windows/amd64")
	}
	found, err := packages.Load(&packages.Config{
		Mode:  packages.LoadAllSyntax,
		Dir:   module,
		Env:   append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0"),
		Tests: true,
	}, "./...")
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return errors.New("the module has no packages")
	}
	var errs []error
	for pkg := range packages.Postorder(found) {
		for _, e := range pkg.Errors {
			errs = append(errs, e)
		}
	}
	return errors.Join(errs...)
}
