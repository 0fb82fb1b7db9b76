package sqlstore

import (
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
)

// Job implements store.Work.
func (w *work) Job(name string) (job.Job, error) {
	if id, ok := w.known.jobIDs[name]; ok {
		return w.JobByID(id)
	}
	absent := fault.New(fault.NotFound, "Job %s does not exist", name)
	if w.absentJobs[name] {
		return job.Job{}, absent
	}
	w.missed()
	j, ok, err := one(w.asSaved(), scanJob, "job_by_name", name)
	if err != nil {
		return job.Job{}, err
	}
	if !ok {
		return job.Job{}, absent
	}
	return w.known.keepJob(j).job, nil
}

// JobByID implements store.Work.
func (w *work) JobByID(id int64) (job.Job, error) {
	e, err := w.entry(id)
	if err != nil {
		return job.Job{}, err
	}
	return e.job, nil
}

func (w *work) entry(id int64) (*jobEntry, error) {
	if e := w.known.jobs[id]; e != nil {
		return e, nil
	}
	w.missed()
	j, ok, err := one(w.asSaved(), scanJob, "job_by_id", id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.New(fault.NotFound, "Job %d does not exist", id)
	}
	return w.known.keepJob(j), nil
}

// PutJob implements store.Work.
func (w *work) PutJob(j job.Job) {
	e := w.touch(j.ID)
	if e == nil {
		return
	}
	j.Counts = e.job.Counts
	w.known.grown(e.job, j)
	e.job, e.put = j, true
	w.bytes += len(j.Comment) + len(j.Settings.Description)
	for _, value := range j.Settings.Origin.Parameters {
		w.bytes += len(value)
	}
}

// Count implements store.Work.
func (w *work) Count(jobID int64, delta job.Counts) {
	e := w.touch(jobID)
	if e == nil {
		return
	}
	e.job.Counts = e.job.Counts.Plus(delta)
	e.delta = e.delta.Plus(delta)
}

// touch notes in the journal that a job changes. A job that was not looked at
// is loaded; if it cannot be, the command fails.
func (w *work) touch(id int64) *jobEntry {
	e, err := w.entry(id)
	if err != nil {
		w.failed = err
		return nil
	}
	w.journal = append(w.journal, undo{job: e, was: *e})
	if !e.touched {
		e.touched = true
		w.touched = append(w.touched, e)
	}
	return e
}
