package fleet

import (
	"slices"

	"github.com/drover-iot/drover/internal/fault"
)

// Fitting are the dynamic groups that hold a thing which itself is in so many
// static ones, out of those whose queries mean it: the oldest, as far as there
// is room. Ids rise with age, so what goes when room is needed is the group
// that was created last.
// spec: wire-protocol.md#9-registry-behaviours-that-jobs-depend-on
func Fitting(static int, meant []int64) []int64 {
	oldest := slices.Sorted(slices.Values(meant))
	return oldest[:min(len(oldest), max(0, MaxGroups-static))]
}

// CheckRoom refuses, as InvalidRequest, a thing that would be in so many static
// groups, dynamic ones being in the way, unless overrideDynamicGroups lets
// those give way.
func CheckRoom(static, dynamic int, override bool) error {
	if static+dynamic <= MaxGroups || override {
		return nil
	}
	return fault.New(fault.InvalidRequest,
		"The thing would be in %d thing groups, %d of them dynamic, at most %d are allowed; overrideDynamicGroups would make room",
		static+dynamic, dynamic, MaxGroups)
}
