package job

import (
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// spec: device-api.md#23-namespaces
func TestANamespaceHasItsName(t *testing.T) {
	for _, c := range []struct {
		id string
		ok bool
	}{
		{"aws-gg-deployment", true},
		{"A_1-", true},
		{strings.Repeat("n", 64), true},
		{strings.Repeat("n", 65), false},
		{"", false},
		{"a.b", false},
		{"a/b", false},
		{"+", false},
		{"é", false},
	} {
		if err := CheckNamespace(c.id); (err == nil) != c.ok || err != nil && !fault.Is(err, fault.InvalidRequest) {
			t.Errorf("%q: %v", c.id, err)
		}
		j, err := New(Create{Name: "fw", Namespace: c.id}, noon)
		if c.id != "" && (err == nil) != c.ok || err == nil && j.Namespace != c.id {
			t.Errorf("a job in %q: %+v, %v", c.id, j, err)
		}
	}
}

// spec: job-lifecycle.md#9-updatejob-patch-jobsjobid
func TestWhichJobARequestMeansByItsNamespace(t *testing.T) {
	for _, c := range []struct {
		of, asked string
		in, seen  bool
	}{
		{"", "", true, true},
		{"", "a", true, false},
		{"a", "", true, true},
		{"a", "a", true, true},
		{"a", "b", false, false},
	} {
		if got := (Job{Namespace: c.of}).SeenIn(c.asked); got != c.seen {
			t.Errorf("a job of %q is seen in %q: %v", c.of, c.asked, got)
		}
		if got := (Job{Namespace: c.of}).In(c.asked); got != c.in {
			t.Errorf("a job of %q is meant in %q: %v", c.of, c.asked, got)
		}
	}
}
