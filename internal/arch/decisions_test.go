package arch

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestDecisionsAreNumberedWithoutGapsAndListed(t *testing.T) {
	const dir = "../../docs/decisions"
	pages, err := filepath.Glob(filepath.Join(dir, "[0-9]*.md")) // in order
	if err != nil || len(pages) == 0 {
		t.Fatalf("no decisions: %v", err)
	}
	index, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| \[(\d+)\]\(([^)]+)\) \|`).FindAllStringSubmatch(string(index), -1)
	if len(rows) != len(pages) {
		t.Errorf("%d decisions, but %d rows in their list", len(pages), len(rows))
	}
	for i, page := range pages {
		number, name := fmt.Sprintf("%04d", i+1), filepath.Base(page)
		if name[:4] != number {
			t.Fatalf("%s should be number %s", name, number)
		}
		if i < len(rows) && (rows[i][1] != number || rows[i][2] != name) {
			t.Errorf("row %d of the list is %q, want %s", i+1, rows[i][0], name)
		}
	}
}
