package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"strings"
)

// listed is what go list -json says of a package, as far as it is needed here.
type listed struct {
	Dir, ImportPath, Name, Export string
	GoFiles                       []string
	Module                        *struct {
		Path string
		Main bool
	}
}

// public tells whether programs outside of the module can import the package.
func (p listed) public() bool {
	return p.Module != nil && p.Module.Main && p.Name != "main" && len(p.GoFiles) > 0 && // some have only tests
		!strings.Contains("/"+p.ImportPath+"/", "/internal/")
}

// exported returns a file for each public package of the module. It reads what the compiler
// exports: the types are those that a caller gets, also where the source leaves them out.
func exported(ctx context.Context, module string) (map[string][]byte, error) {
	packages, err := list(ctx, module)
	if err != nil {
		return nil, err
	}
	compiled := map[string]string{}
	for _, p := range packages {
		compiled[p.ImportPath] = p.Export
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(name string) (io.ReadCloser, error) {
		if compiled[name] == "" {
			return nil, fmt.Errorf("%s was not compiled", name)
		}
		return os.Open(compiled[name])
	})
	files := map[string][]byte{}
	for _, p := range packages {
		if !p.public() {
			continue
		}
		pkg, err := imp.Import(p.ImportPath)
		if err != nil {
			return nil, err
		}
		files[fileName(p)] = describe(pkg)
	}
	return files, nil
}

// fileName is dnc.txt for the package at the module's root, genesys-genesystest.txt for
// genesys/genesystest.
func fileName(p listed) string {
	rel := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, p.Module.Path), "/")
	if rel == "" {
		rel = path.Base(p.Module.Path)
	}
	return strings.ReplaceAll(rel, "/", "-") + ".txt"
}

// list compiles the module's packages for Linux, so that every machine records the same.
func list(ctx context.Context, module string) ([]listed, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-export", "-deps", "-json=Dir,ImportPath,Name,Export,GoFiles,Module", "./...")
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "GOFLAGS=-mod=readonly", "GOWORK=off")
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w", module, err)
	}
	var packages []listed
	for dec := json.NewDecoder(bytes.NewReader(text)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("what go list printed: %w", err)
		}
		packages = append(packages, p)
	}
}
