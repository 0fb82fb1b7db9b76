// Package storetest holds every store to the same behaviour. Begin with [Run];
// each area is an exported function too, for a store that runs one in another
// configuration. [Kill] and [KillQueue] are run by tests of their own, since
// they end a process.
//
// Tests find a store by a [Fresh]; they use it by its interface only, except
// that a store which counts its loads on demand is asked for them.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Fresh makes an empty database that goes away with the test.
type Fresh func(testing.TB) Open

// Open opens the database, also again after a Close.
type Open func(store.Options) (store.Store, error)

// Run runs every area but [Kill] and [KillQueue].
func Run(t *testing.T, fresh Fresh) {
	t.Run("Batch", func(t *testing.T) { Batch(t, fresh) })
	t.Run("Work", func(t *testing.T) { Work(t, fresh) })
	t.Run("Executions", func(t *testing.T) { Executions(t, fresh) })
	t.Run("Jobs", func(t *testing.T) { Jobs(t, fresh) })
	t.Run("Release", func(t *testing.T) { Release(t, fresh) })
	t.Run("Debts", func(t *testing.T) { Debts(t, fresh) })
	t.Run("Registry", func(t *testing.T) { Registry(t, fresh) })
	t.Run("Shadows", func(t *testing.T) { Shadows(t, fresh) })
	t.Run("Index", func(t *testing.T) { Index(t, fresh) })
	t.Run("Templates", func(t *testing.T) { Templates(t, fresh) })
	t.Run("Lists", func(t *testing.T) { Lists(t, fresh) })
	t.Run("Sessions", func(t *testing.T) { Sessions(t, fresh) })
	t.Run("Software", func(t *testing.T) { Software(t, fresh) })
	t.Run("Events", func(t *testing.T) { Events(t, fresh) })
	t.Run("Due", func(t *testing.T) { Due(t, fresh) })
	t.Run("Clock", func(t *testing.T) { Clock(t, fresh) })
	t.Run("Turns", func(t *testing.T) { Turns(t, fresh) })
	t.Run("Durable", func(t *testing.T) { Durable(t, fresh) })
}

// start is where the clock of every test begins.
var start = time.Date(2026, 1, 30, 12, 0, 0, 0, time.UTC)

// house is an open store with what a test puts into it.
type house struct {
	testing.TB
	store.Store
	clock *clock.Virtual
	open  Open
	// virtual has the time of the clock stored: Options.Virtual.
	virtual bool
	// For Turns: what it asks the store for, and a thing that has listeners.
	turned     func(store.Turn)
	queueLimit int
	listened   fleet.Thing
}

// newHouse opens an empty store on a virtual clock.
func newHouse(t testing.TB, fresh Fresh) *house {
	t.Helper()
	h := &house{TB: t, clock: clock.NewVirtual(start), open: fresh(t)}
	h.reopen()
	t.Cleanup(func() { h.must(h.Store.Close()) })
	return h
}

// reopen opens the store; the test has closed it before.
func (h *house) reopen() {
	h.Helper()
	s, err := h.open(store.Options{
		Clock: h.clock, Virtual: h.virtual, Notices: []string{"$aws/things/{}/jobs/notify"}, Spaced: "-namespace-",
		QueueLimit: h.queueLimit, Turned: h.turned,
	})
	h.must(err)
	h.Store = s
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// write runs fn in a transaction that must succeed.
func (h *house) write(fn func(store.Tx) error) {
	h.Helper()
	h.must(h.Write(context.Background(), fn))
}

// thing registers a thing.
func (h *house) thing(name string) fleet.Thing {
	h.Helper()
	t := fleet.Thing{Name: name, UID: "uid-" + name, Version: 1, CreatedAt: h.clock.Now()}
	h.write(func(tx store.Tx) (err error) {
		t.ID, err = tx.InsertThing(t)
		return err
	})
	return t
}

// things registers n things: name-1, name-2, …
func (h *house) things(name string, n int) []fleet.Thing {
	h.Helper()
	var list []fleet.Thing
	for i := range n {
		list = append(list, h.thing(fmt.Sprintf("%s-%d", name, i+1)))
	}
	return list
}

// job inserts a live SNAPSHOT job.
func (h *house) job(name string) job.Job {
	h.Helper()
	return h.insert(job.Job{Name: name, Selection: job.Snapshot, Status: job.StatusInProgress})
}

// insert inserts a job.
func (h *house) insert(j job.Job) job.Job {
	h.Helper()
	j.CreatedAt, j.UpdatedAt = h.clock.Now(), h.clock.Now()
	h.write(func(tx store.Tx) (err error) {
		j.ID, err = tx.InsertJob(j, []byte(`{"op":"`+j.Name+`"}`))
		return err
	})
	return j
}

// group makes a root group of the things.
func (h *house) group(name string, things ...fleet.Thing) fleet.Group {
	h.Helper()
	g := fleet.Group{Name: name, UID: "uid-" + name, Depth: 1, Version: 1, CreatedAt: h.clock.Now()}
	h.write(func(tx store.Tx) (err error) {
		if g.ID, err = tx.InsertGroup(g); err != nil {
			return err
		}
		for _, t := range things {
			if err := tx.Join(g.ID, t.ID, true); err != nil {
				return err
			}
		}
		return nil
	})
	return g
}

// queued is an execution as a release makes it.
func queued(j job.Job, t fleet.Thing, number int64, at time.Time) job.Execution {
	ref := job.Ref{Key: job.Key{Job: j.ID, Thing: t.ID}, Number: number}
	return job.Execution{Ref: ref, State: job.Queued, Version: 1, QueuedAt: at, UpdatedAt: at}
}

// queue puts a first execution of the job on each thing, with its count.
func (h *house) queue(j job.Job, things ...fleet.Thing) {
	h.Helper()
	h.write(func(tx store.Tx) error {
		for _, t := range things {
			tx.PutExecution(job.Execution{}, queued(j, t, 1, tx.Now()))
			tx.Count(j.ID, job.Counts{Queued: 1, Notified: 1})
		}
		return nil
	})
}

// reported is e after an accepted report.
func reported(e job.Execution, s job.State, now time.Time) job.Execution {
	if e.State == job.Queued && s != job.Queued {
		e.StartedAt = now
	}
	e.State, e.UpdatedAt = s, now
	e.Version++
	return e
}

// command is a store.Command of two functions.
type command struct {
	hint   func(*store.Hints)
	decide func(store.Work) error
}

// Hint implements store.Command.
func (c command) Hint(h *store.Hints) {
	if c.hint != nil {
		c.hint(h)
	}
}

// Decide implements store.Command.
func (c command) Decide(w store.Work) error { return c.decide(w) }

// do runs one command.
func (h *house) do(decide func(store.Work) error) error {
	return h.Submit(command{decide: decide}).Wait(context.Background())
}

// batch submits the commands so that they make one batch, and answers their
// outcomes.
func (h *house) batch(commands ...store.Command) []error {
	h.Helper()
	held, free := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		done <- h.Write(context.Background(), func(store.Tx) error {
			close(held)
			<-free
			return nil
		})
	}()
	<-held
	tickets := make([]store.Ticket, len(commands))
	for i, c := range commands {
		tickets[i] = h.Submit(c)
	}
	close(free)
	h.must(<-done)
	outcomes := make([]error, len(tickets))
	for i, t := range tickets {
		outcomes[i] = t.Wait(context.Background())
	}
	return outcomes
}

// decisions are commands without hints.
func decisions(list ...func(store.Work) error) []store.Command {
	commands := make([]store.Command, len(list))
	for i, fn := range list {
		commands[i] = command{decide: fn}
	}
	return commands
}

// latest is the saved latest execution.
func (h *house) latest(j job.Job, t fleet.Thing) (e job.Execution) {
	h.Helper()
	h.write(func(tx store.Tx) (err error) {
		e, err = tx.Latest(job.Key{Job: j.ID, Thing: t.ID})
		return err
	})
	return e
}

// wantState checks the state of the latest execution; 0 is none.
func (h *house) wantState(j job.Job, t fleet.Thing, want job.State) {
	h.Helper()
	if e := h.latest(j, t); e.State != want {
		h.Errorf("the execution of %s on %s is in state %d, want %d", j.Name, t.Name, e.State, want)
	}
}

// wantCounts checks a job's counters as committed.
func (h *house) wantCounts(j job.Job, want job.Counts) {
	h.Helper()
	got, err := h.JobOf(context.Background(), j.ID)
	h.must(err)
	if got.Counts != want {
		h.Errorf("the counters of %s are %+v, want %+v", j.Name, got.Counts, want)
	}
}
