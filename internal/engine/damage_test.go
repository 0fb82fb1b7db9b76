package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// mark is in the details of each execution that may be damaged.
const mark = "MARK-0123456789"

const (
	leaf     = 0x0a // the first byte of a page that is a leaf of an index
	pageSize = 4096
)

// damagePage breaks the first leaf of the table of executions, in a store that is
// closed, and answers how many executions were in it. Its pointers to them are
// what breaks: the page itself looks as before.
func damagePage(t *testing.T, dir string) (executions int) {
	t.Helper()
	path := filepath.Join(dir, "drover.db")
	text, err := os.ReadFile(path)
	check(t, err)
	for at := 0; at < len(text); at += pageSize {
		page := text[at : at+pageSize]
		if page[0] == leaf && bytes.Contains(page, []byte(mark)) {
			executions = int(page[3])<<8 | int(page[4])
			copy(page[8:], bytes.Repeat([]byte{0xff}, 2*executions))
			check(t, os.WriteFile(path, text, 0o600))
			return executions
		}
	}
	return 0
}
