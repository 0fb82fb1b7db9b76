package crash

import (
	"errors"
	"fmt"
	"slices"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// auditJobs holds all jobs and executions to what was acknowledged.
func (tr *trial) auditJobs(n *node, last bool) error {
	for _, o := range tr.operators {
		for _, j := range o.jobs {
			if err := tr.auditJob(n, j, last); err != nil {
				return fmt.Errorf("look at job %s: %w", j.id, err)
			}
		}
		// A job that is gone, or was never made, is looked for once more.
		o.jobs = slices.DeleteFunc(o.jobs, func(j *order) bool { return !j.there.is && !last && tr.rand.IntN(2) == 0 })
	}
	for _, d := range tr.devices {
		d.asked = false // what came of it has been seen
	}
	return nil
}

func (tr *trial) auditJob(n *node, j *order, last bool) error {
	var out iot.DescribeJobAnswer
	err := n.call(iot.DescribeJob, iot.DescribeJobRequest{JobID: j.id}, &out)
	if refused(err) {
		tr.gone(j, err)
		return nil
	}
	if err != nil {
		return err
	}
	if j.deleted.is || !j.there.is && !j.there.asked {
		tr.t.Errorf("job %s is gone, and there again: %s", j.id, out.Job.Status)
		return nil
	}
	j.there.found(tr.t, "job "+j.id, true)
	j.deleted.found(tr.t, "deletion of job "+j.id, false) // its last slice is done
	j.found(tr, out.Job)
	if err := tr.auditHistory(n, j, last); err != nil {
		return err
	}
	rows, err := executions(n, j.id)
	if err != nil {
		return err
	}
	tr.count(j, out.Job, rows)
	tr.reached(j, out.Job, rows)
	tr.single(j, out.Job, rows)
	if j.wide {
		return tr.document(n, j) // no device knows more of its executions
	}
	return errors.Join(tr.document(n, j), tr.auditExecutions(n, j, rows, last))
}

// gone holds a job that is not there to what was asked for.
func (tr *trial) gone(j *order, why error) {
	if j.there.is && !j.deleted.is && !j.deleted.asked {
		tr.t.Errorf("job %s is lost: %v", j.id, why)
	}
	j.there, j.deleted = fact[bool]{}, fact[bool]{is: j.there.is}
}

// found holds a job's settings and status to what was acknowledged.
func (j *order) found(tr *trial, is iot.Job) {
	j.settings.found(tr.t, "settings of job "+j.id, settings{
		is.Description, is.TimeoutConfig.InProgressTimeoutInMinutes, is.JobExecutionsRolloutConfig.MaximumPerMinute,
	})
	if ended := j.status == "COMPLETED" || j.status == "CANCELED"; ended && is.Status != j.status {
		tr.t.Errorf("job %s was %s and is %s", j.id, j.status, is.Status)
	}
	waits := is.Status == "SCHEDULED" && j.windows
	if is.Status != "IN_PROGRESS" && is.Status != "COMPLETED" && is.Status != "CANCELED" && !waits || j.continuous && is.Status != "IN_PROGRESS" {
		tr.t.Errorf("job %s is %s", j.id, is.Status)
	}
	if is.NamespaceID != j.namespace {
		tr.t.Errorf("job %s is in namespace %q, want %q", j.id, is.NamespaceID, j.namespace)
	}
	if (is.SchedulingConfig != nil) != j.windows {
		tr.t.Errorf("job %s has the schedule %+v", j.id, is.SchedulingConfig)
	}
	j.canceled.found(tr.t, "cancellation of job "+j.id, is.Status == "CANCELED")
	for group, f := range j.targets {
		f.found(tr.t, "association of "+group+" with job "+j.id, slices.Contains(is.Targets, arn("thinggroup/"+group)))
	}
	j.status = is.Status
}

func (tr *trial) document(n *node, j *order) error {
	var out iot.GetJobDocumentAnswer
	if err := n.call(iot.GetJobDocument, iot.GetJobDocumentRequest{JobID: j.id}, &out); err != nil {
		return err
	}
	if out.Document != j.document() {
		tr.t.Errorf("job %s has the document %s", j.id, out.Document)
	}
	return nil
}

// execution is a row of a job's list.
type execution struct {
	thing  string
	number int64
	status string
}

// executions are all of a job, by thing and number.
func executions(n *node, job string) ([]execution, error) {
	var rows []execution
	in := iot.ListJobExecutionsForJobRequest{JobID: job, MaxResults: 250}
	for {
		var out iot.ListJobExecutionsForJobAnswer
		if err := n.call(iot.ListJobExecutionsForJob, in, &out); err != nil {
			return nil, err
		}
		for _, x := range out.ExecutionSummaries {
			_, thing := cutLast(x.ThingARN)
			rows = append(rows, execution{thing, x.JobExecutionSummary.ExecutionNumber, x.JobExecutionSummary.Status})
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			return rows, nil
		}
	}
}

func open(status string) bool { return status == "QUEUED" || status == "IN_PROGRESS" }

// latest are the executions with the highest numbers, by thing.
func latest(rows []execution) map[string]execution {
	by := map[string]execution{}
	for _, x := range rows {
		if x.number > by[x.thing].number {
			by[x.thing] = x
		}
	}
	return by
}

// count compares a job's counters with its rows, and finds a thing with two
// executions that live.
func (tr *trial) count(j *order, is iot.Job, rows []execution) {
	counted := map[string]int{}
	for _, x := range latest(rows) {
		counted[x.status]++
	}
	d := is.JobProcessDetails
	shown := map[string]int{
		"QUEUED": d.NumberOfQueuedThings, "IN_PROGRESS": d.NumberOfInProgressThings, "SUCCEEDED": d.NumberOfSucceededThings,
		"FAILED": d.NumberOfFailedThings, "REJECTED": d.NumberOfRejectedThings, "TIMED_OUT": d.NumberOfTimedOutThings,
		"CANCELED": d.NumberOfCanceledThings, "REMOVED": d.NumberOfRemovedThings,
	}
	for status, n := range shown {
		if counted[status] != n {
			tr.t.Errorf("job %s shows %d things %s, its rows are %d", j.id, n, status, counted[status])
		}
	}
	live := map[string]int{}
	for _, x := range rows {
		if open(x.status) {
			live[x.thing]++
		}
	}
	for thing, n := range live {
		if n > 1 {
			tr.t.Errorf("job %s has %d live executions on %s", j.id, n, thing)
		}
	}
}
