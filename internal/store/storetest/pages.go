package storetest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// shelf is a list whose rows are numbered, so that tests can put them there
// and take them away.
type shelf struct {
	put, take func(tx store.Tx, row int) error
	page      func(store.Page) (rows []int, next store.Cursor, err error)
	place     func(row int) int // in the order of the list, before the number
}

// rowsOfShelf is how many rows there may be.
const rowsOfShelf = 12

// pages turns the pages of every list while rows come and go.
func pages(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name string
		make func(*house) shelf
	}{
		{"things", thingShelf},
		{"groups", groupShelf},
		{"members", memberShelf},
		{"jobs", jobShelf},
		{"executions of a job", jobExecutionShelf},
		{"executions of a thing", thingExecutionShelf},
		{"tags", tagShelf},
	} {
		t.Run("pages of "+c.name+" neither repeat nor skip while rows come and go", func(t *testing.T) {
			h := newHouse(t, fresh)
			s := c.make(h)
			present := map[int]bool{}
			rapid.Check(t, func(rt *rapid.T) {
				w := &walk{T: rt, h: h, shelf: s, present: present}
				w.run()
			})
		})
	}
}

// walk turns all pages once. Rows may come and go between two pages.
type walk struct {
	*rapid.T
	h *house
	shelf
	present map[int]bool
	stable  map[int]bool // there all the while
	ever    map[int]bool // there at some time
}

func (w *walk) run() {
	for range rapid.IntRange(0, rowsOfShelf).Draw(w.T, "first") {
		w.toggle()
	}
	w.stable, w.ever = maps.Clone(w.present), maps.Clone(w.present)
	var seen []int
	for p := (store.Page{}); ; {
		p.Limit = rapid.IntRange(1, 5).Draw(w.T, "limit")
		rows, next, err := w.page(p)
		w.h.must(err)
		if len(seen) > 10*rowsOfShelf || len(rows) > p.Limit || next != "" && next == p.After {
			w.Fatalf("a page of %d has %d rows, its cursor goes from %q to %q", p.Limit, len(rows), p.After, next)
		}
		seen = append(seen, rows...)
		if next == "" {
			break
		}
		p.After = next
		for range rapid.IntRange(0, 3).Draw(w.T, "changes") {
			w.toggle()
		}
	}
	w.judge(seen)
}

// toggle takes a row away, or puts it there.
func (w *walk) toggle() {
	row := rapid.IntRange(0, rowsOfShelf-1).Draw(w.T, "row")
	if w.present[row] {
		w.h.write(func(tx store.Tx) error { return w.take(tx, row) })
		delete(w.present, row)
		delete(w.stable, row)
		return
	}
	w.h.write(func(tx store.Tx) error { return w.put(tx, row) })
	w.present[row] = true
	if w.ever != nil {
		w.ever[row] = true
	}
}

func (w *walk) judge(seen []int) {
	order := func(a, b int) int { return cmp.Or(cmp.Compare(w.place(a), w.place(b)), cmp.Compare(a, b)) }
	if !slices.IsSortedFunc(seen, order) || len(slices.Compact(slices.Clone(seen))) != len(seen) {
		w.Errorf("the pages are not in order, or repeat a row: %v", seen)
	}
	for row := range w.stable {
		if !slices.Contains(seen, row) {
			w.Errorf("row %d was there all the while and is not in %v", row, seen)
		}
	}
	for _, row := range seen {
		if !w.ever[row] {
			w.Errorf("row %d was never there and is in %v", row, seen)
		}
	}
}

// inNumbers is the place of a row in a list that is ordered by number.
func inNumbers(int) int { return 0 }

// numbered reads the rows of a page from their names.
func numbered[T any](list []T, next store.Cursor, err error, name func(T) string) ([]int, store.Cursor, error) {
	var rows []int
	for _, t := range list {
		row, bad := strconv.Atoi(name(t))
		if bad != nil {
			return nil, "", bad
		}
		rows = append(rows, row)
	}
	return rows, next, err
}

func rowName(row int) string { return fmt.Sprintf("%03d", row) }

// rowThings registers a thing for each row.
func rowThings(h *house) (things []fleet.Thing) {
	for row := range rowsOfShelf {
		things = append(things, h.thing(rowName(row)))
	}
	return things
}

// rowJobs inserts a job for each row.
func rowJobs(h *house) (jobs []job.Job) {
	for row := range rowsOfShelf {
		jobs = append(jobs, h.job(rowName(row)))
	}
	return jobs
}

func thingShelf(h *house) shelf {
	ids := map[int]int64{}
	return shelf{
		put: func(tx store.Tx, row int) (err error) {
			ids[row], err = tx.InsertThing(fleet.Thing{Name: rowName(row)})
			return err
		},
		take: func(tx store.Tx, row int) error { return tx.DeleteThing(ids[row]) },
		page: func(p store.Page) ([]int, store.Cursor, error) {
			list, next, err := h.Things(context.Background(), store.ThingFilter{}, p)
			return numbered(list, next, err, nameOfThing)
		},
		place: inNumbers,
	}
}

func groupShelf(h *house) shelf {
	ids := map[int]int64{}
	root := h.group("root")
	return shelf{
		put: func(tx store.Tx, row int) (err error) {
			ids[row], err = tx.InsertGroup(fleet.Group{Name: rowName(row), Parent: root.ID})
			return err
		},
		take: func(tx store.Tx, row int) error { return tx.DeleteGroup(ids[row]) },
		page: func(p store.Page) ([]int, store.Cursor, error) {
			list, next, err := h.Groups(context.Background(), store.GroupFilter{Parent: root.ID, Recursive: true}, p)
			return numbered(list, next, err, nameOfGroup)
		},
		place: inNumbers,
	}
}

func memberShelf(h *house) shelf {
	things, g := rowThings(h), h.group("g")
	return shelf{
		put:  func(tx store.Tx, row int) error { return tx.Join(g.ID, things[row].ID, true) },
		take: func(tx store.Tx, row int) error { return tx.Leave(g.ID, things[row].ID) },
		page: func(p store.Page) ([]int, store.Cursor, error) {
			list, next, err := h.Members(context.Background(), g.ID, false, p)
			return numbered(list, next, err, nameOfThing)
		},
		place: inNumbers,
	}
}

func jobShelf(h *house) shelf {
	ids := map[int]int64{}
	return shelf{
		put: func(tx store.Tx, row int) (err error) {
			j := job.Job{Name: rowName(row), Status: job.StatusInProgress, CreatedAt: at(row % 3), UpdatedAt: at(row % 3)}
			ids[row], err = tx.InsertJob(j, nil)
			return err
		},
		take: func(tx store.Tx, row int) error { return tx.DropJob(ids[row]) },
		page: func(p store.Page) ([]int, store.Cursor, error) {
			list, next, err := h.JobsBy(context.Background(), store.JobFilter{Status: job.StatusInProgress}, p)
			return numbered(list, next, err, nameOfJob)
		},
		place: func(row int) int { return -(row % 3) },
	}
}

// putQueued puts an execution, takeQueued takes it away.
func putQueued(tx store.Tx, e job.Execution) error {
	tx.PutExecution(job.Execution{}, e)
	return nil
}

func takeQueued(tx store.Tx, e job.Execution) error {
	tx.PutExecution(e, job.Execution{})
	return nil
}

func jobExecutionShelf(h *house) shelf {
	things, j := rowThings(h), h.job("fw")
	of := func(row int) job.Execution { return queued(j, things[row], 1, start) }
	return shelf{
		put:  func(tx store.Tx, row int) error { return putQueued(tx, of(row)) },
		take: func(tx store.Tx, row int) error { return takeQueued(tx, of(row)) },
		page: func(p store.Page) ([]int, store.Cursor, error) {
			list, next, err := h.ExecutionsOfJob(context.Background(), j.ID, job.Queued, p)
			return numbered(list, next, err, func(a store.Attempt) string { return a.Thing.Name })
		},
		place: inNumbers,
	}
}

func thingExecutionShelf(h *house) shelf {
	jobs, thing := rowJobs(h), h.thing("t")
	slices.Reverse(jobs) // the newest job of an instant comes first
	of := func(row int) job.Execution {
		return queued(jobs[row], thing, 1, start.Add(time.Duration(row%3)*time.Second))
	}
	number := map[string]string{}
	for row, j := range jobs {
		number[j.Name] = rowName(row)
	}
	return shelf{
		put:  func(tx store.Tx, row int) error { return putQueued(tx, of(row)) },
		take: func(tx store.Tx, row int) error { return takeQueued(tx, of(row)) },
		page: func(p store.Page) ([]int, store.Cursor, error) {
			list, next, err := h.ExecutionsOfThing(context.Background(), thing.ID, store.ExecutionFilter{}, p)
			return numbered(list, next, err, func(a store.Attempt) string { return number[a.Job.Name] })
		},
		place: func(row int) int { return -(row % 3) },
	}
}

func tagShelf(h *house) shelf {
	r := store.Resource{Kind: store.KindJob, ID: "1"}
	return shelf{
		put:  func(tx store.Tx, row int) error { return tx.PutTag(r, fleet.Tag{Key: rowName(row)}) },
		take: func(tx store.Tx, row int) error { return tx.DeleteTag(r, rowName(row)) },
		page: func(p store.Page) ([]int, store.Cursor, error) {
			list, next, err := h.TagsOf(context.Background(), r, p)
			return numbered(list, next, err, func(g fleet.Tag) string { return g.Key })
		},
		place: inNumbers,
	}
}
