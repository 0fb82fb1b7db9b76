package sqlstore

import (
	"slices"
	"strconv"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// InsertJob implements store.Jobs.
func (t *tx) InsertJob(j job.Job, document []byte) (int64, error) {
	args := append([]any{j.Name, j.Namespace, int64(j.Selection), j.CreatedAt.UnixMilli()}, jobValues(j)...)
	id, ok, err := t.insert("insert_job", args...)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, fault.New(fault.AlreadyExists, "Job %s exists already", j.Name)
	}
	t.due(j.Due)
	if _, err := t.exec("insert_document", id, append([]byte{}, document...)); err != nil {
		return 0, err
	}
	if _, err := t.exec("insert_counters", append([]any{id, t.stripe}, countValues(j.Counts)...)...); err != nil {
		return 0, err
	}
	j.ID = id
	return id, t.IndexTargets(j)
}

// InsertGivenDocument implements store.Software.
func (t *tx) InsertGivenDocument(jobID int64, document []byte) error {
	_, err := t.exec("insert_given_document", jobID, document)
	return err
}

// IndexTargets implements store.Jobs.
func (t *tx) IndexTargets(j job.Job) error {
	var following any
	if j.Live() && j.Selection == job.Continuous {
		following = int64(1)
	}
	for _, target := range j.Targets {
		if !target.Group {
			continue
		}
		if _, err := t.exec("insert_job_group", j.ID, target.ID, j.CreatedAt.UnixMilli(), following); err != nil {
			return err
		}
	}
	return nil
}

// DropJob implements store.Jobs.
func (t *tx) DropJob(id int64) error {
	for _, name := range []string{"delete_job", "delete_document", "delete_given_document", "delete_counters", "delete_job_groups", "delete_spent", "delete_job_changes", "delete_job_joins"} {
		if _, err := t.exec(name, id); err != nil {
			return err
		}
	}
	t.known.forgetJob(id)
	_, err := t.exec("delete_tags", store.KindJob, strconv.FormatInt(id, 10))
	return err
}

// CountDeleting implements store.Jobs.
func (t *tx) CountDeleting() (int, error) { return t.count("count_deleting") }

// CountActive implements store.Jobs.
func (t *tx) CountActive() (int, error) { return t.count("count_active") }

// CountUnfinished implements store.Jobs.
func (t *tx) CountUnfinished() (int, error) { return t.count("count_unfinished") }

// Unfinished implements store.Jobs.
func (t *tx) Unfinished() ([]int64, error) { return all(t, scanNumber, "unfinished_jobs") }

// The names in meta of how many things were released in a minute.
const (
	metaReleases       = "releases"
	metaReleasesMinute = "releases_minute"
)

// LastReleases implements store.Jobs.
func (t *tx) LastReleases() (minute time.Time, n int, err error) {
	if minute, _, err = one(t, scanInstant, "meta", metaReleasesMinute); err != nil {
		return minute, 0, err
	}
	released, _, err := one(t, scanNumber, "meta", metaReleases)
	return minute, int(released), err
}

// NoteReleases implements store.Jobs.
func (t *tx) NoteReleases(minute time.Time, n int) error {
	if _, err := t.exec("set_meta", metaReleasesMinute, minute.UnixMilli()); err != nil {
		return err
	}
	_, err := t.exec("set_meta", metaReleases, int64(n))
	return err
}

func (t *tx) count(query string) (int, error) {
	n, _, err := one(t, scanNumber, query)
	return int(n), err
}

// Following implements store.Jobs.
func (t *tx) Following(groups []int64) ([]job.Job, error) {
	var ids []int64
	keys := make([][]any, len(groups))
	for i, group := range groups {
		keys[i] = []any{group}
	}
	err := t.forKeys("following_jobs", keys, func(r row) error {
		id, err := scanNumber(r)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	return t.jobsOf(slices.Compact(ids))
}

func (t *tx) jobsOf(ids []int64) ([]job.Job, error) {
	var jobs []job.Job
	for _, id := range ids {
		j, err := t.JobByID(id)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// OpenOf implements store.Jobs.
func (t *tx) OpenOf(jobID, after int64, look, n int) ([]job.Execution, int64, bool, error) {
	for look = max(look, 1); ; look *= 2 {
		rows, err := all(t, scanSwept, "executions_behind", jobID, after, int64(look)+1)
		if err != nil {
			return nil, after, false, err
		}
		rows, whole := wholeThings(rows, look, func(s swept) int64 { return s.Thing })
		if len(rows) > 0 || whole {
			open, next, done := firstOpen(rows, after, n)
			return open, next, whole && done, nil
		}
		// One thing has more executions than that.
	}
}

// swept is an execution as a sweep looks at it.
type swept struct {
	job.Execution
	open bool
}

func scanSwept(r row) (swept, error) {
	var s swept
	err := r.Scan(append(executionColumns(&s.Execution), &s.open)...)
	return s, err
}

// wholeThings cuts rows, of which one more than look was asked for, behind
// the last thing that is all there. whole tells that nothing was cut.
func wholeThings[T any](rows []T, look int, thing func(T) int64) (cut []T, whole bool) {
	if len(rows) <= look {
		return rows, true
	}
	last := thing(rows[len(rows)-1])
	return rows[:slices.IndexFunc(rows, func(r T) bool { return thing(r) == last })], false
}

// firstOpen are the first n open executions of rows, the last thing looked at,
// and whether that was all.
func firstOpen(rows []swept, after int64, n int) (open []job.Execution, next int64, all bool) {
	next = after
	for _, r := range rows {
		if len(open) >= n && r.Thing != next {
			return open, next, false
		}
		next = r.Thing
		if r.open {
			open = append(open, r.Execution)
		}
	}
	return open, next, true
}

// EndedOf implements store.Jobs.
func (t *tx) EndedOf(jobID, after, upTo int64) ([]job.Execution, error) {
	return all(t, scanExecution, "ended_executions", jobID, after, upTo)
}

// DeleteEnded implements store.Jobs. Deleted things that no execution names
// any more go with them.
func (t *tx) DeleteEnded(jobID, after, upTo int64) error {
	if _, err := t.exec("delete_ended", jobID, after, upTo); err != nil {
		return err
	}
	t.known.forgetLists()
	clear(t.exact)
	_, err := t.exec("delete_gone_things", after, upTo)
	return err
}

// Spend implements store.Jobs.
func (t *tx) Spend(k job.Key) error {
	_, err := t.exec("spend", k.Job, k.Thing)
	return err
}

// Wait implements store.Jobs.
func (t *tx) Wait(k job.Key, number int64) error {
	_, err := t.exec("insert_job_join", k.Job, k.Thing, number)
	return err
}

// Waiting implements store.Jobs.
func (t *tx) Waiting(jobID int64, n int) ([]job.Ref, error) {
	return all(t, scanRef, "job_joins", jobID, n)
}

// EndWait implements store.Jobs.
func (t *tx) EndWait(k job.Key) error {
	_, err := t.exec("delete_job_join", k.Job, k.Thing)
	return err
}
