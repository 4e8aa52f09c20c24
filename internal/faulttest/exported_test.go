package faulttest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// source is a file of a public package that is not a test.
type source struct {
	dir  string // from the root, "." for the root package
	file *ast.File
}

// publicSources parses the packages that other modules can import and that belong to this module.
func publicSources(t *testing.T) (all []source) {
	t.Helper()
	const root = "../.."
	require.NoError(t, filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		dir := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(name, root), string(filepath.Separator)))
		if d.IsDir() && dir != "" {
			_, err := os.Stat(filepath.Join(name, "go.mod"))
			switch base := path.Base(dir); {
			case err == nil, base == "internal", base == "examples", base == "testdata", base == "docs", strings.HasPrefix(base, "."):
				return filepath.SkipDir
			}
			return nil
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		if file.Name.Name != "main" {
			all = append(all, source{path.Dir(dir), file})
		}
		return nil
	}))
	require.NotEmpty(t, all)
	return all
}

// nillable is a place where a caller may give a nil function or a nil logger: a parameter of an
// exported function, or a field of an exported struct.
type nillable struct {
	logger  bool
	comment string // of the function, the field or the type
}

// nillables finds all of them, as "retry.Do.fn" and "retry.Policy.Logger".
func nillables(t *testing.T) map[string]nillable {
	t.Helper()
	out := map[string]nillable{}
	for _, src := range publicSources(t) {
		pkg := src.dir
		if pkg == "." {
			pkg = "dnc"
		}
		for _, decl := range src.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				name, ok := publicName(d)
				if !ok {
					continue
				}
				addFields(out, pkg+"."+name, d.Type.Params, d.Doc.Text(), false)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					typ, ok := spec.(*ast.TypeSpec)
					if !ok || !typ.Name.IsExported() {
						continue
					}
					if s, ok := typ.Type.(*ast.StructType); ok {
						addFields(out, pkg+"."+typ.Name.Name, s.Fields, d.Doc.Text()+typ.Doc.Text(), true)
					}
				}
			}
		}
	}
	return out
}

// publicName is the name of a function, or of a method of an exported type.
func publicName(f *ast.FuncDecl) (string, bool) {
	if !f.Name.IsExported() {
		return "", false
	}
	if f.Recv == nil {
		return f.Name.Name, true
	}
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if index, ok := typ.(*ast.IndexExpr); ok {
		typ = index.X
	}
	id, ok := typ.(*ast.Ident)
	return typeName(id) + "." + f.Name.Name, ok && id.IsExported()
}

func typeName(id *ast.Ident) string {
	if id == nil {
		return ""
	}
	return id.Name
}

func addFields(out map[string]nillable, of string, fields *ast.FieldList, comment string, exported bool) {
	for _, f := range fields.List {
		logger, function := kindOf(f.Type)
		if !logger && !function {
			continue
		}
		for _, name := range f.Names {
			if !exported || name.IsExported() {
				out[of+"."+name.Name] = nillable{logger, comment + f.Doc.Text() + f.Comment.Text()}
			}
		}
	}
}

func kindOf(typ ast.Expr) (logger, function bool) {
	switch typ := typ.(type) {
	case *ast.FuncType:
		return false, true
	case *ast.Ellipsis:
		_, function = typ.Elt.(*ast.FuncType)
		return false, function
	case *ast.IndexListExpr: // iter.Seq2
		sel, ok := typ.X.(*ast.SelectorExpr)
		return false, ok && sel.Sel.Name == "Seq2"
	case *ast.StarExpr:
		sel, ok := typ.X.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Logger", false
	}
	return false, false
}
