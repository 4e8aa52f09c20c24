package main

import (
	"fmt"
	"go/constant"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// describe has one line for each exported name of the package, field and method, sorted.
func describe(pkg *types.Package) []byte {
	d := describer{qualify: func(p *types.Package) string {
		if p == pkg {
			return ""
		}
		return p.Path()
	}}
	for _, name := range pkg.Scope().Names() {
		if object := pkg.Scope().Lookup(name); object.Exported() {
			d.object(object)
		}
	}
	slices.Sort(d.lines)
	return []byte("package " + pkg.Path() + "\n\n" + strings.Join(d.lines, "\n") + "\n")
}

type describer struct {
	qualify types.Qualifier
	lines   []string
}

// unnamed is what the compiler calls a result without a name beside one that has one.
var unnamed = regexp.MustCompile(`#rv[0-9]+ `)

func (d *describer) add(format string, args ...any) {
	d.lines = append(d.lines, unnamed.ReplaceAllString(fmt.Sprintf(format, args...), ""))
}

func (d *describer) text(t types.Type) string { return types.TypeString(t, d.qualify) }

func (d *describer) object(object types.Object) {
	switch o := object.(type) {
	case *types.Const:
		d.constant(o)
	case *types.TypeName:
		d.typeName(o)
	default: // variables and functions
		d.add("%s", types.ObjectString(o, d.qualify))
	}
}

func (d *describer) constant(o *types.Const) {
	kind := " " + d.text(o.Type())
	if basic, ok := o.Type().(*types.Basic); ok && basic.Info()&types.IsUntyped != 0 {
		kind = ""
	}
	value := o.Val().ExactString()
	if o.Val().Kind() == constant.Float {
		value = o.Val().String()
	}
	d.add("const %s%s = %s", o.Name(), kind, value)
}

func (d *describer) typeName(o *types.TypeName) {
	if o.IsAlias() {
		d.add("%s", types.ObjectString(o, d.qualify))
		return
	}
	named := o.Type().(*types.Named) //nolint:forcetypeassert // a type that is no alias, at the package's top
	name := d.text(named)
	switch u := named.Underlying().(type) {
	case *types.Struct:
		d.structure(name, u)
	case *types.Interface:
		d.interfaceType(name, u)
		return // its methods are in it
	default:
		d.add("type %s %s", name, d.text(u))
	}
	d.methods(o.Name(), named)
}

// structure says besides the fields what a caller's program can rely on: whether values can be
// compared, and whether a literal can name every field.
func (d *describer) structure(name string, s *types.Struct) {
	var notes []string
	for field := range s.Fields() {
		if !field.Exported() && len(notes) == 0 {
			notes = append(notes, "has unexported fields")
		}
		if field.Exported() {
			d.field(name, s, field)
		}
	}
	if !types.Comparable(s) {
		notes = append(notes, "cannot be compared")
	}
	line := "type " + name + " struct"
	if len(notes) > 0 {
		line += " // " + strings.Join(notes, ", ")
	}
	d.add("%s", line)
}

func (d *describer) field(name string, s *types.Struct, field *types.Var) {
	tag := ""
	for i := range s.NumFields() {
		if s.Field(i) == field && s.Tag(i) != "" {
			tag = " `" + s.Tag(i) + "`"
		}
	}
	if field.Embedded() {
		d.add("type %s struct, embedded %s%s", name, d.text(field.Type()), tag)
		return
	}
	d.add("type %s struct, %s %s%s", name, field.Name(), d.text(field.Type()), tag)
}

func (d *describer) interfaceType(name string, i *types.Interface) {
	if i.NumMethods() == 0 {
		d.add("type %s %s", name, d.text(i))
		return
	}
	sealed := ""
	for method := range i.Methods() {
		if !method.Exported() {
			sealed = " // has unexported methods"
			continue
		}
		d.add("type %s interface, %s%s", name, method.Name(), strings.TrimPrefix(d.text(method.Type()), "func"))
	}
	d.add("type %s interface%s", name, sealed)
}

// methods also has those that an embedded field brings.
func (d *describer) methods(name string, named *types.Named) {
	values := types.NewMethodSet(named)
	pointers := types.NewMethodSet(types.NewPointer(named))
	for selection := range pointers.Methods() {
		method := selection.Obj()
		if !method.Exported() {
			continue
		}
		receiver := "*" + name
		if values.Lookup(method.Pkg(), method.Name()) != nil {
			receiver = name
		}
		d.add("method (%s) %s%s", receiver, method.Name(), strings.TrimPrefix(d.text(selection.Type()), "func"))
	}
}
