package job

import (
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// MaxTargets is how many targets a job may have.
// spec: job-lifecycle.md#11-limits-and-quotas
const MaxTargets = 100

// Associate adds target groups to a CONTINUOUS job; those it has are ignored.
// spec: job-lifecycle.md#83-associatetargetswithjob-post-jobsjobidtargets
func (j Job) Associate(groups []Target, comment string, now time.Time) (Job, error) {
	if j.Selection != Continuous {
		return j, fault.New(fault.InvalidRequest, "Job %s is %s; only a CONTINUOUS job takes more targets", j.Name, j.Selection)
	}
	if !j.Live() {
		return j, fault.New(fault.InvalidRequest, "Job %s is %s and takes no more targets", j.Name, j.Status)
	}
	if j.Ended() {
		return j, fault.New(fault.InvalidRequest, "The endTime of job %s has come; it takes no more targets", j.Name)
	}
	targets, err := j.joined(groups)
	if err != nil {
		return j, err
	}
	if j.RolledOut() && len(targets) > len(j.Targets) { // opens anew: nothing bursts
		j.Rollout.Target, j.Rollout.After, j.Rollout.Rate = len(j.Targets), 0, 0
	}
	j.Targets = targets
	if comment != "" {
		j.Comment = comment
	}
	return j.changed(now).WithDue(now), nil
}

// OnlyGroups refuses, as InvalidRequest, to add anything else to a job.
func OnlyGroups(targets []Target) error {
	for _, t := range targets {
		if !t.Group {
			return fault.New(fault.InvalidRequest, "Value '%s' at 'targets' is not allowed: only thing groups can be added to a job", t.Name)
		}
	}
	return nil
}

// joined is the job's targets and those of groups that it does not have.
func (j Job) joined(groups []Target) ([]Target, error) {
	targets := slices.Clip(j.Targets)
	if err := OnlyGroups(groups); err != nil {
		return nil, err
	}
	for _, t := range groups {
		if !slices.ContainsFunc(targets, t.is) {
			targets = append(targets, t)
		}
	}
	if len(targets) > MaxTargets {
		return nil, fault.New(fault.LimitExceeded, "A job has at most %d targets", MaxTargets)
	}
	return targets, nil
}

func (t Target) is(other Target) bool { return t.Group == other.Group && t.ID == other.ID }

// Aims tells whether the thing is in one of the job's targets, when groups
// holds all groups it is in.
func (j Job) Aims(thing int64, groups map[int64]bool) bool {
	for _, t := range j.Targets {
		if _, in := groups[t.ID]; t.Group && in || !t.Group && t.ID == thing {
			return true
		}
	}
	return false
}
