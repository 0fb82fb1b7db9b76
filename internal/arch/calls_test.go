package arch

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"testing"
)

// readsTime finds calls that read the time of day or sleep outside the clock.
// What only wakes somebody, NewTimer, NewTicker and AfterFunc, is everybody's.
func (p plan) readsTime(files []source) []string {
	var found []string
	for _, s := range files {
		name := s.nameOf("time")
		if s.test() || p.forTests(s.dir()) || s.dir() == "clock" || name == "" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Now", "Sleep", "After", "Since", "Until", "Tick"}, sel.Sel.Name) {
				return true
			}
			if isOf(sel, name, sel.Sel.Name) {
				found = append(found, fmt.Sprintf("%s uses time.%s: time comes from package clock", s.at(n), sel.Sel.Name))
			}
			return true
		})
	}
	return found
}

// sleeps finds where tests, and rooms for tests, wait by sleeping: what may take
// longer on another machine is waited for. In a bubble of testing/synctest a
// sleep takes no time and ends when all others wait.
func (p plan) sleeps(files []source) []string {
	var found []string
	for _, s := range files {
		name, bubble := s.nameOf("time"), s.nameOf("testing/synctest")
		if !s.test() && !p.forTests(s.dir()) || name == "" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && isOf(call.Fun, bubble, "Test") {
				return false
			}
			if sel, ok := n.(ast.Expr); ok && isOf(sel, name, "Sleep") {
				found = append(found, s.at(n)+" sleeps: wait for the event, or use testing/synctest")
			}
			return true
		})
	}
	return found
}

// isOf tells whether an expression is a name of a package.
func isOf(e ast.Expr, pkg, name string) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return false
	}
	x, ok := sel.X.(*ast.Ident) // that resolves within the file is no package
	return ok && x.Name == pkg && x.Obj == nil
}

// nameOf is the name by which the file knows an imported package, or "".
func (s source) nameOf(imported string) string {
	for i, p := range s.imports() {
		if p != imported {
			continue
		}
		if as := s.file.Imports[i].Name; as != nil {
			return as.Name
		}
		return path.Base(p)
	}
	return ""
}

// goroutines finds where a file starts some.
func goroutines(s source) []string {
	var found []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			found = append(found, s.at(g)+" starts a goroutine: floor 1 is pure")
		}
		return true
	})
	return found
}

func TestWhoReadsTheTime(t *testing.T) {
	const now = "package a\nimport \"time\"\nvar n = time.Now()\n"
	for _, c := range []struct {
		name, path, text string
		want             []string
	}{
		{"now", "internal/engine/a.go", now, []string{"internal/engine/a.go:3 uses time.Now"}},
		{"now, in the clock", "internal/clock/a.go", now, nil},
		{"now, in a test", "internal/engine/a_test.go", now, nil},
		{"now, in a room for tests", "internal/drovertest/a.go", now, nil},
		{"sleeping", "internal/broker/a.go", "package a\nimport \"time\"\nfunc f() { time.Sleep(1); <-time.After(1) }\n", []string{"time.Sleep", "time.After"}},
		{"as a value", "internal/broker/a.go", "package a\nimport \"time\"\nvar now = time.Now\n", []string{"time.Now"}},
		{"under another name", "internal/broker/a.go", "package a\nimport clk \"time\"\nvar n = clk.Since(clk.Time{})\n", []string{"time.Since"}},
		{"a timer", "internal/broker/a.go", "package a\nimport \"time\"\nvar t = time.NewTimer(1)\n", nil},
		{"a method of a time", "internal/broker/a.go", "package a\nimport \"time\"\nfunc f(t, u time.Time) bool { return t.After(u) }\n", nil},
		{"a variable of that name", "internal/broker/a.go", "package a\nimport \"time\"\nvar u time.Time\nfunc f() { time := u; _ = time.After(u) }\n", nil},
		{"another package of that name", "internal/broker/a.go", "package a\nimport \"a/time\"\nvar n = time.Now()\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantViolations(t, house.readsTime([]source{parse(t, c.path, c.text)}), c.want)
		})
	}
}

func TestWhoSleepsInATest(t *testing.T) {
	const sleeping = "package a\nimport \"time\"\nfunc f() { time.Sleep(1) }\n"
	const bubble = "package a\nimport (\"testing/synctest\"; \"time\")\nfunc f() { synctest.Test(t, func(t *testing.T) { time.Sleep(1) }) }\n"
	for _, c := range []struct {
		name, path, text string
		want             []string
	}{
		{"a test", "internal/broker/a_test.go", sleeping, []string{"internal/broker/a_test.go:3 sleeps"}},
		{"a room for tests", "internal/drovertest/a.go", sleeping, []string{"internal/drovertest/a.go:3 sleeps"}},
		{"no test", "internal/broker/a.go", sleeping, nil}, // for readsTime
		{"a bubble", "internal/broker/a_test.go", bubble, nil},
		{"beside a bubble", "internal/broker/a_test.go", bubble + "func g() { time.Sleep(1) }\n", []string{"internal/broker/a_test.go:4 sleeps"}},
		{"a timer", "internal/broker/a_test.go", "package a\nimport \"time\"\nvar t = time.NewTimer(1)\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantViolations(t, house.sleeps([]source{parse(t, c.path, c.text)}), c.want)
		})
	}
}
