package fleet

import (
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

func TestDeletingAType(t *testing.T) {
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	deprecated := Type{Name: "press"}.Deprecate(false, at)
	for _, c := range []struct {
		name  string
		of    Type
		inUse bool
		now   time.Time
		names string
	}{
		{"never deprecated", Type{Name: "press"}, false, at, "not deprecated"},
		{"deprecated just now", deprecated, false, at, "less than 5 minutes ago"},
		{"a second too early", deprecated, false, at.Add(299 * time.Second), "less than 5 minutes ago"},
		{"five minutes later", deprecated, false, at.Add(300 * time.Second), ""},
		{"with things", deprecated, true, at.Add(time.Hour), "things have it"},
		{"deprecated again later counts from the first", deprecated.Deprecate(false, at.Add(200*time.Second)), false, at.Add(300 * time.Second), ""},
		{"undone", deprecated.Deprecate(true, at), false, at.Add(time.Hour), "not deprecated"},
	} {
		t.Run(c.name, func(t *testing.T) { want(t, c.of.Delete(c.inUse, c.now), fault.InvalidRequest, c.names) })
	}
	want(t, deprecated.Usable(), fault.InvalidRequest, "'press' at 'thingTypeName'")
	want(t, deprecated.Deprecate(true, at).Usable(), 0, "")
}

func TestATypeIsTheSame(t *testing.T) {
	press := Type{Name: "press", Description: "d", Searchable: []string{"a", "b"}}
	for _, c := range []struct {
		name  string
		other Type
		same  bool
	}{
		{"deprecated or not", Type{Name: "press", Description: "d", Searchable: []string{"a", "b"}, DeprecatedAt: time.Unix(1, 0)}, true},
		{"not by another name", Type{Name: "lathe", Description: "d", Searchable: []string{"a", "b"}}, false},
		{"not with another description", Type{Name: "press", Searchable: []string{"a", "b"}}, false},
		{"not with other attributes", Type{Name: "press", Description: "d", Searchable: []string{"a"}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if press.Same(c.other) != c.same {
				t.Errorf("Same = %v", !c.same)
			}
		})
	}
}
