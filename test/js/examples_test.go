package js

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/drover-iot/drover/test/node"
)

func TestTheDeviceOfTheExamplesTakesItsJobs(t *testing.T) {
	needPackages(t)
	n := node.Start(t)
	n.Things("press-01")
	ctx, cancel := context.WithTimeout(t.Context(), node.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", copied(t, "device.mjs"), "press-01")
	cmd.Env, cmd.Stderr = append(os.Environ(), "DROVER_MQTT="+n.MQTT), t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	wantLines(t, said, "press-01 waits for jobs")
	for _, job := range []string{"fw-1", "fw-2"} {
		n.Job(job, `{"op":"flash"}`, "press-01")
		wantLines(t, said, job+`: {"op":"flash"}`, job+": done")
		if got := n.Status("press-01", job); got != "SUCCEEDED" {
			t.Errorf("%s is %s", job, got)
		}
	}
	cancel()
	if err := cmd.Wait(); err == nil {
		t.Error("the device ended by itself")
	}
}

// copied is an example beside the packages that it imports.
func copied(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join("node_modules", "example-"+t.Name())
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	text, err := os.ReadFile(filepath.Join("../../examples", name))
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, name)
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

func wantLines(t *testing.T, said *bufio.Scanner, lines ...string) {
	t.Helper()
	for _, want := range lines {
		said.Scan()
		if got := said.Text(); got != want {
			t.Fatalf("the device says %q, want %q", got, want)
		}
	}
}
