package mqtt

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFilterMatchesTopic(t *testing.T) {
	cases := []struct {
		name, filter, topic string
		want                bool
	}{
		{"a filter without wildcards matches its own topic", "a/b", "a/b", true},
		{"a filter does not match a longer topic", "a", "a/b", false},
		{"plus matches one level", "a/+/c", "a/b/c", true},
		{"plus matches an empty level", "a/+", "a/", true},
		{"plus does not match two levels", "a/+", "a/b/c", false},
		{"hash matches what is below", "a/#", "a/b/c", true},
		{"hash does not match the parent", "a/#", "a", false},
		{"hash matches an empty level below", "a/#", "a/", true},
		{"hash alone matches everything of users", "#", "a/b", true},
		{"hash alone does not match a reserved topic", "#", "$aws/things/T", false},
		{"plus in front does not match a reserved topic", "+/things", "$aws/things", false},
		{"plus in the middle matches $next", "$aws/things/T/jobs/+/get/accepted", "$aws/things/T/jobs/$next/get/accepted", true},
		{"hash below $aws matches", "$aws/things/T/jobs/#", "$aws/things/T/jobs/notify", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Matches(c.filter, c.topic); got != c.want {
				t.Errorf("Matches(%q, %q) = %v", c.filter, c.topic, got)
			}
		})
	}
}

// oracle says the same as Matches by comparing whole lists of levels.
func oracle(filter, topic []string) bool {
	if strings.HasPrefix(topic[0], "$") && (filter[0] == "+" || filter[0] == "#") {
		return false
	}
	for i, level := range filter {
		if i >= len(topic) {
			return false
		}
		if level == "#" {
			return true
		}
		if level != "+" && level != topic[i] {
			return false
		}
	}
	return len(filter) == len(topic)
}

func TestMatchesAgreesWithTheOracle(t *testing.T) {
	level := rapid.SampledFrom([]string{"a", "b", "", "$aws", "$next"})
	wild := rapid.SampledFrom([]string{"a", "b", "", "$aws", "+", "+"})
	rapid.Check(t, func(t *rapid.T) {
		topic := rapid.SliceOfN(level, 1, 5).Draw(t, "topic")
		filter := rapid.SliceOfN(wild, 1, 5).Draw(t, "filter")
		if rapid.Bool().Draw(t, "hash") {
			filter = append(filter, "#")
		}
		got := Matches(strings.Join(filter, "/"), strings.Join(topic, "/"))
		if want := oracle(filter, topic); got != want {
			t.Fatalf("Matches(%q, %q) = %v, the oracle says %v", filter, topic, got, want)
		}
	})
}

func TestValidFilter(t *testing.T) {
	cases := map[string]bool{
		"a": true, "#": true, "+": true, "+/+": true, "a/#": true, "/": true, "$aws/things/+/jobs/#": true,
		"": false, "a#": false, "a/#/b": false, "a+/b": false, "a/+b": false, "a\x00b": false, "#/": false, "a\xff": false,
	}
	for filter, want := range cases {
		if got := ValidFilter(filter); got != want {
			t.Errorf("ValidFilter(%q) = %v", filter, got)
		}
	}
}

func TestSplitShare(t *testing.T) {
	cases := []struct {
		text, group, filter string
		ok                  bool
	}{
		{"a/b", "", "a/b", true},
		{"$share/g/a/+", "g", "a/+", true},
		{"$share/g/$aws/x", "g", "$aws/x", true},
		{"$share//a", "", "", false},
		{"$share/g", "", "", false},
		{"$share/g/", "", "", false},
		{"$share/g+/a", "", "", false},
	}
	for _, c := range cases {
		group, filter, ok := SplitShare(c.text)
		if group != c.group || filter != c.filter || ok != c.ok {
			t.Errorf("SplitShare(%q) = %q, %q, %v", c.text, group, filter, ok)
		}
	}
}

func TestTopicLimits(t *testing.T) {
	limits := TopicLimits{Bytes: TopicBytes, Slashes: TopicSlashes}
	cases := []struct {
		name, text string
		want       bool
	}{
		{"256 bytes are allowed", strings.Repeat("a", 256), true},
		{"257 bytes are not", strings.Repeat("a", 257), false},
		{"bytes are counted, not characters", strings.Repeat("ü", 129), false},
		{"eight levels are allowed", "1/2/3/4/5/6/7/8", true},
		{"nine levels are not", "1/2/3/4/5/6/7/8/9", false},
		{"the share prefix does not count", "$share/group/1/2/3/4/5/6/7/8", true},
		{"the rule prefix does not count", "$aws/rules/name/1/2/3/4/5/6/7/8", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := limits.Allow(c.text); got != c.want {
				t.Errorf("Allow(%q) = %v", c.text, got)
			}
		})
	}
}

func TestFormsAreTheirFilters(t *testing.T) {
	f, err := NewForms([]string{"$aws/things/{}/jobs/notify", "$aws/things/{}/jobs/+/get/accepted", "$aws/things/{}/jobs/#"})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		filter string
		n      byte
		name   string
	}{
		{"$aws/things/T/jobs/notify", 1, "T"},
		{"$aws/things/T/jobs/+/get/accepted", 2, "T"},
		{"$aws/things/T/jobs/#", 3, "T"},
		{"$aws/things/+/jobs/notify", 0, ""},
		{"$aws/things/T/jobs/notify-next", 0, ""},
		{"$aws/things//jobs/notify", 0, ""},
	}
	for _, c := range cases {
		n, name := f.OfFilter(c.filter)
		if n != c.n || name != c.name {
			t.Errorf("OfFilter(%q) = %d, %q", c.filter, n, name)
		}
		if n > 0 && f.Text(n, name) != c.filter {
			t.Errorf("Text(%d, %q) = %q", n, name, f.Text(n, name))
		}
	}
}

func TestFormsMatchWhatTheirFiltersMatch(t *testing.T) {
	patterns := []string{"$aws/things/{}/jobs/notify", "$aws/things/{}/jobs/+/get/accepted", "$aws/things/{}/jobs/#"}
	f, err := NewForms(patterns)
	if err != nil {
		t.Fatal(err)
	}
	level := rapid.SampledFrom([]string{"$aws", "things", "T", "jobs", "notify", "get", "accepted", "$next", ""})
	rapid.Check(t, func(t *rapid.T) {
		levels := rapid.SliceOfN(level, 0, 4).Draw(t, "levels")
		topic := strings.Join(append([]string{"$aws", "things", "T", "jobs"}, levels...), "/")
		n := byte(rapid.IntRange(1, f.Len()).Draw(t, "form"))
		name, got := f.Match(n, topic)
		if want := Matches(f.Text(n, "T"), topic); got != want || (got && name != "T") {
			t.Fatalf("Match(%d, %q) = %q, %v; its filter: %v", n, topic, name, got, want)
		}
	})
}

func TestFormsRefuseWhatHasNoPlainHole(t *testing.T) {
	for _, pattern := range []string{"a/b", "{}/a", "a/{}", "a/{}/b/{}/c", "+/{}/a", "a/{}/#/b"} {
		if _, err := NewForms([]string{pattern}); err == nil {
			t.Errorf("NewForms(%q) is accepted", pattern)
		}
	}
}

func FuzzTopicAndFilter(f *testing.F) {
	f.Add("a/+/#", "a/b/c")
	f.Add("$share/g/a", "$aws/rules/n/a")
	f.Add("$aws/things/T/jobs/notify", "$aws/things/T/jobs/notify")
	forms, err := NewForms([]string{"$aws/things/{}/jobs/+/get/accepted"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, filter, topic string) {
		_, bare, ok := SplitShare(filter)
		if ok && ValidFilter(bare) && ValidTopic(topic) {
			want := oracle(strings.Split(bare, "/"), strings.Split(topic, "/"))
			if got := Matches(bare, topic); got != want {
				t.Errorf("Matches(%q, %q) = %v", bare, topic, got)
			}
		}
		if n, name := forms.OfFilter(filter); n > 0 && forms.Text(n, name) != filter {
			t.Errorf("form of %q is %q", filter, forms.Text(n, name))
		}
		forms.Match(1, topic)
		TopicLimits{Bytes: TopicBytes, Slashes: TopicSlashes}.Allow(topic)
	})
}
