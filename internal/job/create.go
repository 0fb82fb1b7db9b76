package job

import (
	"cmp"
	"time"

	"github.com/drover-iot/drover/internal/fault"
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
