package engine

import (
	"context"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// CreateJob is what an operator asks for; targets are names. What it leaves
// open is that of the template that Settings.Origin names, if it names one.
type CreateJob struct {
	Name      string
	Namespace string        // or empty
	Selection job.Selection // 0 is SNAPSHOT
	Settings  job.Settings
	Targets   []job.Target // Group and Name
	Document  []byte       // empty: Settings.Source says where it is, or nobody does
	Tags      []fleet.Tag
	By        string // who asks, for the history
	// Paused and Hides are as in job.Create.
	Paused, Hides bool
	given         []byte // the document before something was put into it; nil: nothing was
}

// CreateJob stores a job whose rollout begins at once. Success means that it will
// be rolled out, not that a device has it.
// spec: job-lifecycle.md#8-createjob
//
// Errors: InvalidRequest, NotFound (a target, the template), AlreadyExists,
// LimitExceeded.
func (e *Engine) CreateJob(ctx context.Context, c CreateJob) (job.Job, error) {
	c, err := e.documented(ctx, c)
	if err != nil {
		return job.Job{}, err
	}
	var made job.Job
	err = e.write(ctx, func(o *operation) error {
		var err error
		made, err = o.createJob(c)
		return err
	})
	return made, err
}

func (o *operation) createJob(c CreateJob) (job.Job, error) {
	targets, err := o.resolve(c.Targets)
	if err != nil {
		return job.Job{}, err
	}
	seq, err := o.tx.MemberSequence()
	if err != nil {
		return job.Job{}, err
	}
	j, err := job.New(job.Create{
		Name: c.Name, Namespace: c.Namespace, Selection: c.Selection, Settings: c.Settings, Targets: targets, Members: seq,
		Paused: c.Paused, Hides: c.Hides,
	}, o.now)
	if err != nil {
		return j, err
	}
	if err := o.within(j); err != nil {
		return j, err
	}
	if j.ID, err = o.tx.InsertJob(j, c.Document); err != nil {
		return j, err
	}
	if c.given != nil {
		if err := o.tx.InsertGivenDocument(j.ID, c.given); err != nil {
			return j, err
		}
	}
	if err := o.tx.NoteChange(j.ID, job.ChangeOf(job.Created, c.By, job.Job{}, j, o.now)); err != nil {
		return j, err
	}
	return j, o.tag(jobResource(j), c.Tags)
}

// resolve finds the things and groups that targets name; one named twice is
// one target.
func (o *operation) resolve(named []job.Target) ([]job.Target, error) {
	seen := map[job.Target]bool{}
	var targets []job.Target
	for _, target := range named {
		if target.Group {
			g, err := o.tx.Group(target.Name)
			if err != nil {
				return nil, err
			}
			target.ID = g.ID
		} else {
			thing, err := o.Thing(target.Name)
			if err != nil {
				return nil, err
			}
			target.ID = thing.ID
		}
		if !seen[target] {
			seen[target] = true
			targets = append(targets, target)
		}
	}
	return targets, nil
}

// UpdateJob changes a live job; its rollout feels it at the next tick, and an
// abort criterion that is met already ends it in the same commit.
// spec: job-lifecycle.md#9-updatejob-patch-jobsjobid
//
// Errors: InvalidRequest, NotFound, PreconditionFailed.
func (e *Engine) UpdateJob(ctx context.Context, a Asked, p job.Patch) (job.Job, error) {
	return e.changed(ctx, a, job.Updated, func(j job.Job, now time.Time) (job.Job, error) { return j.Update(p, now) })
}

// CancelJob ends a live job: QUEUED executions are cancelled, with force also
// those IN_PROGRESS. spec: job-lifecycle.md#51-canceljob-put-jobsjobidcancelforce
//
// Errors: InvalidRequest, NotFound, PreconditionFailed.
func (e *Engine) CancelJob(ctx context.Context, a Asked, c job.Cancel) (job.Job, error) {
	return e.changed(ctx, a, job.Cancelled, func(j job.Job, now time.Time) (job.Job, error) { return j.Cancel(c, now) })
}

// DeleteJob deletes a job with its executions. spec: job-lifecycle.md#6-delete
//
// Errors: NotFound, InvalidStateTransition, LimitExceeded, PreconditionFailed.
func (e *Engine) DeleteJob(ctx context.Context, a Asked, force bool) error {
	return e.write(ctx, func(o *operation) error {
		next, err := o.change(a, job.Deleted, func(j job.Job) (job.Job, error) { return j.Delete(force, o.now) })
		if err != nil {
			return err
		}
		deleting, err := o.tx.CountDeleting()
		if err != nil {
			return err
		}
		if deleting >= job.MaxDeleting {
			return fault.New(fault.LimitExceeded, "At most %d jobs can be deleted at the same time", job.MaxDeleting)
		}
		o.put(next)
		return nil
	})
}

// AssociateTargets adds groups, by name, to a CONTINUOUS job.
// spec: job-lifecycle.md#83-associatetargetswithjob-post-jobsjobidtargets
func (e *Engine) AssociateTargets(ctx context.Context, a Asked, groups []job.Target, comment string) (next job.Job, err error) {
	if err := job.OnlyGroups(groups); err != nil { // before asking whether they exist
		return job.Job{}, err
	}
	err = e.write(ctx, func(o *operation) (err error) {
		next, err = o.change(a, job.Associated, func(j job.Job) (job.Job, error) {
			targets, err := o.resolve(groups)
			if err != nil {
				return j, err
			}
			next, err := j.Associate(targets, comment, o.now)
			if err == nil && j.RolledOut() && !next.RolledOut() && j.Status == job.StatusInProgress {
				err = o.roomToRoll()
			}
			return next, err
		})
		if err != nil {
			return err
		}
		o.PutJob(next)
		return o.tx.IndexTargets(next)
	})
	return next, err
}

// Job is a job by name. spec: api-operations.md#describejob
func (e *Engine) Job(ctx context.Context, name string) (job.Job, error) {
	return e.store.Job(ctx, name)
}

// JobDocument is a job's document as it was given.
func (e *Engine) JobDocument(ctx context.Context, name string) ([]byte, error) {
	j, err := e.store.Job(ctx, name)
	if err != nil {
		return nil, err
	}
	return e.store.Document(ctx, j.ID)
}

// JobFilter restricts Jobs; empty members do not.
type JobFilter struct {
	Status    job.Status
	Selection job.Selection
	GroupName string
	GroupUID  string
	Namespace string
}

// Jobs lists jobs, the newest first.
func (e *Engine) Jobs(ctx context.Context, f JobFilter, p store.Page) ([]job.Job, store.Cursor, error) {
	by := store.JobFilter{Status: f.Status, Selection: f.Selection, Namespace: f.Namespace}
	if f.GroupName != "" {
		g, err := e.store.Group(ctx, f.GroupName)
		if err != nil {
			return nil, "", err
		}
		if f.GroupUID != "" && f.GroupUID != g.UID {
			return nil, "", nil
		}
		by.Group = g.ID
	}
	return e.store.JobsBy(ctx, by, p)
}
