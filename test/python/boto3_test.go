package python

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"testing"
	"time"

	"github.com/drover-iot/drover/test/node"
)

// outcome is a line of harness.py.
type outcome struct{ Test, Outcome, Text string }

func TestBoto3(t *testing.T) {
	found := find(t)
	for module, flags := range map[string][]string{"control": nil, "data": nil, "device": nil, "artifacts": nil, "safe": nil, "quota": {"--aws-limits"}} {
		t.Run(module, func(t *testing.T) {
			t.Parallel()
			lines := run(t, found.python, module, flags...)
			if len(lines) == 0 {
				t.Fatal("no test ran")
			}
			for _, line := range lines {
				t.Run(line.Test, func(t *testing.T) { line.tell(t) })
			}
		})
	}
}

// run runs a module of tests against a node of its own.
func run(t *testing.T, python, module string, flags ...string) []outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-m", "harness", module)
	cmd.Env = environment(node.Start(t, flags...))
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%s: %v", module, err)
	}
	var lines []outcome
	for each := json.NewDecoder(bytes.NewReader(out)); each.More(); {
		var line outcome
		if err := each.Decode(&line); err != nil {
			t.Fatalf("%s printed %q: %v", module, out, err)
		}
		lines = append(lines, line)
	}
	return lines
}

func (o outcome) tell(t *testing.T) {
	switch o.Outcome {
	case "passed":
	case "skipped":
		t.Skip(o.Text)
	default:
		t.Error(o.Text)
	}
}
