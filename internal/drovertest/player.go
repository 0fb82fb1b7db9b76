package drovertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// player plays a scenario on a node.
type player struct {
	t       *testing.T
	node    *Node
	door    Door
	verbs   map[string]verb
	devices map[string]*Device
	groups  map[string]bool // names of groups; all other targets are things
	paced   map[string]int  // what pace has told of a job so far
	out     strings.Builder
}

func newPlayer(t *testing.T, d Door) *player {
	return &player{
		t: t, node: Start(t, Options{}), door: d,
		verbs: verbs(), devices: map[string]*Device{}, groups: map[string]bool{}, paced: map[string]int{},
	}
}

// verb does a command. What the node refuses is a *Refusal, which is part of
// the answer; any other error ends the test.
type verb func(*player, command) error

// verbs are the commands of scenarios. Names in capitals stand for what the
// scenario gives; [word] may be left out.
func verbs() map[string]verb {
	all := map[string]verb{}
	maps.Copy(all, registryVerbs())
	maps.Copy(all, jobVerbs())
	maps.Copy(all, deviceVerbs())
	maps.Copy(all, timeVerbs())
	maps.Copy(all, wireVerbs())
	return all
}

// block does the commands of a block and answers what they tell.
func (p *player) block(b block) string {
	p.t.Helper()
	p.out.Reset()
	for _, c := range b.commands {
		do, ok := p.verbs[c.verb]
		if !ok {
			p.t.Fatalf("line %d: no command %q among %v", c.line, c.verb, slices.Sorted(maps.Keys(p.verbs)))
		}
		err := do(p, c)
		p.node.Settle()
		var refused *Refusal
		switch {
		case errors.As(err, &refused):
			p.tell("%s", refused.Type)
		case err != nil:
			p.t.Fatalf("line %d: %s: %v", c.line, c.verb, err)
		}
	}
	if p.out.Len() == 0 && len(b.commands) > 0 {
		return "ok"
	}
	return strings.TrimSuffix(p.out.String(), "\n")
}

func (p *player) tell(format string, args ...any) {
	fmt.Fprintf(&p.out, format+"\n", args...)
}

// at is an instant as minutes and seconds since the node began.
func (p *player) at(t time.Time) string { return clockFace(t.Sub(p.node.Began)) }

func clockFace(d time.Duration) string {
	s := int64(d / time.Second)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// timeVerbs are about the clock and the node itself:
//
//	advance DURATION   move the clock and do all that becomes due
//	begin TIME         move the clock to an instant in UTC, like 2036-01-31T12:00, and count from there
//	until TIME         advance to such an instant
//	now                tell where the clock stands
//	restart            stop the node and start it over the same folder
func timeVerbs() map[string]verb {
	return map[string]verb{
		"advance": func(p *player, c command) error {
			by, err := time.ParseDuration(c.arg(0))
			if err == nil {
				p.node.Advance(by)
			}
			return err
		},
		"begin": func(p *player, c command) error {
			err := p.until(c.arg(0))
			p.node.Began = p.node.Now()
			return err
		},
		"until": func(p *player, c command) error { return p.until(c.arg(0)) },
		"now": func(p *player, _ command) error {
			p.tell("%s", clockFace(p.node.Elapsed()))
			return nil
		},
		"restart": func(p *player, _ command) error {
			p.node.Restart()
			return nil
		},
	}
}

// until advances to an instant.
func (p *player) until(text string) error {
	at, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		return err
	}
	by := at.Sub(p.node.Now())
	if by <= 0 {
		return fmt.Errorf("%s is not ahead", text)
	}
	p.node.Advance(by)
	return nil
}

// arg is the i-th argument, "" if it was not given.
func (c command) arg(i int) string {
	if i >= len(c.args) {
		return ""
	}
	return c.args[i]
}

// has tells whether one of the arguments is the word.
func (c command) has(word string) bool { return slices.Contains(c.args, word) }

// int is an option as a number, otherwise a default.
func (c command) int(key string, otherwise int) (int, error) {
	text, ok := c.opts[key]
	if !ok {
		return otherwise, nil
	}
	return strconv.Atoi(text)
}

// raw is an option's value: JSON if it is JSON, else a string.
func raw(text string) any {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	return json.RawMessage(text)
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}
