package sqlstore

import (
	"context"
	"database/sql"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Job implements store.Reader.
func (s *Store) Job(ctx context.Context, name string) (job.Job, error) {
	j, ok, err := one(s.reads(ctx), scanJob, "job_by_name", name)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Job %s does not exist", name)
	}
	return j, err
}

// JobOf implements store.Reader.
func (s *Store) JobOf(ctx context.Context, id int64) (job.Job, error) {
	j, ok, err := one(s.reads(ctx), scanJob, "job_by_id", id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Job %d does not exist", id)
	}
	return j, err
}

// Document implements store.Reader.
func (s *Store) Document(ctx context.Context, jobID int64) ([]byte, error) {
	body, ok, err := one(s.reads(ctx), scanBytes, "document", jobID)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Job %d does not exist", jobID)
	}
	return body, err
}

// GivenDocument implements store.SoftwareReader.
func (s *Store) GivenDocument(ctx context.Context, jobID int64) ([]byte, error) {
	body, _, err := one(s.reads(ctx), scanBytes, "given_document", jobID)
	return body, err
}

func scanBytes(r row) (b []byte, err error) {
	err = r.Scan(&b)
	return b, err
}

// PendingOf implements store.Reader.
func (s *Store) PendingOf(ctx context.Context, thing string) (fleet.Thing, []store.Attempt, error) {
	list, err := all(s.reads(ctx), scanPending, "pending_of", thing)
	if err != nil {
		return fleet.Thing{}, nil, err
	}
	if len(list) == 0 {
		return fleet.Thing{}, nil, fault.New(fault.NotFound, "Thing %s does not exist", thing)
	}
	t := list[0].Thing
	if list[0].None() {
		return t, nil, nil
	}
	for i := range list {
		list[i].Thing = t
	}
	return t, list, nil
}

// scanPending reads a thing, and an execution with its job or NULLs.
func scanPending(r row) (store.Attempt, error) {
	var a store.Attempt
	var number sql.NullInt64
	dest := []any{&a.Thing.ID, &a.Thing.Name, &number}
	if err := r.Scan(append(dest, skip(len(executionColumns(&a.Execution))+len(shownColumns(&a.Job)))...)...); err != nil {
		return a, err
	}
	if !number.Valid {
		return a, nil
	}
	dest = append(skip(len(dest)), executionColumns(&a.Execution)...)
	err := r.Scan(append(dest, shownColumns(&a.Job)...)...)
	return a, err
}

// shownColumns are what job.Job.Shows needs of a job, and its names.
func shownColumns(j *job.Job) []any {
	return []any{
		&j.ID, &j.Name, &j.Namespace, &j.Status,
		structure{&j.Settings},
		instant{&j.CompletedAt},
		truth{&j.Forced},
		structure{&j.Rollout},
		structure{&j.Sweep},
	}
}

// skip is n columns that are not read.
func skip(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = ignored{}
	}
	return list
}

// ignored is a column that is not read.
type ignored struct{}

// Scan implements sql.Scanner.
func (ignored) Scan(any) error { return nil }

// ExecutionOf implements store.Reader.
func (s *Store) ExecutionOf(ctx context.Context, thing, jobName string, number int64) (store.Attempt, error) {
	a, ok, err := one(s.reads(ctx), scanAttempt, "execution_of", thing, jobName, number)
	if err != nil || ok {
		return a, err
	}
	if _, err := s.Thing(ctx, thing); err != nil {
		return a, err
	}
	if _, err := s.Job(ctx, jobName); err != nil {
		return a, err
	}
	if number == 0 {
		return a, fault.New(fault.NotFound, "No execution of job %s on thing %s", jobName, thing)
	}
	return a, fault.New(fault.NotFound, "No execution %d of job %s on thing %s", number, jobName, thing)
}

// scanAttempt reads an execution, its job and its thing.
func scanAttempt(r row) (store.Attempt, error) {
	var a store.Attempt
	dest := append(executionColumns(&a.Execution), jobColumns(&a.Job)...)
	err := r.Scan(append(dest, thingColumns(&a.Thing)...)...)
	return a, err
}
