package shadow

import (
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// Shadow is a shadow as it is kept. The zero value is one that never was.
type Shadow struct {
	Version           int64 // of the last accepted change; 0 if it never was
	Desired, Reported Section
	Deleted           bool      // of it, only the version is left
	UpdatedAt         time.Time // when the last change was accepted
}

// Section is the desired or the reported state. Without members it is not
// there at all, and both are nil.
type Section struct {
	State map[string]any
	// Times mirrors State: where that has a value which is no object and no
	// array, it has the second since 1970 at which that was set last, an int64.
	Times map[string]any
}

// None tells that there is no such shadow.
func (s Shadow) None() bool { return s.Version == 0 || s.Deleted }

// remembered is how long a deleted shadow's version is what the next of its
// name goes on from. spec: device-api.md#13-device-shadows
const remembered = 48 * time.Hour

// base is what an update at now begins with: nothing of a shadow that was
// deleted but its version, and not even that after a while.
func (s Shadow) base(now time.Time) Shadow {
	switch {
	case !s.Deleted:
		return s
	case now.Sub(s.UpdatedAt) >= remembered:
		return Shadow{}
	default:
		return Shadow{Version: s.Version}
	}
}

// Update answers the shadow after u. Errors: VersionConflict, TooLarge.
func (s Shadow) Update(u Update, now time.Time) (Shadow, error) {
	s = s.base(now)
	if u.Version != nil && *u.Version != s.Version {
		return Shadow{}, fault.New(fault.VersionConflict, "Version conflict")
	}
	next := Shadow{
		Version: s.Version + 1, UpdatedAt: now,
		Desired:  s.Desired.merge(u.State, desired, now.Unix()),
		Reported: s.Reported.merge(u.State, reported, now.Unix()),
	}
	return next, next.check()
}

// Delete answers the shadow after it was deleted: its version stays, and the
// next of its name goes on from there. Errors: NotFound.
func (s Shadow) Delete(name string, now time.Time) (Shadow, error) {
	if s.None() {
		return Shadow{}, NotFound(name)
	}
	return Shadow{Version: s.Version, Deleted: true, UpdatedAt: now}, nil
}

// NotFound is the error of asking for a shadow that is not there. Name "" is
// the classic one.
func NotFound(name string) error {
	if name == "" {
		return fault.New(fault.NotFound, "No shadow exists for the thing")
	}
	return fault.New(fault.NotFound, "No shadow exists with name: '%s'", name)
}

// States are the sections that there are, by their names in a document.
func (s Shadow) States() map[string]any { return s.sections(Section.state) }

// Metadata mirrors States, a leaf being {"timestamp":SECONDS}.
func (s Shadow) Metadata() map[string]any {
	return s.sections(func(c Section) map[string]any { return Timestamps(c.Times) })
}

func (c Section) state() map[string]any { return c.State }

func (s Shadow) sections(of func(Section) map[string]any) map[string]any {
	m := map[string]any{}
	if s.Desired.State != nil {
		m[desired] = of(s.Desired)
	}
	if s.Reported.State != nil {
		m[reported] = of(s.Reported)
	}
	return m
}

// The sections, as documents name them.
const (
	desired  = "desired"
	reported = "reported"
)
