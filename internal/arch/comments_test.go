package arch

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// packageComments finds packages that have no comment, or more than one.
func packageComments(files []source) []string {
	comments := map[string]int{}
	for _, s := range files {
		if s.test() {
			continue
		}
		comments[path.Dir(s.path)] += len(docs(s.file.Doc))
	}
	var found []string
	for dir, n := range comments {
		if n != 1 {
			found = append(found, fmt.Sprintf("package %s has %d comments, want one", dir, n))
		}
	}
	return found
}

// docs is the comment as a list of none or one.
func docs(c *ast.CommentGroup) []string {
	if c == nil || strings.TrimSpace(c.Text()) == "" {
		return nil
	}
	return []string{c.Text()}
}

// undocumented finds exported names without a comment. Methods that everybody
// knows need none, nor do those of types that nobody sees.
func undocumented(files []source) []string {
	var found []string
	for _, s := range files {
		if s.test() {
			continue
		}
		for _, d := range s.file.Decls {
			for _, name := range bare(d) {
				found = append(found, fmt.Sprintf("%s: %s has no comment", s.at(d), name))
			}
		}
	}
	return found
}

// bare is the exported names of a declaration that are not documented.
func bare(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		known := d.Recv != nil && (slices.Contains([]string{"String", "Error", "Unwrap"}, d.Name.Name) || !ast.IsExported(receiver(d)))
		if d.Name.IsExported() && !known && len(docs(d.Doc)) == 0 {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		if len(docs(d.Doc)) == 0 {
			return bareSpecs(d.Specs)
		}
	}
	return nil
}

func bareSpecs(specs []ast.Spec) []string {
	var names []string
	for _, spec := range specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && len(docs(s.Doc)) == 0 {
				names = append(names, s.Name.Name)
			}
		case *ast.ValueSpec:
			if s.Names[0].IsExported() && len(docs(s.Doc)) == 0 && len(docs(s.Comment)) == 0 {
				names = append(names, s.Names[0].Name)
			}
		}
	}
	return names
}

// receiver is the name of a method's type.
func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// Lengths that no file exceeds.
const (
	longest     = 500
	longestTest = 800
)

// tooLong finds files that ask to be split.
func tooLong(files []source) []string {
	var found []string
	for _, s := range files {
		limit := longest
		if s.test() {
			limit = longestTest
		}
		if s.lines > limit {
			found = append(found, fmt.Sprintf("%s has %d lines, at most %d are allowed", s.path, s.lines, limit))
		}
	}
	return found
}

func TestPackageComments(t *testing.T) {
	const with, without = "// Package a is one.\npackage a\n", "package a\n"
	for _, c := range []struct {
		name string
		text []string
		want []string
	}{
		{"one", []string{with, without}, nil},
		{"none", []string{without, without}, []string{"package internal/a has 0 comments"}},
		{"two", []string{with, with}, []string{"package internal/a has 2 comments"}},
		{"set apart by a line", []string{"// Package a is one.\n\npackage a\n"}, []string{"0 comments"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var files []source
			for i, text := range c.text {
				files = append(files, parse(t, fmt.Sprintf("internal/a/%d.go", i), text))
			}
			wantViolations(t, packageComments(files), c.want)
		})
	}
}

func TestNamesWithoutComments(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"a function", "func F() {}", []string{"F has no comment"}},
		{"a function with one", "// F does.\nfunc F() {}", nil},
		{"an unexported function", "func f() {}", nil},
		{"a method", "// T is.\ntype T int\nfunc (t *T) M() {}", []string{"M has no comment"}},
		{"a method of a generic type", "// T is.\ntype T[K any] []K\nfunc (t T[K]) M() {}", []string{"M has no comment"}},
		{"a method that everybody knows", "// T is.\ntype T int\nfunc (t T) String() string { return \"\" }", nil},
		{"a method of an unexported type", "type t int\nfunc (x t) M() {}", nil},
		{"a type", "type T int", []string{"T has no comment"}},
		{"types in a group", "type (\n\tT int\n\t// U is.\n\tU int\n)", []string{"T has no comment"}},
		{"a constant", "const C = 1", []string{"C has no comment"}},
		{"constants of a group with a comment", "// The limits.\nconst (\n\tC = 1\n\tD = 2\n)", nil},
		{"a comment behind it", "const (\n\tC = 1 // one\n\tD = 2\n)", []string{"D has no comment"}},
		{"a directive is no comment", "//go:noinline\nfunc F() {}", []string{"F has no comment"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantViolations(t, undocumented([]source{parse(t, "internal/a/a.go", "package a\n\n"+c.text+"\n")}), c.want)
			wantViolations(t, undocumented([]source{parse(t, "internal/a/a_test.go", "package a\n\n"+c.text+"\n")}), nil)
		})
	}
}

func TestLongFiles(t *testing.T) {
	text := func(lines int) string { return "package a\n" + strings.Repeat("\n", lines-1) }
	files := []source{
		parse(t, "internal/a/a.go", text(500)), parse(t, "internal/a/b.go", text(501)),
		parse(t, "internal/a/a_test.go", text(800)), parse(t, "internal/a/b_test.go", text(801)),
	}
	wantViolations(t, tooLong(files), []string{"a/b.go has 501 lines", "a/b_test.go has 801 lines"})
}
