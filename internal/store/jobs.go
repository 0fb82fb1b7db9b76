package store

import (
	"time"

	"github.com/drover-iot/drover/internal/job"
)

// Jobs is the jobs and set-based changes of their executions.
type Jobs interface {
	// InsertJob stores a job and its document and answers its id; the name
	// must be free (AlreadyExists).
	InsertJob(j job.Job, document []byte) (int64, error)
	// IndexTargets has Following and JobFilter.Group find a job by the groups
	// that were added to j.Targets; PutJob is the caller's.
	IndexTargets(j job.Job) error
	// DropJob deletes the row of a job whose executions are gone, its
	// document, counters, targets, tags and history. Its name is free again.
	DropJob(id int64) error
	// CountDeleting is how many jobs are DELETION_IN_PROGRESS.
	CountDeleting() (int, error)
	// CountActive is how many jobs are IN_PROGRESS or SCHEDULED.
	CountActive() (int, error)
	// CountUnfinished is how many jobs are IN_PROGRESS with targets left to roll
	// out to, paused ones too.
	CountUnfinished() (int, error)
	// Unfinished are the ids of those, the oldest first.
	Unfinished() ([]int64, error)
	// LastReleases is how many things all rollouts together released in the
	// minute that NoteReleases noted last; zero before it has.
	LastReleases() (minute time.Time, n int, err error)
	NoteReleases(minute time.Time, n int) error
	// NoteChange adds to the history of a job, of which the newest
	// job.MaxHistory entries stay.
	NoteChange(jobID int64, c job.Change) error
	// Following are the live CONTINUOUS jobs with any of these target groups.
	Following(groups []int64) ([]job.Job, error)
	// Release queues executions for the next things of a target; the counters
	// and the owed notices are part of it, PutJob is the caller's.
	Release(j job.Job, s Slice) (Released, error)
	// OpenOf looks at up to look executions of a job behind thing after and
	// answers the open ones (as Work.Pending has them), by (thing, number), at most n; next is the last
	// thing looked at, end that nothing is left behind it.
	OpenOf(jobID, after int64, look, n int) (open []job.Execution, next int64, end bool, err error)
	// EndedOf are the executions of a job that DeleteEnded deletes, by (thing,
	// number).
	EndedOf(jobID, after, upTo int64) ([]job.Execution, error)
	// DeleteEnded deletes the executions of a job that are not open, for the
	// things behind after up to and with upTo.
	DeleteEnded(jobID, after, upTo int64) error
	// Wait notes that a thing waits to join, behind its execution of that number;
	// Waiting are the first n, by thing; EndWait forgets one.
	Wait(k job.Key, number int64) error
	Waiting(jobID int64, n int) ([]job.Ref, error)
	EndWait(job.Key) error
	// Spend notes that a thing had its execution of the job deleted: a
	// rollout does not reach it again.
	Spend(job.Key) error
}
