package cli

import (
	"io"
	"os"
	"testing"
)

func TestAFileIsNoTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if isTerminal(null) {
		t.Error("the null device gets a live screen")
	}
}

func TestATerminalThatIsDumbGetsPlainLines(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("needs a terminal: %v", err)
	}
	defer terminal.Close()
	t.Setenv("TERM", "xterm")
	if !isTerminal(terminal) {
		t.Error("xterm gets plain lines")
	}
	t.Setenv("TERM", "dumb")
	if isTerminal(terminal) {
		t.Error("a dumb terminal gets cursor moves")
	}
}

func TestANodeMayEndWithItsInput(t *testing.T) {
	r, w := io.Pipe()
	ctx := untilEnd(t.Context(), r)
	if ctx.Err() != nil {
		t.Error("it ended before")
	}
	w.Close()
	<-ctx.Done()
}
