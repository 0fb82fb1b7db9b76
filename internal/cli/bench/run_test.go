package bench

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

func TestWhatCannotBeMeasuredIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		config Config
		want   string // of the error; "": it is taken
	}{
		{"all", Config{}, ""},
		{"some", Config{Names: []string{"single", "raw"}}, ""},
		{"one that there is not", Config{Names: []string{"single", "Raw"}}, `there is no benchmark "Raw", but reports, reports-1m, raw, single`},
		{"the smallest fleet", Config{Things: 1_000}, ""},
		{"a smaller one", Config{Things: 999}, "--things must be 1000 to 10000000, not 999"},
		{"the largest fleet", Config{Things: 10_000_000}, ""},
		{"a larger one", Config{Things: 10_000_001}, "--things must be 1000 to 10000000, not 10000001"},
		{"fewer than none", Config{Things: -1}, "--things must be"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if err := c.config.Check(); err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
				t.Errorf("error %q, want %q", got, c.want)
			}
		})
	}
}

// stopper ends a run when it reads a word.
type stopper struct {
	word string
	stop context.CancelFunc
}

func (s stopper) Write(p []byte) (int, error) {
	if strings.Contains(string(p), s.word) {
		s.stop()
	}
	return len(p), nil
}

func TestARunThatIsStoppedSaysSoAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, stop := context.WithCancel(t.Context())
	var out bytes.Buffer
	err := Run(ctx, Config{Names: []string{"single"}, Quick: true, Out: &out, Err: stopper{"loading", stop}})
	if !errors.Is(err, errStopped) || out.Len() > 0 {
		t.Errorf("error %v, output %q", err, &out)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestARunOfNothingKnownBeginsNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/nowhere")
	if err := Run(t.Context(), Config{Names: []string{"nothing"}}); err == nil || !strings.Contains(err.Error(), "no benchmark") {
		t.Errorf("error = %v", err)
	}
}
