package sqlstore

import (
	"context"
	"math"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// A list of jobs or executions finds its rows by what decides whether they
// fit, and loads those of the page one by one: few are shown of the many that
// are looked at, and what a sweep deletes meanwhile is left out.

// listedJob is a job as far as a list looks at it.
type listedJob struct {
	id        int64
	at        creation
	status    job.Status
	selection job.Selection
	namespace string
}

// creation is the place of a job in the list.
type creation struct {
	At   int64  `json:"at"` // milliseconds
	Name string `json:"name"`
}

func scanListedJob(r row) (k listedJob, err error) {
	err = r.Scan(&k.id, &k.at.At, &k.at.Name, &k.status, &k.selection, &k.namespace)
	return k, err
}

// fits tells whether the job is as f says, but for the group.
func (k listedJob) fits(f store.JobFilter) bool {
	return (f.Status == 0 || k.status == f.Status) && (f.Selection == 0 || k.selection == f.Selection) &&
		(f.Namespace == "" || k.namespace == f.Namespace)
}

// JobsBy implements store.Reader.
func (s *Store) JobsBy(ctx context.Context, f store.JobFilter, p store.Page) ([]job.Job, store.Cursor, error) {
	l := list[listedJob, creation]{
		name: "jobs",
		from: creation{At: math.MaxInt64},
		key:  func(k listedJob) creation { return k.at },
		fits: func(k listedJob) bool { return k.fits(f) },
		read: func(after creation, n int) ([]listedJob, error) {
			if f.Group != 0 {
				return all(s.reads(ctx), scanListedJob, "job_keys_of_group", after.At, after.Name, n, f.Group)
			}
			return s.listedJobs(ctx, after, n)
		},
	}
	page, next, err := l.page(p)
	if err != nil {
		return nil, "", err
	}
	jobs, err := s.jobs(ctx, page, f)
	return jobs, next, err
}

// listedJobs are the next n jobs of all: those created at the same instant
// come first.
func (s *Store) listedJobs(ctx context.Context, after creation, n int) ([]listedJob, error) {
	same, err := all(s.reads(ctx), scanListedJob, "job_keys_at", after.At, after.Name, n)
	if err != nil || len(same) == n {
		return same, err
	}
	older, err := all(s.reads(ctx), scanListedJob, "job_keys_before", after.At, n-len(same))
	return append(same, older...), err
}

// jobs loads those of a page that are still there and as f says.
func (s *Store) jobs(ctx context.Context, page []listedJob, f store.JobFilter) ([]job.Job, error) {
	jobs := make([]job.Job, 0, len(page))
	for _, k := range page {
		j, err := s.JobOf(ctx, k.id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		k.status = j.Status
		if k.fits(f) {
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}
