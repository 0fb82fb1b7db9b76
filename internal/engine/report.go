package engine

import (
	"context"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Update is a device's report on its execution.
type Update struct {
	Thing, Job string
	Namespace  string // that the job must have; "" is any
	Number     int64  // executionNumber, 0 for the latest
	Report     job.Report
}

// Update submits a report at once. It comes to the execution as it is then.
// spec: device-api.md#44-updatejobexecution
//
// Errors: NotFound (thing, job, execution, or not the latest number),
// VersionConflict and InvalidStateTransition with the execution as Detail.
func (e *Engine) Update(u Update) Submitted[Described] {
	if err := job.CheckDetails(u.Report.Details); err != nil {
		return unsubmitted[Described]{err}
	}
	c := &update{ask: u, engine: e}
	c.ticket = e.store.Submit(c)
	return c
}

type update struct {
	underway
	ask    Update
	engine *Engine
	done   Described
	turn   *turn // its changes are complete after the commit
	// refused is why the thing's shadow does not show the packages of the job.
	refused error
}

// Outcome implements Submitted.
func (c *update) Outcome() Described { return c.done }

// Wait implements Submitted.
func (c *update) Wait(ctx context.Context) (Described, []ListChange, error) {
	if err := c.ticket.Wait(ctx); err != nil {
		return Described{}, nil, err
	}
	if c.refused != nil {
		c.engine.unreported(c.ask, c.done.JobID, c.refused)
	}
	c.engine.after(c.turn)
	return c.done, c.turn.changes, nil
}

func (c *update) Hint(h *store.Hints) {
	h.Latest = append(h.Latest, store.Pair{Thing: c.ask.Thing, Job: c.ask.Job})
	if c.ask.Report.State != job.InProgress {
		h.Pending = append(h.Pending, c.ask.Thing)
	}
}

func (c *update) Decide(w store.Work) error {
	t := c.engine.begin(w)
	c.turn, c.refused = t, nil
	thing, err := t.Thing(c.ask.Thing)
	if err != nil {
		return err
	}
	j, e, err := t.latest(thing.ID, thing.Name, c.ask.Job)
	if err != nil {
		return err
	}
	if !j.SeenIn(c.ask.Namespace) {
		return noneIn(c.ask.Namespace, c.ask.Job, c.ask.Thing)
	}
	if c.ask.Number != 0 && c.ask.Number != e.Number {
		return fault.New(fault.NotFound, "Execution %d of job %s is not the latest on thing %s", c.ask.Number, j.Name, thing.Name)
	}
	next, err := e.Report(c.ask.Report, j.Settings.Timeout, t.now)
	if err != nil {
		return err
	}
	c.done = describe(next, j)
	if next.State == job.Succeeded && len(j.Settings.Packages) > 0 {
		c.thenReportPackages(thing, j)
	}
	return t.transition(thing, j, e, next)
}

// thenReportPackages has the thing's shadow show the packages of the job, once
// the report is among the rows. It is a function of its own because its closure
// moves thing and j to the heap, and few reports need it.
func (c *update) thenReportPackages(thing fleet.Thing, j job.Job) {
	t := c.turn
	t.Then(func(tx store.Tx) (err error) {
		c.refused, err = t.behind(tx).reportPackages(thing, j)
		return err
	})
}

// latest is the latest execution of a job on a thing as it effectively is.
func (t *turn) latest(thing int64, thingName, jobName string) (job.Job, job.Execution, error) {
	j, err := t.Job(jobName)
	if fault.Is(err, fault.NotFound) {
		return j, job.Execution{}, noExecution(jobName, thingName)
	}
	if err != nil {
		return j, job.Execution{}, err
	}
	e, err := t.Latest(job.Key{Job: j.ID, Thing: thing})
	if err != nil {
		return j, e, err
	}
	if e = j.Effective(e); e.None() {
		return j, e, noExecution(jobName, thingName)
	}
	return j, e, nil
}

func noExecution(jobName, thing string) error {
	return fault.New(fault.NotFound, "No execution of job %s on thing %s", jobName, thing)
}

func noneIn(namespace, jobName, thing string) error {
	return fault.New(fault.NotFound, "No execution of job %s on thing %s in namespace %s", jobName, thing, namespace)
}
