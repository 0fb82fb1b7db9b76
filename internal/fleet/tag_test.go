package fleet

import (
	"fmt"
	"slices"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// tags makes n tags k<from>, k<from+1>, …
func tags(from, n int) []Tag {
	list := make([]Tag, n)
	for i := range list {
		list[i] = Tag{Key: fmt.Sprintf("k%03d", from+i), Value: "v"}
	}
	return list
}

func TestTagsOfOneRequest(t *testing.T) {
	want(t, CheckTags(nil), 0, "")
	want(t, CheckTags(tags(0, 50)), 0, "")
	want(t, CheckTags(tags(0, 51)), fault.InvalidRequest, "51 tags")
	want(t, CheckTags([]Tag{{"a", "1"}, {"b", "2"}, {"a", "3"}}), fault.InvalidRequest, "key 'a' twice")
}

func TestAddTags(t *testing.T) {
	for _, c := range []struct {
		name           string
		present, given []Tag
		want           []Tag
		kind           fault.Kind
		names          string
	}{
		{name: "the first", given: []Tag{{"b", "2"}, {"a", "1"}}, want: []Tag{{"a", "1"}, {"b", "2"}}},
		{name: "the same again", present: []Tag{{"a", "1"}}, given: []Tag{{"a", "1"}}, want: []Tag{{"a", "1"}}},
		{name: "another value", present: []Tag{{"a", "1"}, {"b", "2"}}, given: []Tag{{"a", "3"}}, want: []Tag{{"a", "3"}, {"b", "2"}}},
		{name: "up to fifty", present: tags(0, 49), given: tags(49, 1), want: tags(0, 50)},
		{name: "fifty with other values", present: tags(0, 50), given: tags(10, 5), want: tags(0, 50)},
		{name: "beyond fifty", present: tags(0, 49), given: tags(49, 2), kind: fault.LimitExceeded, names: "51 tags"},
		{name: "a key twice", given: []Tag{{"a", "1"}, {"a", "1"}}, kind: fault.InvalidRequest, names: "'a' twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := AddTags(c.present, c.given)
			want(t, err, c.kind, c.names)
			if !slices.Equal(got, c.want) {
				t.Errorf("tags are %v, want %v", got, c.want)
			}
		})
	}
}
