package job

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// Limits of jobs. spec: job-lifecycle.md#11-limits-and-quotas
const (
	MaxTargets  = 100 // targets of one job
	MaxDeleting = 10  // jobs DELETION_IN_PROGRESS at once
	// MaxNamespace is how many characters a namespaceId may have, so that the
	// topics of its notices keep their limits with any thing.
	MaxNamespace = 64
)

// Create is what CreateJob asks for, its names resolved.
type Create struct {
	Name      string
	Namespace string    // or empty
	Selection Selection // 0 is SNAPSHOT
	Settings  Settings
	Targets   []Target
	Members   int64 // membership sequence at this moment
	// Paused and Hides have the job paused from its beginning on, as Job.Pause
	// would, with what is QUEUED hidden or not.
	Paused, Hides bool
}

// New is the job that c makes: IN_PROGRESS at once with its rollout due, or
// SCHEDULED. spec: job-lifecycle.md#8-createjob
func New(c Create, now time.Time) (Job, error) {
	s := c.Settings
	if err := cmp.Or(checkNamespace(c.Namespace), s.checkPresigned(), s.checkRamp(), s.Schedule.Check(now), s.checkRetry()); err != nil {
		return Job{}, err
	}
	if c.Hides && !c.Paused {
		return Job{}, fault.New(fault.InvalidRequest, "Value true at 'hideQueued' is not allowed without 'paused'")
	}
	if c.Selection == 0 {
		c.Selection = Snapshot
	}
	j := Job{
		Name: c.Name, Namespace: c.Namespace, Selection: c.Selection, Status: StatusScheduled, Settings: c.Settings,
		Targets: c.Targets, Members: c.Members, CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	if c.Paused {
		j.Rollout.Pause = Pause{Since: now, Hides: c.Hides}
	}
	return j.scheduled(now, c.Members).WithDue(now), nil
}

func checkNamespace(id string) error {
	if id == "" {
		return nil
	}
	return CheckNamespace(id)
}

// CheckNamespace refuses, as InvalidRequest, what cannot be a namespaceId.
func CheckNamespace(id string) error {
	if len(id) > MaxNamespace {
		return fault.New(fault.InvalidRequest, "Value at 'namespaceId' failed to satisfy constraint: must have at most %d characters", MaxNamespace)
	}
	fits := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
	}
	if id == "" || strings.ContainsFunc(id, func(r rune) bool { return !fits(r) }) {
		return fault.New(fault.InvalidRequest, "Value '%s' at 'namespaceId' failed to satisfy constraint: must match [a-zA-Z0-9_-]+", id)
	}
	return nil
}

// Cancel is what CancelJob asks for.
type Cancel struct {
	Force           bool
	Reason, Comment string
}

// Cancel ends the job. Its executions follow by a sweep.
// spec: job-lifecycle.md#51-canceljob-put-jobsjobidcancelforce
func (j Job) Cancel(c Cancel, now time.Time) (Job, error) {
	if !j.Live() {
		return j, fault.New(fault.InvalidRequest, "Job %s is %s and cannot be cancelled", j.Name, j.Status)
	}
	return j.changed(now).cancel(c, now), nil
}

// crowdedReason is the reasonCode of a job that was crowded out.
const crowdedReason = "CONCURRENT_JOBS_LIMIT_REACHED"

// CrowdedOut ends a job whose rollout would open when too many jobs roll out
// already. spec: job-lifecycle.md#11-job-transitions
func (j Job) CrowdedOut(why string, now time.Time) Job {
	return j.cancel(Cancel{Reason: crowdedReason, Comment: why}, now)
}

func (j Job) cancel(c Cancel, now time.Time) Job {
	hidden := j.hides()
	j.Status, j.Forced, j.Rollout.Pause = StatusCanceled, c.Force, Pause{}
	if c.Reason != "" {
		j.Reason = c.Reason
	}
	if c.Comment != "" {
		j.Comment = c.Comment
	}
	j.UpdatedAt, j.CompletedAt = now, now
	j.Sweep = j.cancelSweep(hidden)
	return j.WithDue(now)
}

// Delete begins the deletion of the job. Its executions follow by a sweep,
// and then the job itself. spec: job-lifecycle.md#6-delete
func (j Job) Delete(force bool, now time.Time) (Job, error) {
	if j.Status == StatusDeleting {
		return j, fault.New(fault.InvalidStateTransition, "Job %s is already being deleted", j.Name)
	}
	if j.Live() && !force {
		return j, fault.New(fault.InvalidStateTransition, "Job %s is %s and can be deleted only with force", j.Name, j.Status)
	}
	j = j.changed(now)
	j.Sweep = Sweep{Active: true, Hidden: j.hides()}
	j.Status = StatusDeleting
	return j.WithDue(now), nil
}

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

// Swept is the job when its sweep has come past thing; end says that nothing
// is left behind it. A sweep that has begun meanwhile is another one.
func (j Job) Swept(thing int64, end bool, now time.Time) Job {
	j.Sweep.Active, j.Sweep.Thing = !end, thing
	return j.WithDue(now)
}
