package fleet

import (
	"slices"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

func TestDynamicGroupsThatFit(t *testing.T) {
	for _, c := range []struct {
		name        string
		static      int
		meant, want []int64
	}{
		{"none is meant", 3, nil, nil},
		{"room for all", 8, []int64{7, 3}, []int64{3, 7}},
		{"room for the oldest", 9, []int64{7, 3, 5}, []int64{3}},
		{"no room", 10, []int64{7}, nil},
		{"eleven, and no static one", 0, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Fitting(c.static, c.meant); !slices.Equal(got, c.want) {
				t.Errorf("held by %v, want %v", got, c.want)
			}
		})
	}
}

func TestRoomForStaticGroups(t *testing.T) {
	for _, c := range []struct {
		name            string
		static, dynamic int
		override        bool
		names           string
	}{
		{"room for all", 8, 2, false, ""},
		{"dynamic groups in the way", 9, 2, false, "in 11 thing groups, 2 of them dynamic"},
		{"dynamic groups give way", 9, 2, true, ""},
		{"none in the way", 10, 0, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want(t, CheckRoom(c.static, c.dynamic, c.override), fault.InvalidRequest, c.names)
		})
	}
}

func TestABuildGoesOnFromThingToThing(t *testing.T) {
	for _, c := range []struct {
		name     string
		build    Build
		has      []int64 // of the things 1 to 3
		underWay bool
		begun    Status // if it begins anew
	}{
		{"nothing to build", Build{}, nil, false, Building},
		{"begun", Build{Status: Building}, nil, true, Building},
		{"under way", Build{Status: Building, Walked: 2}, []int64{1, 2}, true, Building},
		{"under way again", Build{Status: Rebuilding, Walked: 1}, []int64{1}, true, Rebuilding},
		{"done", Build{Status: Active}, []int64{1, 2, 3}, false, Rebuilding},
		{"being emptied", Build{Status: Emptying, Walked: 2}, nil, false, Building},
	} {
		t.Run(c.name, func(t *testing.T) {
			for id := int64(1); id <= 3; id++ {
				if got := c.build.Has(id); got != slices.Contains(c.has, id) {
					t.Errorf("has thing %d: %v", id, got)
				}
			}
			if got := c.build.UnderWay(); got != c.underWay {
				t.Errorf("under way: %v", got)
			}
			if got, want := c.build.Begun(), (Build{Status: c.begun}); got != want {
				t.Errorf("begun it is %v, want %v", got, want)
			}
			if got, want := c.build.Past(7, false), (Build{Status: c.build.Status, Walked: 7}); got != want {
				t.Errorf("past thing 7 it is %v, want %v", got, want)
			}
			if got, want := c.build.Past(7, true), (Build{Status: Active}); got != want {
				t.Errorf("past the last thing it is %v, want %v", got, want)
			}
		})
	}
}

func TestAGroupOfTheOtherKindIsRefused(t *testing.T) {
	static, dynamic := Group{Name: "s"}, Group{Name: "d", Query: "*"}
	want(t, static.CheckKind(false), 0, "")
	want(t, dynamic.CheckKind(true), 0, "")
	want(t, static.CheckKind(true), fault.InvalidRequest, "it is a static thing group")
	want(t, dynamic.CheckKind(false), fault.InvalidRequest, "it is a dynamic thing group")
}
