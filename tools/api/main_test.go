package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const source = `package toy

import "errors"

type hidden struct{ Inner int }

func (hidden) Promoted() {}

type T struct {
	hidden
	A    string ` + "`json:\"a\"`" + `
	b    []int
}

func (*T) M(n int) (int, error) { return n, nil }
func (*T) m() {}

type I interface{ F(); g() }
type E interface{}
type F func(a, b int) bool
type Alias = T

type G[K comparable] struct{ V K }

const Name = "toy"
const Two F2 = 2

type F2 int

var ErrNone = errors.New("none")

func New[K comparable](k K) (G[K], error) { return G[K]{V: k}, nil }
func lower() {}
`

const want = `package example.com/toy

const Name = "toy"
const Two F2 = 2
func New[K comparable](k K) (G[K], error)
method (*T) M(n int) (int, error)
method (T) Promoted()
type Alias = T
type E interface{}
type F func(a int, b int) bool
type F2 int
type G[K comparable] struct
type G[K comparable] struct, V K
type I interface // has unexported methods
type I interface, F()
type T struct // has unexported fields, cannot be compared
type T struct, A string ` + "`json:\"a\"`" + `
var ErrNone error
`

// toy writes a module with a public package, an internal one and a command.
func toy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	put(t, dir, "go.mod", "module example.com/toy\n\ngo 1.26.0\n")
	put(t, dir, "toy.go", source)
	put(t, dir, "toy_windows.go", "package toy\n\nfunc OnWindowsAlone() {}\n")
	put(t, dir, "sub/part/part.go", "package part\n\nfunc P() {}\n")
	put(t, dir, "internal/in/in.go", "package in\n\nfunc P() {}\n")
	put(t, dir, "tests/only_test.go", "package tests\n\nfunc P() {}\n")
	put(t, dir, "cmd/main.go", "package main\n\nfunc main() {}\n\nfunc P() {}\n")
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsRecorded(t *testing.T) {
	files, err := exported(t.Context(), toy(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || files["sub-part.txt"] == nil {
		t.Errorf("recorded are %v, want toy.txt and sub-part.txt", files)
	}
	if got := string(files["toy.txt"]); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestARecordedFileThatDiffers(t *testing.T) {
	module, recorded := toy(t), t.TempDir()
	var out bytes.Buffer
	if err := run(t.Context(), &out, module, recorded, false); err == nil {
		t.Error("a module without any record passes")
	}
	put(t, recorded, "gone.txt", "of a package that was removed\n")
	if err := run(t.Context(), &out, module, recorded, true); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(recorded, "gone.txt")); err == nil {
		t.Error("the file of a package that was removed stays")
	}
	out.Reset()
	if err := run(t.Context(), &out, module, recorded, false); err != nil || out.Len() > 0 {
		t.Errorf("the record that was just made: %v, %s", err, out.String())
	}

	put(t, module, "toy.go", strings.Replace(source, "F(); g()", "F(int); g()", 1))
	err := run(t.Context(), &out, module, recorded, false)
	if err == nil || !strings.Contains(err.Error(), "make api-record") {
		t.Errorf("a change gives %v, which must name the command that renews the files", err)
	}
	if got, want := out.String(), "toy.txt\n- type I interface, F()\n+ type I interface, F(int)\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAModuleThatHasNone(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "go.mod", "module example.com/none\n\ngo 1.26.0\n")
	put(t, dir, "main.go", "package main\n\nfunc main() {}\n")
	if err := run(t.Context(), &bytes.Buffer{}, dir, t.TempDir(), false); err == nil {
		t.Error("a module without a public package passes")
	}
}
