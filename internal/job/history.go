package job

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

// MaxHistory is how many changes of a job are kept: the newest.
const MaxHistory = 1000

// Operation is what changed a job: for an operator by the name of what he asked
// for, else by what happened. The texts are stored.
type Operation string

// The operations.
const (
	Created    Operation = "CreateJob"
	Updated    Operation = "UpdateJob"
	Cancelled  Operation = "CancelJob"
	Deleted    Operation = "DeleteJob"
	Associated Operation = "AssociateTargetsWithJob"
	PausedBy   Operation = "PauseJob"
	ResumedBy  Operation = "ResumeJob"
	Limited    Operation = "UpdateDroverJob"
	// What a job does by itself.
	Aborted   Operation = "Abort"
	Completed Operation = "Complete"
	EndTime   Operation = "EndTime"
)

// Change is one entry of a job's history.
type Change struct {
	Version   int64 // of the job behind it
	At        time.Time
	By        string // who asked, "" if nobody did
	Operation Operation
	// Before and After hold what differs, and nothing of the rest. Before is
	// empty of a job that was made.
	Before, After Facts
}

// Facts is what of a job a change may change: what an operator has chosen, and
// how the job stands. The rest follows from what devices do.
type Facts struct {
	Status   Status   `json:"status,omitempty"`
	Forced   bool     `json:"forced,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	Comment  string   `json:"comment,omitempty"`
	Targets  []Target `json:"targets,omitempty"`
	Settings Settings `json:"settings,omitzero"`
	Pause    Pause    `json:"pause,omitzero"`
}

// Facts are the facts of the job.
func (j Job) Facts() Facts {
	return Facts{Status: j.Status, Forced: j.Forced, Reason: j.Reason, Comment: j.Comment, Targets: j.Targets, Settings: j.Settings, Pause: j.Rollout.Pause}
}

// Job is a job of which nothing but the facts is known, to be shown as jobs are.
func (f Facts) Job() Job {
	return Job{Status: f.Status, Forced: f.Forced, Reason: f.Reason, Comment: f.Comment, Targets: f.Targets, Settings: f.Settings, Rollout: Rollout{Pause: f.Pause}}
}

// ChangeOf is the entry for what made the job after of the job before.
func ChangeOf(what Operation, by string, before, after Job, now time.Time) Change {
	c := Change{Version: after.Version, At: now, By: by, Operation: what, Before: before.Facts(), After: after.Facts()}
	b, a := &c.Before, &c.After
	drop(&b.Status, &a.Status, b.Status == a.Status)
	drop(&b.Forced, &a.Forced, b.Forced == a.Forced)
	drop(&b.Reason, &a.Reason, b.Reason == a.Reason)
	drop(&b.Comment, &a.Comment, b.Comment == a.Comment)
	drop(&b.Targets, &a.Targets, slices.Equal(b.Targets, a.Targets))
	drop(&b.Pause, &a.Pause, b.Pause == a.Pause)
	drop(&b.Settings, &a.Settings, b.Settings.are(a.Settings))
	return c
}

// drop leaves out what is the same on both sides.
func drop[T any](before, after *T, same bool) {
	if same {
		*before, *after = *new(T), *new(T)
	}
}

// are tells whether both are the same, as they are stored.
func (s Settings) are(other Settings) bool {
	one, err := json.Marshal(s)
	two, otherErr := json.Marshal(other)
	return err == nil && otherErr == nil && bytes.Equal(one, two)
}

// EndOf is what ended the job between before and after by itself; ok is false
// if nothing did.
func EndOf(before, after Job) (what Operation, ok bool) {
	switch {
	case !before.Live() || before.Version != after.Version:
		return "", false
	case after.Status == StatusCanceled:
		return Aborted, true
	case after.Status == StatusCompleted:
		return Completed, true
	case after.Ended() && !before.Ended():
		return EndTime, true
	default:
		return "", false
	}
}
