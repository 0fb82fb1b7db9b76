package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// module is the prefix of our own import paths.
const module = "github.com/drover-iot/drover/"

// source is one Go file of the tree.
type source struct {
	path  string // from the root of the tree, with slashes
	set   *token.FileSet
	file  *ast.File
	lines int
}

// parse reads a file from its text.
func parse(t testing.TB, name, text string) source {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, name, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return source{path: name, set: set, file: f, lines: strings.Count(text, "\n")}
}

// load reads all Go files of the module at root. Other modules below it and
// what tests keep as data are left out.
func load(t testing.TB, root string) []source {
	t.Helper()
	var files []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(name, root+string(filepath.Separator)))
		switch {
		case d.IsDir() && name != root && skipped(name):
			return filepath.SkipDir
		case d.IsDir() || path.Ext(rel) != ".go":
			return nil
		}
		text, err := os.ReadFile(name)
		if err == nil {
			files = append(files, parse(t, rel, string(text)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func skipped(dir string) bool {
	base := filepath.Base(dir)
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil || base == "testdata" || strings.HasPrefix(base, ".")
}

// dir is the package's folder, without internal/: the name of its room.
func (s source) dir() string {
	return strings.TrimPrefix(path.Dir(s.path), "internal/")
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// imports are the paths that the file imports.
func (s source) imports() []string {
	var paths []string
	for _, i := range s.file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// at is a place in the file, for a message.
func (s source) at(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.set.Position(n.Pos()).Line)
}
