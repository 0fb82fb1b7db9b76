package job

import (
	"reflect"
	"time"

	"pgregory.net/rapid"
)

// wait lets time pass and does all that becomes due in it, in its order.
func (w *world) wait(t *rapid.T) {
	until := w.now.Add(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "ms")) * time.Millisecond)
	for range 10_000 {
		at, thing := w.nextDue()
		if at.IsZero() || at.After(until) {
			w.now = until
			return
		}
		w.now = latest(w.now, at)
		if thing != 0 {
			w.fire(thing)
		} else {
			w.tick()
		}
	}
	t.Fatalf("something is due for ever: job %v", w.j.Due)
}

// nextDue is the nearest deadline of an execution, with its thing, or the tick
// of the rollout.
func (w *world) nextDue() (at time.Time, thing int64) {
	if !w.j.Sweep.Active { // sweeps are an action of their own
		at = w.j.Due
	}
	for id := int64(1); id <= 40; id++ {
		if d := w.j.Effective(w.latest(id)).Deadline(); !d.IsZero() && (at.IsZero() || d.Before(at)) {
			at, thing = d, id
		}
	}
	return at, thing
}

func (w *world) fire(thing int64) {
	timedOut, ok := w.j.Effective(w.latest(thing)).TimeOut(w.now)
	if !ok {
		w.Fatalf("thing %d is due but does not time out", thing)
	}
	w.change(timedOut)
}

// tick releases what the rate allows; things that left or have an execution
// are looked at and passed over.
func (w *world) tick() {
	progress, n := w.j.Allow(w.now)
	w.j.Rollout = progress
	for n > 0 && len(w.waiting) > 0 {
		thing := w.waiting[0]
		w.waiting = w.waiting[1:]
		if !w.in[thing] || w.reached[thing] {
			continue
		}
		w.put(Fresh(Ref{Key{w.j.ID, thing}, 1}, w.now, w.now))
		w.j.Rollout = w.j.Rollout.Took(1)
		w.released++
		n--
	}
	if len(w.waiting) == 0 {
		w.j.Rollout.Target = 1
	}
	w.j = w.j.WithDue(w.now)
	w.judge()
}

// sweep takes the next three things along, as the engine does.
func (w *world) sweep(*rapid.T) {
	if !w.j.Sweep.Active {
		return
	}
	to := w.j.Sweep.Thing + 3
	for thing := w.j.Sweep.Thing + 1; thing <= to; thing++ {
		w.sweepOne(thing)
	}
	w.j = w.j.Swept(to, to >= 40, w.now)
	w.check()
}

// sweepOne: what every reader saw before is what the row is afterwards.
func (w *world) sweepOne(thing int64) {
	before := w.latest(thing)
	foreseen, shown := w.j.Effective(before), w.j.Shows(before)
	if w.j.Status == StatusDeleting {
		if !foreseen.None() || shown {
			w.Fatalf("a job being deleted shows %+v", foreseen)
		}
		for _, e := range w.rows[thing] {
			delete(w.terminal, e.Ref)
		}
		delete(w.rows, thing)
		w.j.Counts = w.j.Counts.Plus(Moved(before.State, 0))
		return
	}
	if next, ok := before.Cancel(w.j.Forced, w.j.CompletedAt); ok && !before.None() {
		w.put(next)
	}
	if after := w.latest(thing); !reflect.DeepEqual(after, foreseen) || w.j.Shows(after) != shown {
		w.Fatalf("the sweep made %+v, foreseen was %+v", after, foreseen)
	}
}

// check counts everything anew and holds the job to it.
func (w *world) check() {
	counts, open := w.recount()
	if w.j.Counts != counts {
		w.Fatalf("counters %+v, rows %+v", w.j.Counts, counts)
	}
	w.checkRate()
	if w.want == StatusInProgress {
		w.want = w.verdict(counts, open)
	}
	if w.j.Status != w.want {
		w.Fatalf("job is %v, want %v: %+v, %d waiting", w.j.Status, w.want, counts, len(w.waiting))
	}
	if w.j.Live() != w.j.CompletedAt.IsZero() && w.j.Status != StatusDeleting {
		w.Fatalf("job is %v, completed at %v", w.j.Status, w.j.CompletedAt)
	}
}

func (w *world) recount() (c Counts, open int) {
	for _, rows := range w.rows {
		for i, e := range rows {
			w.checkRow(e, i == len(rows)-1)
			if !e.State.Terminal() {
				open++
			}
		}
		if len(rows) > 0 {
			*c.Of(rows[len(rows)-1].State)++
		}
	}
	c.Notified = int64(len(w.reached))
	return c, open
}

// checkRow: only the newest attempt of a thing may be open, what has ended
// stays as it is, and a sweep leaves nothing behind.
func (w *world) checkRow(e Execution, newest bool) {
	if !w.j.Sweep.Active && w.j.Effective(e).State != e.State {
		w.Fatalf("nothing sweeps %+v of a job that is %v", e, w.j.Status)
	}
	if !e.State.Terminal() {
		if !newest {
			w.Fatalf("%+v is open behind a newer one", e)
		}
		return
	}
	if was, ended := w.terminal[e.Ref]; ended && !reflect.DeepEqual(was, e) {
		w.Fatalf("%+v had ended and became %+v", was, e)
	}
	w.terminal[e.Ref] = e
}

// checkRate: in no fixed minute more than the fastest rate in force in it.
func (w *world) checkRate() {
	if minute := int64(w.now.Sub(noon) / time.Minute); minute != w.minute {
		w.minute, w.fastest = minute, 0
		w.released = 0
		if w.j.Rollout.Minute == minute {
			w.released = w.j.Rollout.Released
		}
	}
	w.fastest = max(w.fastest, w.j.Rollout.Rate)
	if w.released > w.fastest {
		w.Fatalf("%d released in minute %d at %d at most", w.released, w.minute, w.fastest)
	}
}

// verdict is what the rows make of a live job.
func (w *world) verdict(c Counts, open int) Status {
	switch {
	case w.met(c):
		return StatusCanceled
	case w.j.Selection == Snapshot && len(w.waiting) == 0 && w.j.RolledOut() && open == 0:
		return StatusCompleted
	default:
		return StatusInProgress
	}
}

// met is the abort section word by word.
func (w *world) met(c Counts) bool {
	executed := c.Succeeded + c.Failed + c.Rejected + c.TimedOut
	for _, k := range w.j.Settings.Abort {
		failures := map[Failure]int64{
			FailureFailed: c.Failed, FailureRejected: c.Rejected, FailureTimedOut: c.TimedOut,
			FailureAll: c.Failed + c.Rejected + c.TimedOut,
		}[k.Failure]
		if executed > 0 && executed >= int64(k.Min) && float64(failures)/float64(executed)*10000 >= float64(k.Percent)-1e-6 {
			return true
		}
	}
	return false
}
