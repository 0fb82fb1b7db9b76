package broker

import (
	"strings"
	"testing"
)

func TestRulesCoverTopics(t *testing.T) {
	cases := []struct {
		pattern, topic string
		want           bool
	}{
		{"$aws/things/{}/jobs/", "$aws/things/T/jobs/get", true},
		{"$aws/things/{}/jobs/", "$aws/things/T/jobs/J/update", true},
		{"$aws/things/{}/jobs/", "$aws/things/T/jobs/", true},
		{"$aws/things/{}/jobs/", "$aws/things/T/jobs", false},
		{"$aws/things/{}/jobs/", "$aws/things//jobs/get", true},
		{"$aws/things/{}/jobs/", "$aws/things/T/shadow/get", false},
		{"$aws/certificates/create/json", "$aws/certificates/create/json", true},
		{"$aws/certificates/create/json", "$aws/certificates/create/json/x", false},
	}
	for _, c := range cases {
		if got := (Rule{Pattern: c.pattern}).covers(c.topic); got != c.want {
			t.Errorf("%q covers %q: %v", c.pattern, c.topic, got)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	sessions := newMemory(10)
	cases := map[string]struct {
		cfg  Config
		want string
	}{
		"no Sessions":                   {Config{}, "no Sessions"},
		"a rule that is not below $":    {Config{Sessions: sessions, Reserved: []Rule{{"a/", Request}}, Requests: echo{}}, "not below $"},
		"a request without Requests":    {Config{Sessions: sessions, Reserved: []Rule{{"$a/", Request}}}, "without Requests"},
		"a form that is none":           {Config{Sessions: sessions, Forms: []string{"a/b"}}, "a/b"},
		"unqueued that is not a filter": {Config{Sessions: sessions, Unqueued: []string{"a/#/b"}}, "not a filter"},
	}
	for name, c := range cases {
		if _, err := New(t.Context(), c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
