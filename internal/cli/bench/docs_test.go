package bench

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// figureTable is the rows of the table of figures in docs/performance.md, by
// the names in their first cells: "reports", "reports.p50".
func figureTable(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| Figure | Says |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string]string{}
	for row := range strings.Lines(table) {
		cells := strings.SplitN(row, "|", 3)
		if len(cells) < 3 {
			t.Fatalf("no row of a table: %q", row)
		}
		for _, name := range regexp.MustCompile("`([a-z0-9.-]+)`").FindAllStringSubmatch(cells[1], -1) {
			rows[name[1]] += row
		}
	}
	return rows
}

// scenarioOf is the scenario that a name of a figure begins with, or "".
func scenarioOf(figure string) string {
	name, _, _ := strings.Cut(figure, ".")
	for ; name != ""; name = name[:max(0, strings.LastIndex(name, "-"))] {
		if slices.Contains(names(), name) {
			break
		}
	}
	return name
}

func TestTheDocumentationHasEachScenarioAndNoOther(t *testing.T) {
	rows := figureTable(t)
	for _, name := range names() {
		if rows[name] == "" {
			t.Errorf("docs/performance.md has no row for %s", name)
		}
	}
	for name := range rows {
		if !strings.HasPrefix(name, ".") && scenarioOf(name) == "" {
			t.Errorf("docs/performance.md has %s, which nothing measures", name)
		}
	}
}

func TestTheDocumentationHasEachFigureThatTheCodeNames(t *testing.T) {
	rows := figureTable(t)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\{Name: "([a-z0-9-]+)(\.[a-z0-9-]+)"`).FindAllStringSubmatch(string(text), -1) {
			if row := rows[m[1]]; !strings.HasSuffix(file, "_test.go") && rows[m[1]+m[2]] == "" && !strings.Contains(row, "`"+m[2]+"`") {
				t.Errorf("docs/performance.md does not say what %s%s is", m[1], m[2])
			}
		}
	}
}
