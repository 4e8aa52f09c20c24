package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

type source struct {
	path string
	text []byte
	fset *token.FileSet
}

// A mutant replaces the bytes from start to end of one file.
type mutant struct {
	file       *source
	line       int
	start, end int
	with       string
	fn         string // the function or method, empty outside of all
	what       string
	behind     string // declarations for the end of the file, which keep its imports in use
	site       site   // how the mutant lives beside others in one build; empty where it cannot
}

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d %s", filepath.Base(m.file.path), m.line, m.name())
}

// name stays the same when lines are added above the mutant.
func (m mutant) name() string {
	if m.fn == "" {
		return m.what
	}
	return m.fn + ": " + m.what
}

func (m mutant) apply() []byte {
	return slices.Concat(m.file.text[:m.start], []byte(m.with), m.file.text[m.end:], []byte(m.behind))
}

// mutants changes the files whose names match one of patterns, all files where there is none.
func (p pkg) mutants(patterns []string) ([]mutant, error) {
	var all []mutant
	for _, name := range p.GoFiles {
		if len(patterns) > 0 && !slices.ContainsFunc(patterns, func(pattern string) bool {
			ok, _ := path.Match(pattern, name) // run has checked the pattern
			return ok
		}) {
			continue
		}
		file := filepath.Join(p.Dir, name)
		text, err := os.ReadFile(file) //nolint:gosec // a file that go list names
		if err != nil {
			return nil, err
		}
		found, err := parse(file, text)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	number(all)
	return all, nil
}

// number tells mutants of one name in one function apart.
func number(all []mutant) {
	seen := map[string]int{}
	for i := range all {
		key := all[i].file.path + " " + all[i].name()
		seen[key]++
		if n := seen[key]; n > 1 {
			all[i].what += fmt.Sprintf(" #%d", n)
		}
	}
}

// sample picks maximum mutants, the same ones for the same seed, and keeps their order.
func sample(all []mutant, maximum int, seed uint64) []mutant {
	if maximum == 0 || len(all) <= maximum {
		return all
	}
	picked := rand.New(rand.NewPCG(seed, 0)).Perm(len(all))[:maximum]
	slices.Sort(picked)
	some := make([]mutant, len(picked))
	for i, n := range picked {
		some[i] = all[n]
	}
	return some
}

// parse finds the mutants of one file, in the order of its text. A generated file has none.
func parse(name string, text []byte) ([]mutant, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	if ast.IsGenerated(tree) {
		return nil, nil
	}
	f := finder{file: &source{path: name, text: text, fset: fset}, tree: tree, statements: map[ast.Stmt]bool{}}
	f.walk(tree, nil)
	slices.SortStableFunc(f.found, func(a, b mutant) int { return a.start - b.start })
	return f.found, nil
}

type finder struct {
	file       *source
	tree       *ast.File
	fn         string
	statements map[ast.Stmt]bool // those that stand where an if statement can stand
	found      []mutant
}

// walk visits node, whose return statements belong to a function with the given results.
func (f *finder) walk(node ast.Node, results *ast.FieldList) {
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil {
				f.fn = f.function(n)
				f.walk(n.Body, n.Type.Results)
				f.fn = ""
			}
			return false
		case *ast.GenDecl:
			if n.Tok == token.CONST {
				return false // a change of a constant is a change of its value, which is none of ours
			}
		case *ast.BlockStmt:
			f.list(n.List)
		case *ast.CaseClause:
			f.list(n.Body)
		case *ast.CommClause:
			f.list(n.Body)
		case *ast.FuncLit:
			f.walk(n.Body, n.Type.Results)
			return false
		case *ast.IfStmt:
			f.negate(n.Cond)
		case *ast.ForStmt:
			if n.Cond != nil {
				f.negate(n.Cond)
			}
		case *ast.BinaryExpr:
			f.operator(n)
		case *ast.ExprStmt:
			if _, ok := n.X.(*ast.CallExpr); ok {
				f.remove(n)
			}
		case *ast.ReturnStmt:
			f.zeros(n, results)
		case *ast.Ident:
			f.constant(n)
		}
		return true
	})
}

func (f *finder) list(statements []ast.Stmt) {
	for _, s := range statements {
		f.statements[s] = true
	}
}

// function is the name of n, behind that of its receiver's type.
func (f *finder) function(n *ast.FuncDecl) string {
	if n.Recv == nil {
		return n.Name.Name
	}
	receiver := strings.TrimPrefix(f.text(n.Recv.List[0].Type), "*")
	receiver, _, _ = strings.Cut(receiver, "[")
	return receiver + "." + n.Name.Name
}

var operators = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL,
	token.LSS: token.LEQ, token.LEQ: token.LSS,
	token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.LAND: token.LOR, token.LOR: token.LAND,
}

func (f *finder) operator(n *ast.BinaryExpr) {
	if to, ok := operators[n.Op]; ok {
		end := n.OpPos + token.Pos(len(n.Op.String()))
		f.add(n.OpPos, end, to.String(), fmt.Sprintf("%s to %s in %s", n.Op, to, f.quote(n)), f.site(condition, n))
	}
}

// negate leaves out a single == or !=, because operator makes the same mutant of it.
func (f *finder) negate(cond ast.Expr) {
	if b, ok := cond.(*ast.BinaryExpr); ok && (b.Op == token.EQL || b.Op == token.NEQ) {
		return
	}
	f.add(cond.Pos(), cond.End(), "!("+f.text(cond)+")", "negate "+f.quote(cond), f.site(condition, cond))
}

// remove keeps the line breaks of a call, so that the lines behind it keep their numbers.
func (f *finder) remove(n *ast.ExprStmt) {
	var s site
	if f.statements[n] && !strings.HasPrefix(f.text(n), "panic(") { // a function may have to end with panic
		s = f.site(deletion, n)
	}
	f.add(n.Pos(), n.End(), strings.Repeat("\n", strings.Count(f.text(n), "\n")), "delete "+f.quote(n), s)
	f.keepImports(n)
}

// keepImports lets the last mutant build where it drops the only use of a package: an import that is
// not used is an error.
func (f *finder) keepImports(dropped ast.Node) {
	uses := f.uses(dropped)
	for _, spec := range f.tree.Imports {
		name := path.Base(strings.Trim(spec.Path.Value, `"`))
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if n := len(uses[name]); n > 0 && n == len(f.uses(f.tree)[name]) {
			f.found[len(f.found)-1].behind += "var _ = " + uses[name][0] + "\n"
		}
	}
}

// uses has the names with a dot in n, by what is before the dot.
func (f *finder) uses(n ast.Node) map[string][]string {
	uses := map[string][]string{}
	ast.Inspect(n, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				uses[x.Name] = append(uses[x.Name], f.text(s))
			}
		}
		return true
	})
	return uses
}

var zero = map[string]string{"error": "nil", "string": `""`, "int": "0"}

// zeros returns the zero value in place of each result whose type has one that can be told without
// type checking.
func (f *finder) zeros(n *ast.ReturnStmt, results *ast.FieldList) {
	if results == nil || len(n.Results) != results.NumFields() {
		return
	}
	var types []ast.Expr
	for _, field := range results.List {
		types = append(types, slices.Repeat([]ast.Expr{field.Type}, max(1, len(field.Names)))...)
	}
	for i, value := range n.Results {
		to, ok := zero[f.text(types[i])]
		if _, pointer := types[i].(*ast.StarExpr); pointer {
			to, ok = "nil", true
		}
		if ok && f.text(value) != to {
			f.add(value.Pos(), value.End(), to, fmt.Sprintf("return %s for %s", to, f.quote(value)), f.site(exit, n))
			f.keepImports(value)
		}
	}
}

func (f *finder) constant(n *ast.Ident) {
	if value, err := strconv.ParseBool(n.Name); err == nil && len(n.Name) > 1 && strings.ToLower(n.Name) == n.Name {
		to := strconv.FormatBool(!value)
		f.add(n.Pos(), n.End(), to, n.Name+" to "+to, f.site(condition, n))
	}
}

func (f *finder) add(start, end token.Pos, with, what string, s site) {
	at := f.file.fset.Position(start)
	f.found = append(f.found, mutant{
		file: f.file, line: at.Line, start: at.Offset, end: at.Offset + int(end-start), with: with,
		fn: f.fn, what: what, site: s,
	})
}

func (f *finder) site(k kind, n ast.Node) site {
	start := f.file.fset.Position(n.Pos()).Offset
	return site{kind: k, start: start, end: start + int(n.End()-n.Pos())}
}

func (f *finder) text(n ast.Node) string {
	start := f.file.fset.Position(n.Pos()).Offset
	return string(f.file.text[start : start+int(n.End()-n.Pos())])
}

// quote is the text of n on one line, at most 60 characters of it.
func (f *finder) quote(n ast.Node) string {
	text := []rune(strings.Join(strings.Fields(f.text(n)), " "))
	if len(text) > 60 {
		text = append(text[:57], []rune("...")...)
	}
	return string(text)
}
