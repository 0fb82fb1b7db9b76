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

func TestAnAddressIsToldAsClientsCallIt(t *testing.T) {
	for _, c := range []struct{ listens, want string }{
		{"127.0.0.1:7070", "127.0.0.1:7070"},
		{"[::]:7070", "localhost:7070"},
		{"0.0.0.0:7070", "localhost:7070"},
		{"[::1]:7070", "[::1]:7070"},
		{"192.0.2.1:7070", "192.0.2.1:7070"},
	} {
		if got := callable(c.listens); got != c.want {
			t.Errorf("%s is told as %s, want %s", c.listens, got, c.want)
		}
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
