package job

import (
	"reflect"
	"time"

	"pgregory.net/rapid"
)

// wait lets time pass and does all that becomes due in it, in its order.
func (w *world) wait(t *rapid.T) {
	w.pass(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "ms")) * time.Millisecond)
}

func (w *world) waitLong(t *rapid.T) {
	w.pass(time.Duration(rapid.IntRange(0, 30*60).Draw(t, "s")) * time.Second)
}

func (w *world) pass(d time.Duration) {
	until := w.now.Add(d)
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
	w.Fatalf("something is due for ever: job %v", w.j.Due)
}

// nextDue is the nearest deadline of an execution, with its thing, or the tick
// of the rollout or edge of the schedule.
func (w *world) nextDue() (at time.Time, thing int64) {
	if at = w.j.Due; w.j.Sweep.Active { // sweeps are an action of their own
		rest := w.j
		rest.Sweep = Sweep{}
		at = rest.WithDue(w.now).Due
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

// tick passes an edge of the schedule, or releases what the rate allows; things
// that left or have an execution are looked at and passed over.
func (w *world) tick() {
	if w.j.AtEdge(w.now) {
		w.j = w.j.PassEdge(w.now, 0)
		w.begin()
		w.check()
		return
	}
	if w.j.Admits() {
		w.admit()
		return
	}
	if !w.j.Rolling() {
		w.j = w.j.WithDue(w.now)
		return
	}
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

// admit lets one thing join that has waited.
func (w *world) admit() {
	for thing, number := range w.joining {
		delete(w.joining, thing)
		if latest := w.latest(thing); w.in[thing] && latest.Number == number && (latest.None() || latest.State.Terminal()) {
			w.enter(thing)
		}
		break
	}
	w.j.Rollout.Joins = len(w.joining) > 0
	w.j = w.j.WithDue(w.now)
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
	w.judge()
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
		w.j.Counts = w.j.Counts.Plus(Recount(before, Execution{}))
		return
	}
	if ended, next, ok := w.j.Resume(before, w.lastQueued(thing), w.now); ok {
		w.put(ended)
		w.put(next)
		return
	}
	if foreseen.State != before.State {
		w.put(foreseen)
	}
	if final, ok := before.GiveUp(); ok && !w.j.Waits(before) {
		w.put(final)
		foreseen = final
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
	w.checkSlots(counts)
	if w.want == StatusInProgress || w.want == StatusScheduled {
		w.want = w.verdict(counts, open)
	}
	if w.j.Status != w.want {
		w.Fatalf("job is %v, want %v: %+v, %d waiting", w.j.Status, w.want, counts, len(w.waiting))
	}
	if w.j.Live() != w.j.CompletedAt.IsZero() && w.j.Status != StatusDeleting {
		w.Fatalf("job is %v, completed at %v", w.j.Status, w.j.CompletedAt)
	}
}

// checkSlots: a retry that waits has the slot of its attempt, so what is lowered
// below what has one may have a thing more to do, but none gets another.
func (w *world) checkSlots(c Counts) {
	taken, most := c.Open(), int64(w.j.Settings.MaximumInProgress)
	for _, rows := range w.rows {
		if len(rows) > 0 && w.j.Waits(rows[len(rows)-1]) {
			taken++
		}
	}
	if most > 0 && taken > max(most, w.taken) {
		w.Fatalf("%d have the job to do or a retry to come, %d at most, %d before", taken, most, w.taken)
	}
	w.taken = c.Open() + c.Waiting() // some of which another retryConfig may let come after all
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
			c = c.Plus(Recount(Execution{}, rows[len(rows)-1]))
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
	if !w.j.Sweep.Active && w.j.Status == StatusInProgress && newest && !w.paused && w.j.Waits(e) {
		w.Fatalf("nothing queues the retry of %+v", e)
	}
	if e.Retries.Waits && !w.j.Live() && !w.j.Sweep.Active {
		w.Fatalf("nothing takes the mark of %+v of a job that is %v", e, w.j.Status)
	}
	if e.State == Queued && w.j.Shows(e) && (!w.plan.shows(w.now) || w.hidden && w.j.Live()) {
		w.Fatalf("%+v shows at %v", e, w.now)
	}
	if !e.State.Terminal() {
		if !newest {
			w.Fatalf("%+v is open behind a newer one", e)
		}
		return
	}
	e.Retries.Waits = false
	if was, ended := w.terminal[e.Ref]; ended && !reflect.DeepEqual(was, e) {
		w.Fatalf("%+v had ended and became %+v", was, e)
	}
	w.terminal[e.Ref] = e
}

// checkRate: in no fixed minute more than the fastest rate in force in it.
func (w *world) checkRate() {
	minute, _ := w.j.Rollout.grid(w.now)
	if minute != w.minute {
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
	final, waits := w.final(c)
	rolled := w.j.Selection == Snapshot && len(w.waiting) == 0 && w.j.RolledOut()
	switch {
	case w.met(final):
		return StatusCanceled
	case (rolled || w.plan.ended(w.now)) && open == 0 && !waits:
		return StatusCompleted
	case w.plan.shows(w.now):
		return StatusInProgress
	default:
		return StatusScheduled
	}
}

// final is c without the failures whose retry is still to come.
func (w *world) final(c Counts) (final Counts, waits bool) {
	for thing := range w.rows {
		if e := w.latest(thing); w.left(e) && e.Retries.Waits {
			*c.Of(e.State)--
			waits = true
		}
	}
	return c, waits
}

// left tells whether the failure of e is followed by a retry, at once or later.
func (w *world) left(e Execution) bool {
	used := map[Failure]int{FailureFailed: e.Retries.Failed, FailureTimedOut: e.Retries.TimedOut, FailureAll: e.Retries.All}
	kind := map[State]Failure{Failed: FailureFailed, TimedOut: FailureTimedOut}[e.State]
	for _, r := range w.j.Settings.Retry {
		if (r.Failure == kind || r.Failure == FailureAll && kind != 0) && used[r.Failure] < r.Number {
			return w.want.live() && !w.plan.ended(w.now)
		}
	}
	return false
}

func (s Status) live() bool { return s == StatusInProgress || s == StatusScheduled }

// checkRetry: a failure is retried at once in a window, outside it waits.
func (w *world) checkRetry(e Execution, queued bool) {
	open := w.plan.shows(w.now) && !w.paused
	if left := w.left(e); queued != (left && open) || e.Retries.Waits != (left && !open) {
		w.Fatalf("%+v at %v, window open %v: retried %v", e, w.now, open, queued)
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
