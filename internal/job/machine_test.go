package job

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// world is a whole job in memory: what the engine does with the rules, without
// a store, a device or a notice. It keeps every row, so that all that the
// rules count and keep can be counted anew.
type world struct {
	*rapid.T
	j        Job
	now      time.Time
	rows     map[int64][]Execution // all attempts of a thing, by number
	in       map[int64]bool        // things in the target group
	reached  map[int64]bool        // things that ever had an execution
	waiting  []int64               // things that the rollout has not looked at
	want     Status                // of the job, told from rows, requests and the plan alone
	plan     plan
	minute   int64
	released int   // in that minute, by the rollout
	fastest  int   // rate that was in force in that minute
	taken    int64 // slots that were taken, or may be, when that was last looked at
	paused   bool
	hidden   bool
	joining  map[int64]int64 // things that wait to join, with the number of their latest execution
	terminal map[Ref]Execution
}

// A random history of one job must keep, after each of its steps, what the
// specification promises of jobs and executions.
func TestHistoriesOfAJob(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"wait": w.wait, "wait long": w.waitLong, "wait longer": w.waitLong, "start": w.start, "report": w.report, "report more": w.report, "finish": w.finish,
			"finish more": w.finish, "cancel one": w.cancelOne, "delete one": w.deleteOne,
			"leave": w.leave, "join": w.join, "update": w.update, "cancel": w.cancel, "delete": w.delete, "sweep": w.sweep,
			"restart": w.restart, "pause": w.pause, "resume": w.resume, "resume too": w.resume, "limit": w.limit,
		})
	})
}

func newWorld(t *rapid.T) *world {
	w := &world{
		T: t, want: StatusInProgress, now: noon, rows: map[int64][]Execution{}, in: map[int64]bool{}, reached: map[int64]bool{}, terminal: map[Ref]Execution{},
		joining: map[int64]int64{},
	}
	for thing := range rapid.Int64Range(0, 40).Draw(t, "things") {
		w.in[thing+1] = true
	}
	settings := drawSettings(t)
	w.plan, settings.Schedule = drawPlan(t)
	var err error
	w.j, err = New(Create{
		Name: "fw", Targets: []Target{{Group: true, ID: 9}}, Settings: settings,
		Selection: rapid.SampledFrom([]Selection{Snapshot, Snapshot, Continuous}).Draw(t, "selection"),
	}, noon)
	if err != nil {
		t.Fatal(err)
	}
	w.j.ID = 3
	w.begin()
	w.check()
	return w
}

// begin resolves the group once the rollout has begun.
func (w *world) begin() {
	if w.j.Begun() && w.j.Rollout.Start.Equal(w.now) && len(w.reached) == 0 {
		w.waiting = slices.Sorted(maps.Keys(w.in))
	}
}

func drawSettings(t *rapid.T) Settings {
	s := Settings{Timeout: TimeoutConfig{rapid.IntRange(1, 4).Draw(t, "minutes")}, Abort: drawAbort(t)}
	s.Rollout.MaximumPerMinute = rapid.IntRange(1, 90).Draw(t, "maximumPerMinute")
	if rapid.Bool().Draw(t, "ramp") {
		s.Rollout.Exponential = Exponential{Base: 3, Factor: 17, Notified: 6, Succeeded: 2}
	}
	s.Retry = rapid.SampledFrom([][]Retry{nil, {{FailureAll, 2}}, {{FailureFailed, 2}, {FailureTimedOut, 1}}}).Draw(t, "retry")
	return s
}

func drawAbort(t *rapid.T) []Criterion {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Criterion {
		return Criterion{
			Failure: Failure(rapid.IntRange(1, 4).Draw(t, "failureType")),
			Percent: rapid.IntRange(3000, 10000).Draw(t, "percent"), Min: rapid.IntRange(1, 20).Draw(t, "min"),
		}
	}), 0, 2).Draw(t, "abort")
}

// put saves a row, counts the thing where its newest execution now is, and
// judges, as one transaction.
func (w *world) put(e Execution) {
	rows, before := w.rows[e.Thing], w.latest(e.Thing)
	from := before.State
	if last := len(rows) - 1; last >= 0 && rows[last].Number == e.Number {
		if e.State.Terminal() && e.State != from && e.Version != rows[last].Version+1 {
			w.Fatalf("version %d follows %d", e.Version, rows[last].Version)
		}
		rows[last] = e
	} else {
		w.rows[e.Thing] = append(rows, e)
		if !w.j.Live() || w.paused || e.Version != 1 || !w.plan.begun(w.now) || w.plan.ended(w.now) {
			w.Fatalf("a job that is %v queued %+v at %v", w.j.Status, e, w.now)
		}
	}
	delta := Recount(before, e)
	if !w.reached[e.Thing] {
		w.reached[e.Thing], delta.Notified = true, 1
	}
	w.j.Counts = w.j.Counts.Plus(delta)
}

// change puts a changed execution with the retry that follows it.
func (w *world) change(e Execution) {
	e = w.j.Deferred(e)
	w.put(e)
	next, ok := w.j.RetryOf(e, w.lastQueued(e.Thing), w.now)
	if ok {
		w.put(next)
	}
	w.checkRetry(e, ok)
	w.judge()
}

func (w *world) judge() {
	w.j = w.j.Judge(w.now)
	w.check()
}

func (w *world) latest(thing int64) Execution {
	if rows := w.rows[thing]; len(rows) > 0 {
		return rows[len(rows)-1]
	}
	return Execution{}
}

func (w *world) lastQueued(thing int64) time.Time { return w.latest(thing).QueuedAt }

// pick draws an execution as a device or operator sees it; ok is false if the
// thing has none.
func (w *world) pick() (Execution, bool) {
	e := w.j.Effective(w.latest(rapid.Int64Range(1, 40).Draw(w.T, "thing")))
	return e, !e.None()
}

func (w *world) start(*rapid.T) {
	e, ok := w.pick()
	if !ok || !w.j.Shows(e) {
		return
	}
	next := e.Start(nil, 0, w.j.Settings.Timeout, w.now)
	if e.State == InProgress {
		if !reflect.DeepEqual(e, next) {
			w.Fatalf("start-next changed %+v to %+v", e, next)
		}
		return
	}
	w.change(next)
}

func (w *world) report(t *rapid.T) {
	w.reported(State(rapid.IntRange(0, 8).Draw(t, "status")), rapid.IntRange(-1, 3).Draw(t, "step"))
}

func (w *world) finish(t *rapid.T) {
	w.reported(rapid.SampledFrom([]State{Succeeded, Failed, Rejected}).Draw(t, "status"), 0)
}

func (w *world) reported(s State, step int) {
	e, ok := w.pick()
	if !ok {
		return
	}
	next, err := e.Report(Report{State: s, StepMinutes: step}, w.j.Settings.Timeout, w.now)
	if refused := e.State.Terminal() || s < InProgress || s > Rejected; (err != nil) != refused {
		w.Fatalf("report of %d on %v: %v", s, e.State, err)
	}
	if err == nil {
		if next.Version != e.Version+1 {
			w.Fatalf("version %d follows %d", next.Version, e.Version)
		}
		w.change(next)
	}
}

func (w *world) cancelOne(t *rapid.T) {
	e, ok := w.pick()
	if !ok {
		return
	}
	if next, err := e.CancelOne(CancelOne{Force: rapid.Bool().Draw(t, "force")}, w.now); err == nil {
		w.change(next)
	}
}

// deleteOne deletes the newest attempt; the one before it counts again.
func (w *world) deleteOne(t *rapid.T) {
	e, ok := w.pick()
	if !ok || e.Delete(rapid.Bool().Draw(t, "force")) != nil {
		return
	}
	raw := w.latest(e.Thing)
	rows := w.rows[e.Thing]
	w.rows[e.Thing] = rows[:len(rows)-1]
	delete(w.terminal, raw.Ref)
	w.j.Counts = w.j.Counts.Plus(Recount(raw, w.latest(e.Thing)))
	w.judge()
}

// leave takes a thing out of the group; only a CONTINUOUS job minds.
func (w *world) leave(t *rapid.T) {
	thing := rapid.Int64Range(1, 40).Draw(t, "thing")
	if !w.in[thing] || w.j.Selection != Continuous {
		return
	}
	delete(w.in, thing)
	if e := w.j.Effective(w.latest(thing)); !e.None() {
		if removed, ok := e.Remove(w.now); ok && w.j.Live() {
			w.change(removed)
		}
		if final, ok := e.GiveUp(); ok {
			w.put(final)
			w.judge()
		}
	}
}

func (w *world) join(t *rapid.T) {
	thing := rapid.Int64Range(1, 40).Draw(t, "thing")
	if w.in[thing] || w.j.Selection != Continuous || !w.j.Live() {
		return
	}
	w.in[thing] = true
	if !w.j.TakesJoins() {
		return // found by the rollout when it begins, or never
	}
	if w.j.JoinsWait() {
		w.joining[thing] = w.latest(thing).Number
		w.j.Rollout.Joins = true
		w.j = w.j.WithDue(w.now)
		return
	}
	w.enter(thing)
}

func (w *world) enter(thing int64) {
	if w.paused {
		w.Fatalf("thing %d joins a job that is paused", thing)
	}
	w.put(Fresh(Ref{Key{w.j.ID, thing}, w.latest(thing).Number + 1}, Behind(w.lastQueued(thing), w.now), w.now))
	w.judge()
}

func (w *world) update(t *rapid.T) {
	var p Patch
	switch rapid.IntRange(0, 4).Draw(t, "member") {
	case 0:
		p.Rollout = &RolloutConfig{MaximumPerMinute: rapid.IntRange(1, 90).Draw(t, "maximumPerMinute")}
	case 1:
		abort := drawAbort(t)
		p.Abort = &abort
	case 2:
		p.Timeout = &TimeoutConfig{rapid.IntRange(1, 9).Draw(t, "minutes")}
	case 3:
		p.Retry = &[]Retry{{Failure: FailureTimedOut}}
	}
	next, err := w.j.Update(p, w.now)
	if (err == nil) != w.j.Live() {
		w.Fatalf("update of a job that is %v: %v", w.j.Status, err)
	}
	w.j = next
	w.check()
}

func (w *world) cancel(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "really") > 0 {
		return
	}
	if next, err := w.j.Cancel(Cancel{Force: rapid.Bool().Draw(t, "force")}, w.now); err == nil {
		w.j, w.want = next, StatusCanceled
		w.check()
	}
}

func (w *world) delete(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "really") > 0 {
		return
	}
	if next, err := w.j.Delete(rapid.Bool().Draw(t, "force"), w.now); err == nil {
		w.j, w.want = next, StatusDeleting
		w.check()
	}
}

func (w *world) pause(t *rapid.T) {
	hide := rapid.Bool().Draw(t, "hideQueued")
	next, err := w.j.Pause(hide, w.now)
	if refused := !w.j.Live() || w.paused && w.hidden == hide; (err != nil) != refused {
		w.Fatalf("pause of a job that is %v, paused %v: %v", w.j.Status, w.paused, err)
	}
	if err == nil {
		w.paused, w.hidden = true, hide
	}
	w.j = next
	w.check()
}

func (w *world) resume(*rapid.T) {
	next, err := w.j.Resumed(w.now)
	if (err == nil) != (w.paused && w.j.Live()) {
		w.Fatalf("resume of a job that is %v, paused %v: %v", w.j.Status, w.paused, err)
	}
	if err == nil {
		w.paused, w.hidden = false, false
	}
	w.j = next
	w.check()
}

func (w *world) limit(t *rapid.T) {
	if next, err := w.j.Limit(rapid.SampledFrom([]int{0, 0, 1, 3, 8}).Draw(t, "maximumInProgress"), w.now); err == nil {
		w.j = next
		w.check()
	}
}

// restart saves the job's values and loads them again.
func (w *world) restart(*rapid.T) {
	var progress Rollout
	var settings Settings
	for from, to := range map[any]any{&w.j.Rollout: &progress, &w.j.Settings: &settings} {
		saved, err := json.Marshal(from)
		if err == nil {
			err = json.Unmarshal(saved, to)
		}
		if err != nil {
			w.Fatal(err)
		}
	}
	w.j.Rollout, w.j.Settings = progress, settings
}
