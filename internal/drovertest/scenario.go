package drovertest

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Scenario is a file that tells what happens to a node over time and what it
// answers: blocks of commands, a line of four dashes, the answer, an empty
// line. A command that succeeds with nothing to tell is silent, and a silent
// block answers "ok". Lines that begin with # are comments.
//
//	create-group line-a things=250
//	create-job ota on=line-a rate=100
//	advance 59s
//	counts ota
//	----
//	queued=100 rolling
//
// Times in answers are minutes and seconds since the node began. The commands
// are in five tables of this package, documented where they are made:
// registryVerbs, jobVerbs, deviceVerbs, timeVerbs and wireVerbs.
type Scenario struct {
	Path string
	// Door is where the scenario's devices go in and out.
	Door Door
	// Update writes the answers into the file instead of comparing them.
	Update bool
}

// Run plays the scenario on a node of its own.
func (s Scenario) Run(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := parseScenario(string(text))
	if err != nil {
		t.Fatalf("%s:%v", s.Path, err)
	}
	p := newPlayer(t, s.Door)
	var played bytes.Buffer
	for _, b := range blocks {
		got := p.block(b)
		if !s.Update && got != b.want {
			t.Errorf("%s:%d: (-want +got)\n%s", s.Path, b.line, cmp.Diff(strings.Split(b.want, "\n"), strings.Split(got, "\n")))
		}
		b.want = got
		played.WriteString(b.String())
	}
	if s.Update && played.String() != string(text) {
		if err := os.WriteFile(s.Path, played.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// block is some commands with their answer.
type block struct {
	line     int      // of the first command
	head     []string // the lines above the dashes, as they are
	commands []command
	want     string
}

const dashes = "----"

func (b block) String() string {
	if len(b.commands) == 0 {
		return strings.Join(b.head, "\n") + "\n"
	}
	return strings.Join(b.head, "\n") + "\n" + dashes + "\n" + b.want + "\n\n"
}

// command is one line of a block.
type command struct {
	line int
	verb string
	args []string
	opts map[string]string // from key=value
}

// parseScenario takes a file apart. Its errors begin with the line.
func parseScenario(text string) ([]block, error) {
	var blocks []block
	b := block{}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == dashes {
			for i++; i < len(lines) && lines[i] != ""; i++ {
				b.want += lines[i] + "\n"
			}
			b.want = strings.TrimSuffix(b.want, "\n")
			blocks, b = append(blocks, b), block{}
			continue
		}
		b.head = append(b.head, lines[i])
		if line == "" || line[0] == '#' {
			continue
		}
		c, err := parseCommand(line)
		if err != nil {
			return nil, fmt.Errorf("%d: %w", i+1, err)
		}
		if c.line = i + 1; b.line == 0 {
			b.line = c.line
		}
		b.commands = append(b.commands, c)
	}
	if len(b.head) > 0 {
		blocks = append(blocks, b)
	}
	return blocks, nil
}

func parseCommand(line string) (command, error) {
	words, err := splitWords(line)
	if err != nil {
		return command{}, err
	}
	c := command{verb: words[0], opts: map[string]string{}}
	for _, w := range words[1:] {
		key, value, isOpt := strings.Cut(w, "=")
		if !isOpt || strings.ContainsAny(key, "{\"/") {
			c.args = append(c.args, w)
			continue
		}
		if _, twice := c.opts[key]; twice {
			return c, fmt.Errorf("%s comes twice", key)
		}
		c.opts[key] = value
	}
	return c, nil
}

// splitWords splits at spaces that are not within single quotes, which it
// takes away.
func splitWords(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	quoted, begun := false, false
	for _, r := range line {
		switch {
		case r == '\'':
			quoted, begun = !quoted, true
		case r == ' ' && !quoted:
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quoted {
		return nil, fmt.Errorf("a quote is not closed")
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}
