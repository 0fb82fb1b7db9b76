package storetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"testing"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Kill kills a process in the middle of its work, by a signal that it cannot
// catch, and then looks for all that it had acknowledged. The child runs
// [Acknowledge] on the database that open opens; it is killed after acks lines.
func Kill(t *testing.T, child *exec.Cmd, open Open, acks int) {
	t.Helper()
	told, h := killed(t, child, open, acks)
	h.wantTold(told)
	h.must(h.Store.Close())
}

// killed is what a child told until it was killed, and the store that it left.
func killed(t *testing.T, child *exec.Cmd, open Open, acks int) (told map[string]int64, h *house) {
	t.Helper()
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	told = acknowledged(t, child, out, acks)
	s, err := open(store.Options{Clock: clock.NewReal()})
	if err != nil {
		t.Fatalf("open what the killed process left: %v", err)
	}
	return told, &house{TB: t, Store: s, open: open}
}

// acknowledged is the last version that was told of each thing, also by lines
// that were under way when the process was killed.
func acknowledged(t *testing.T, child *exec.Cmd, out io.Reader, acks int) map[string]int64 {
	t.Helper()
	told, n := map[string]int64{}, 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var thing string
		var version int64
		if _, err := fmt.Sscanf(lines.Text(), "%s %d.", &thing, &version); err != nil {
			break // half a line
		}
		told[thing] = version
		if n++; n == acks {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); n < acks {
		t.Fatalf("the process ended after %d lines: %v", n, err)
	}
	return told
}

// wantTold looks for what was told, and whether the counters are true.
func (h *house) wantTold(told map[string]int64) {
	h.Helper()
	var j job.Job
	latest := map[string]job.Execution{}
	h.write(func(tx store.Tx) (err error) {
		if j, err = tx.Job("job"); err != nil {
			return err
		}
		for thing := range told {
			t, err := tx.Thing(thing)
			if err != nil {
				return err
			}
			if latest[thing], err = tx.Latest(job.Key{Job: j.ID, Thing: t.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	counts := job.Counts{Notified: j.Counts.Notified}
	for thing, version := range told {
		e := latest[thing]
		if e.Version < version {
			h.Errorf("%s is at version %d, though %d was acknowledged", thing, e.Version, version)
		}
		*counts.Of(e.State)++
	}
	if len(told) == killThings && counts != j.Counts {
		h.Errorf("the counters are %+v, the executions %+v", j.Counts, counts)
	}
}

const killThings = 40

// Acknowledge works until the process is killed. It writes a line "THING
// VERSION." for each change that it was told is durable.
func Acknowledge(s store.Store, out io.Writer) error {
	j, things, err := killFleet(s)
	if err != nil {
		return err
	}
	tickets := make([]store.Ticket, killThings)
	for round := int64(2); ; round++ {
		for i, t := range things {
			tickets[i] = s.Submit(command{decide: func(w store.Work) error { return toggle(w, j, t) }})
		}
		for i, t := range things {
			if err := tickets[i].Wait(context.Background()); err != nil {
				return err
			}
			if _, err := fmt.Fprintf(out, "%s %d.\n", t.Name, round); err != nil {
				return err
			}
		}
	}
}

// toggle starts an execution or queues it again.
func toggle(w store.Work, j job.Job, t fleet.Thing) error {
	e, err := w.Latest(job.Key{Job: j.ID, Thing: t.ID})
	if err != nil {
		return err
	}
	to := job.Queued
	if e.State == job.Queued {
		to = job.InProgress
	}
	w.PutExecution(e, reported(e, to, w.Now()))
	w.Count(j.ID, job.Moved(e.State, to))
	return nil
}

// killFleet is a job queued on things.
func killFleet(s store.Store) (j job.Job, things []fleet.Thing, err error) {
	err = s.Write(context.Background(), func(tx store.Tx) error {
		things = nil
		j = job.Job{Name: "job", Selection: job.Snapshot, Status: job.StatusInProgress, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
		if j.ID, err = tx.InsertJob(j, nil); err != nil {
			return err
		}
		for i := range killThings {
			t := fleet.Thing{Name: fmt.Sprintf("t-%d", i), UID: fmt.Sprint(i), Version: 1, CreatedAt: tx.Now()}
			if t.ID, err = tx.InsertThing(t); err != nil {
				return err
			}
			things = append(things, t)
			tx.PutExecution(job.Execution{}, queued(j, t, 1, tx.Now()))
			tx.Count(j.ID, job.Counts{Queued: 1, Notified: 1})
		}
		return nil
	})
	return j, things, err
}
