package drovertest

import (
	"os/exec"
	"strings"
	"testing"
)

// What the README says of changing a running job safely works as it stands there.
func TestTheReadmeChangesARunningJobSafely(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "sed", "tr"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	_, section, found := strings.Cut(readDocs(t, "../README.md"), "\n## Change a running job safely\n")
	_, script, fenced := strings.Cut(section, "\n```sh\n")
	script, _, closed := strings.Cut(script, "\n```\n")
	if !found || !fenced || !closed {
		t.Fatal("the README has no such section")
	}
	n := Start(t, Options{})
	n.CreateThings("press-01")
	out, err := exec.Command("sh", "-eu", "-c", strings.ReplaceAll(script, "http://127.0.0.1:7070", n.URL())).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{`"forecast":`, `"maximumInProgress":50`, `"hideQueued":true`, `"version":5,"at"`, `"operation":"ResumeJob"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("it does not tell %s:\n%s", want, out)
		}
	}
}
