package query

import (
	"slices"
	"testing"
)

func TestWhomAChangeConcerns(t *testing.T) {
	var r Register
	r.Put(1, parse(t, "attributes.fw:1.2"))
	r.Put(2, parse(t, "attributes.fw:1.3 OR attributes.line:a"))
	r.Put(3, parse(t, "attributes.fw>1"))
	r.Put(4, parse(t, "NOT attributes.color:red"))
	r.Put(5, parse(t, "*"))
	r.Put(6, parse(t, "1.2"))
	r.Put(7, parse(t, "shadow.reported.stats:*"))
	fw := func(version string) []Entry { return []Entry{{Field: "attributes.fw", Value: TextValue(version)}} }
	for _, c := range []struct {
		name       string
		gone, come []Entry
		isNew      bool
		want       []int64
	}{
		{"nothing changed", nil, nil, false, nil},
		{"a value that nobody looks for", fw("7"), fw("8"), false, []int64{3}},
		{"a value comes that some look for", fw("7"), fw("1.2"), false, []int64{1, 3, 6}},
		{"a value goes that some look for", fw("1.3"), fw("7"), false, []int64{2, 3}},
		{"one for the other", fw("1.2"), fw("1.3"), false, []int64{1, 2, 3, 6}},
		{"another field", nil, []Entry{{Field: "attributes.size", Value: TextValue("1")}}, false, nil},
		{"a member of an object", nil, []Entry{{Field: "shadow.reported.stats.x.y", Value: TextValue("1")}}, false, []int64{7}},
		{"a new thing", nil, fw("7"), true, []int64{3, 4, 5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := r.Concerned(c.gone, c.come, c.isNew); !slices.Equal(got, c.want) {
				t.Errorf("concerns %v, want %v", got, c.want)
			}
		})
	}
}

func TestAGroupFollowsItsLastQueryOnly(t *testing.T) {
	var r Register
	change := []Entry{{Field: "attributes.a", Value: TextValue("1")}}
	r.Put(1, parse(t, "attributes.a:1 OR NOT attributes.b:2"))
	r.Put(1, parse(t, "attributes.c:3"))
	if got := r.Concerned(nil, change, true); len(got) > 0 {
		t.Errorf("the query before is asked still: %v", got)
	}
	if q, ok := r.Query(1); !ok || q.String() != "attributes.c:3" {
		t.Errorf("follows %s, %v", q, ok)
	}
	r.Put(1, parse(t, "attributes.a:1"))
	r.Drop(1)
	if _, ok := r.Query(1); ok || len(r.Concerned(nil, change, true)) > 0 || len(r.watched) > 0 {
		t.Error("a group that was dropped is asked still")
	}
	r.Drop(1)
}
