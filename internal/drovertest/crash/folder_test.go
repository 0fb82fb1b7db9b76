package crash

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// files is what is in a folder, by name.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(text)
	}
	return all
}

// refuses runs a node over a folder that it cannot serve: it says what is wrong
// with which folder, and ends with 1.
func refuses(t *testing.T, n *node, folder, want string) {
	t.Helper()
	text := new(bytes.Buffer)
	n.Cmd.Stderr = text
	err := n.Cmd.Run()
	if ended, ok := errors.AsType[*exec.ExitError](err); !ok || ended.ExitCode() != 1 {
		t.Errorf("the node ended with %v, want exit status 1", err)
	}
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if said := lines[len(lines)-1]; !strings.Contains(said, folder) || !strings.Contains(said, want) || len(lines) > 1 {
		t.Errorf("the node says\n%s\nand not, in a line, %q of %s", text, want, folder)
	}
}

// prepared is a process that is not started yet.
func prepared(t *testing.T, dir string) *node {
	t.Helper()
	n, err := prepare(dir)
	if err != nil {
		t.Fatal(err)
	}
	n.Cmd.Stdout = nil
	return n
}

func TestAFolderThatCannotBeServedIsNamedAndLeftAsItIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	refuses(t, prepared(t, file), file, "not a directory")

	missing := filepath.Join(t.TempDir(), "not-mounted", "data")
	refuses(t, prepared(t, missing), missing, "no such file or directory")
	if _, err := os.Stat(filepath.Dir(missing)); err == nil {
		t.Error("the folder above it was made")
	}

	closed := t.TempDir()
	if err := os.Chmod(closed, 0o555); err != nil {
		t.Fatal(err)
	}
	n := prepared(t, closed)
	withoutPower(t, n.Cmd)
	refuses(t, n, closed, "permission denied")
	if left := files(t, closed); len(left) > 0 {
		t.Errorf("in the folder there is now %v", left)
	}

	garbage := t.TempDir()
	if err := os.WriteFile(filepath.Join(garbage, "drover.db"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := files(t, garbage)
	refuses(t, prepared(t, garbage), garbage, "not a database")
	if after := files(t, garbage); !maps.Equal(before, after) {
		t.Errorf("the folder had %v and has %v", before, after)
	}
}

func TestAFolderThatIsServedIsRefusedToOthers(t *testing.T) {
	dir := t.TempDir()
	first, err := start(dir)
	if err != nil {
		t.Fatal(err)
	}
	refuses(t, prepared(t, dir), dir, "another process has this folder open")
	if err := first.call(iot.CreateThing, iot.CreateThingRequest{ThingName: "press"}, nil); err != nil {
		t.Errorf("the first node does not work any more: %v", err)
	}
	if err := first.end(os.Kill); err != nil {
		t.Error(err)
	}
}
