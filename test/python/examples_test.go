package python

import (
	"bufio"
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/drover-iot/drover/test/node"
)

// things are those that rollout.py is about.
var things = []string{"press-01", "press-02", "press-03"}

func TestTheOperatorOfTheExamplesSpeedsARolloutUp(t *testing.T) {
	n := node.Start(t)
	ctx, cancel := context.WithTimeout(t.Context(), node.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, find(t).python, append([]string{"../../examples/rollout.py"}, things...)...)
	cmd.Env, cmd.Stderr = environment(n), t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	wantLine(t, said, "fw-2-0 goes out to one thing a minute")
	n.Advance(time.Second)
	doAll(n)
	wantLine(t, said, "1 of 3 did it: now to everyone")
	n.Advance(time.Minute)
	doAll(n)
	wantLine(t, said, "COMPLETED: 3 succeeded, 0 failed")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func wantLine(t *testing.T, said *bufio.Scanner, want string) {
	t.Helper()
	said.Scan()
	if got := said.Text(); got != want {
		t.Fatalf("the example says %q, want %q", got, want)
	}
}

// doAll lets the devices do what has reached them.
func doAll(n *node.Node) {
	for _, thing := range things {
		if job := n.StartNext(thing); job != "" {
			n.Report(thing, job, "SUCCEEDED")
		}
	}
}
