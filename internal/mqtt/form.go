package mqtt

import (
	"fmt"
	"strings"
)

// Hole stands for one level in a pattern.
const Hole = "{}"

// MaxForms is how many forms there can be: a session keeps a bit for each.
const MaxForms = 32

// Forms are filters with one hole that very many clients subscribe to, each
// with a name of its own in it ($aws/things/{}/jobs/notify). A subscription of
// a form is kept as a number and a name. Forms are counted from 1, and their
// order is part of what is stored: new ones go to the end.
type Forms struct{ list []form }

type form struct{ prefix, suffix string } // with the slashes around the hole

// NewForms makes forms of patterns. Each has one hole, not in its first level,
// and may have wildcards behind it.
func NewForms(patterns []string) (Forms, error) {
	if len(patterns) > MaxForms {
		return Forms{}, fmt.Errorf("%d forms, at most %d", len(patterns), MaxForms)
	}
	var f Forms
	for _, p := range patterns {
		prefix, suffix, ok := strings.Cut(p, "/"+Hole+"/")
		if !ok || Wild(prefix) || strings.Contains(suffix, Hole) || !ValidFilter(prefix+"/x/"+suffix) {
			return Forms{}, fmt.Errorf("form %q: not a filter with one hole between two levels", p)
		}
		f.list = append(f.list, form{prefix: prefix + "/", suffix: "/" + suffix})
	}
	return f, nil
}

// OfFilter tells which form filter is an instance of, and the name in its
// hole; 0 if it is of none.
func (f Forms) OfFilter(filter string) (n byte, name string) {
	for i, form := range f.list {
		name, ok := form.name(filter)
		if ok && !Wild(name) && filter[len(form.prefix)+len(name):] == form.suffix {
			return byte(i + 1), name
		}
	}
	return 0, ""
}

// Text is the filter that form n is with name in its hole.
func (f Forms) Text(n byte, name string) string {
	form := f.list[n-1]
	return form.prefix + name + form.suffix
}

// Match tells whether form n with some name in its hole matches topic, and
// which name that is.
func (f Forms) Match(n byte, topic string) (name string, ok bool) {
	form := f.list[n-1]
	name, ok = form.name(topic)
	if !ok {
		return "", false
	}
	below := topic[len(form.prefix)+len(name)+1:]
	return name, matchLevels(form.suffix[1:], below)
}

// Len is how many forms there are.
func (f Forms) Len() int { return len(f.list) }

// name is the level of text that lies in the hole; something must follow it.
func (f form) name(text string) (string, bool) {
	rest, ok := strings.CutPrefix(text, f.prefix)
	if !ok {
		return "", false
	}
	name, _, more := strings.Cut(rest, "/")
	return name, more && name != ""
}
