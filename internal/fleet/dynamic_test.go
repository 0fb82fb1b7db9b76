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
