package fleet

import (
	"slices"

	"github.com/drover-iot/drover/internal/fault"
)

// Build is how far something has come that follows all things: the members of a
// dynamic group, or the fleet index itself. It goes over the things by their
// ids, so that it can stop and go on after any of them.
type Build struct {
	Status Status
	Walked int64 // all things up to this one are right; of any while Active
}

// Status is what a [Build] is about, as it is stored.
type Status uint8

// The statuses of a [Build].
const (
	None       Status = iota // there is nothing to build: a static group, an index that is off
	Building                 // for the first time
	Rebuilding               // what is not walked yet is as it was before
	Active                   // everything is right
	Emptying                 // an index that is off and not empty yet
)

// String is the status as DescribeThingGroup and DescribeIndex have it.
func (s Status) String() string {
	switch s {
	case Building:
		return "BUILDING"
	case Rebuilding:
		return "REBUILDING"
	case Active:
		return "ACTIVE"
	default:
		return ""
	}
}

// Begun is a build that begins, over what there was before.
func (b Build) Begun() Build {
	if b.Status == Active || b.Status == Rebuilding {
		return Build{Status: Rebuilding}
	}
	return Build{Status: Building}
}

// Past is the build when it has come past a thing; end says that it was the
// last.
func (b Build) Past(thing int64, end bool) Build {
	if end {
		return Build{Status: Active}
	}
	b.Walked = thing
	return b
}

// UnderWay tells whether there are things left to walk over.
func (b Build) UnderWay() bool { return b.Status == Building || b.Status == Rebuilding }

// Has tells whether a thing is right already, and has to be kept so.
func (b Build) Has(thing int64) bool {
	return b.Status == Active || b.UnderWay() && thing <= b.Walked
}

// IsDynamic tells whether a query says who is in the group.
func (g Group) IsDynamic() bool { return g.Query != "" }

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
