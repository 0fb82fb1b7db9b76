package demo

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// audience is an output that does something when it reads a text for the
// first time.
type audience struct {
	mu    sync.Mutex // guards what follows
	seen  strings.Builder
	cue   string
	react func(seen string)
}

func (a *audience) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen.Write(p)
	if seen := a.seen.String(); a.react != nil && strings.Contains(seen, a.cue) {
		react := a.react
		a.react = nil
		react(seen)
	}
	return len(p), nil
}

func (a *audience) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen.String()
}

// rehearse plays the demo without waiting between the steps, with its data
// below a folder of its own, which it returns.
func rehearse(ctx context.Context, t *testing.T, out io.Writer, devices int, keep bool) (tmp string, err error) {
	t.Helper()
	tmp = t.TempDir()
	t.Setenv("TMPDIR", tmp)
	return tmp, stage{
		devices: devices, keep: keep, out: out, screen: newScreen(out, false), log: nodeLog(out),
	}.run(ctx)
}

func wantEmpty(t *testing.T, dir string, empty bool) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if (len(entries) == 0) != empty {
		t.Errorf("left in the folder for temporary files: %v", entries)
	}
}

func wantText(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("no %q in:\n%s", w, got)
		}
	}
}

func TestTheDemoOfADozenDevicesAddsUpAndClearsUp(t *testing.T) {
	out := &audience{}
	tmp, err := rehearse(t.Context(), t, out, 12, false)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wantText(t, out.String(),
		"UpdateJob    1/min → 4/min",
		"UpdateJob    timeout 3 min → 2 min",
		`UpdateJob    description "Firmware 2.1.0" → "Firmware 2.1.0, shorter timeout"`,
		"rollout      4/min → 8/min",
		"rollout      everyone has the job: 12 devices",
		"fell silent and TIMED_OUT, queued for a second attempt",
		"TIMED_OUT again, for good",
		"FAILED, queued for a second attempt",
		"FAILED again, for good",
		"REJECTED the job",
		"SUCCEEDED at the second attempt",
		"job          COMPLETED",
		`
┌───────────┬───────────────┬───────────────┬─────────┬────────────┐
│ OUTCOME   │ FIRST ATTEMPT │ AFTER A RETRY │ DEVICES │ EXECUTIONS │
├───────────┼───────────────┼───────────────┼─────────┼────────────┤
│ SUCCEEDED │             7 │             2 │       9 │         11 │
│ FAILED    │             0 │             1 │       1 │          2 │
│ TIMED_OUT │             0 │             1 │       1 │          2 │
│ REJECTED  │             1 │             0 │       1 │          1 │
├───────────┼───────────────┼───────────────┼─────────┼────────────┤
│ all       │             8 │             4 │      12 │         16 │
└───────────┴───────────────┴───────────────┴─────────┴────────────┘
`,
		"The numbers add up",
		"aws iot create-job --endpoint-url http://127.0.0.1:7070",
	)
	wantEmpty(t, tmp, true)
}

func TestTheDemoGoesWithAnyNumberOfDevices(t *testing.T) {
	for _, devices := range []int{1, 2, 3, 150} {
		out := &audience{}
		if _, err := rehearse(t.Context(), t, out, devices, false); err != nil {
			t.Errorf("%d devices: %v\n%s", devices, err, out)
		}
		wantText(t, out.String(), "The numbers add up", "UpdateJob    ", "/min → ", "timeout 3 min → 2 min")
	}
}

func TestADemoThatIsStoppedSaysSoAndClearsUp(t *testing.T) {
	for _, cue := range []string{"CreateThing", "CreateJob", "UpdateJob", "FAILED, queued"} {
		t.Run("at "+cue, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			out := &audience{cue: cue, react: func(string) { stop() }}
			tmp, err := rehearse(ctx, t, out, 12, false)
			if !errors.Is(err, errLeft) {
				t.Errorf("error = %v\n%s", err, out)
			}
			wantEmpty(t, tmp, true)
		})
	}
}

func TestAFleetThatNeedsMoreFilesThanThereAreIsRefused(t *testing.T) {
	err := enough(5000, 4096)
	if want := "5000 devices need 10300 open files and this process may have 4096"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v", err)
	}
	if err := enough(300, 1024); err != nil {
		t.Error(err)
	}
}

func TestAKeptDemoGoesOnUntilItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &audience{cue: "list-job-executions-for-job", react: func(string) { stop() }}
	tmp, err := rehearse(ctx, t, out, 3, true)
	if err != nil {
		t.Errorf("error = %v\n%s", err, out)
	}
	wantText(t, out.String(), "The node goes on", "data  "+tmp,
		"open it again by `drover serve --clock virtual --data "+tmp+"/drover-demo-")
	wantEmpty(t, tmp, false)
}

func TestTheCommandsThatTheDemoShowsWorkOnItsOwnNode(t *testing.T) {
	needAWS(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	result := make(chan error, 1)
	out := &audience{cue: "list-job-executions-for-job", react: func(seen string) {
		go func() {
			defer stop()
			result <- runCommands(seen)
		}()
	}}
	if _, err := rehearse(ctx, t, out, 3, true); err != nil {
		t.Error(err)
	}
	if err := <-result; err != nil {
		t.Error(err)
	}
}

// needAWS skips where there is no AWS CLI.
func needAWS(t *testing.T) {
	t.Helper()
	if err := exec.Command("aws", "--version").Run(); err != nil {
		t.Skipf("needs the AWS CLI: %v", err)
	}
}

// runCommands does what a reader does: it pastes what follows the first
// export into a shell.
func runCommands(shown string) error {
	_, commands, _ := strings.Cut(shown, "  export ")
	out, err := exec.Command("sh", "-ec", "export "+commands).CombinedOutput()
	if err != nil {
		return errors.New(string(out))
	}
	return nil
}
