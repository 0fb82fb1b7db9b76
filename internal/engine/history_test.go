package engine

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/drovertest/promise"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/job"
)

// TestHistoriesKeepTheInvariants plays random histories of commands, reports,
// clock steps and restarts on a real store, and holds what is stored to the
// promises of the specification after each step.
func TestHistoriesKeepTheInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(t, rt)
		defer h.close()
		rt.Repeat(map[string]func(*rapid.T){
			"create a job":             h.createJob,
			"update a job":             h.updateJob,
			"cancel a job":             h.cancelJob,
			"delete a job":             h.deleteJob,
			"associate a group":        h.associate,
			"pause a job":              h.pauseJob,
			"resume a job":             h.resumeJob,
			"limit a job":              h.limitJob,
			"cancel an execution":      h.cancelExecution,
			"delete an execution":      h.deleteExecution,
			"start next":               h.startNext,
			"report":                   h.report,
			"report again":             h.report,
			"a thing joins":            h.join,
			"a thing leaves":           h.leave,
			"a thing is deleted":       h.deleteThing,
			"a thing changes":          h.updateThing,
			"a thing is registered":    h.createThing,
			"time passes":              h.advance,
			"a long time passes":       h.advanceLong,
			"the node starts again":    h.restart,
			"a group is deleted":       h.deleteGroup,
			"a group is created again": h.createGroups,
			"":                         h.check,
		})
	})
}

// TestHistoriesOfJobsThatFollowGroups has few things happen, so that those come
// together which seldom do: things come, go and are deleted while joins and
// retries wait, before a rollout begins, and behind its end.
func TestHistoriesOfJobsThatFollowGroups(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(t, rt)
		defer h.close()
		h.follows = true
		for range 3 {
			h.createJob(rt)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"pause a job":           h.pauseJob,
			"resume a job":          h.resumeJob,
			"start next":            h.startNext,
			"report":                h.report,
			"report again":          h.report,
			"a thing joins":         h.join,
			"a thing leaves":        h.leave,
			"a thing is deleted":    h.deleteThing,
			"a thing is registered": h.createThing,
			"time passes":           h.advance,
			"a long time passes":    h.advanceLong,
			"a job is cancelled":    h.cancelJob,
			"":                      h.check,
		})
	})
}

// history is a node under test: a store in a folder, the engine on it, and
// what was seen of it before.
type history struct {
	stage
	before promise.Sight           // at the check before
	caps   map[int64]map[int64]int // of the rollout's rate, by job and minute of its grid
	// follows has jobs follow groups, mostly with a schedule and with retries.
	follows bool
}

var (
	groupNames = []string{"plant", "line-a", "line-b", "lab", "hot"} // hot is dynamic
	parents    = map[string]string{"line-a": "plant", "line-b": "plant"}
	thingNames = []string{"press-1", "press-2", "press-3", "press-4", "press-5", "press-6"}
	jobNames   = []string{"fw-1", "fw-2", "fw-3"}
	namespaces = []string{"", "", "", "gg", "x"}
)

func newHistory(t *testing.T, rt *rapid.T) *history {
	h := &history{stage: newStage(t, rt), caps: map[int64]map[int64]int{}}
	h.must(h.engine.UpdateIndexing(t.Context(), query.Indexing{Registry: true}))
	_, err := h.engine.CreateDynamicGroup(t.Context(), fleet.Group{Name: "hot", Query: "attributes.hot:yes OR thingGroupNames:lab"}, nil)
	h.must(err)
	h.createGroups(rt)
	for _, name := range thingNames {
		h.must(h.create(name))
	}
	for i, name := range thingNames[:4] {
		h.must(h.engine.AddThing(t.Context(), name, groupNames[1+i%3]))
	}
	return h
}

func (h *history) create(name string) error {
	_, err := h.engine.CreateThing(h.ctx(), fleet.Thing{Name: name})
	return err
}

// few is the first two of a list if they are enough for what is played.
func (h *history) few(from []string) []string {
	if h.follows {
		return from[:2]
	}
	return from
}

func pick(rt *rapid.T, what string, from []string) string {
	return rapid.SampledFrom(from).Draw(rt, what)
}

func (h *history) createThing(rt *rapid.T) { h.may(h.create(pick(rt, "thing", h.few(thingNames)))) }

func (h *history) createGroups(*rapid.T) {
	for _, name := range groupNames {
		_, err := h.engine.CreateGroup(h.ctx(), fleet.Group{Name: name, ParentName: parents[name]}, nil)
		h.may(err)
	}
}

func (h *history) updateThing(rt *rapid.T) {
	h.may(h.engine.UpdateThing(h.ctx(), pick(rt, "thing", thingNames), fleet.ThingPatch{
		Attributes: &fleet.Attributes{Values: map[string]string{"hot": pick(rt, "hot", []string{"yes", "no"})}},
	}))
}

func (h *history) deleteThing(rt *rapid.T) {
	h.may(h.engine.DeleteThing(h.ctx(), pick(rt, "thing", h.few(thingNames)), nil))
}

func (h *history) deleteGroup(rt *rapid.T) {
	h.may(h.engine.DeleteGroup(h.ctx(), pick(rt, "group", groupNames), nil))
}

func (h *history) join(rt *rapid.T) {
	h.may(h.engine.AddThing(h.ctx(), pick(rt, "thing", h.few(thingNames)), pick(rt, "group", h.few(groupNames))))
}

func (h *history) leave(rt *rapid.T) {
	h.may(h.engine.RemoveThing(h.ctx(), pick(rt, "thing", h.few(thingNames)), pick(rt, "group", h.few(groupNames))))
}

func (h *history) createJob(rt *rapid.T) {
	c := CreateJob{
		Name:      pick(rt, "job", jobNames),
		Namespace: pick(rt, "namespace", namespaces),
		Selection: rapid.SampledFrom([]job.Selection{job.Snapshot, job.Continuous}).Draw(rt, "selection"),
		Document:  []byte(`{"op":"flash"}`),
		Settings:  settings(rt),
	}
	if rapid.Bool().Draw(rt, "scheduled") {
		c.Settings.Schedule = h.schedule(rt)
	}
	if h.follows {
		c.Selection, c.Namespace = job.Continuous, ""
		c.Settings.Retry = []job.Retry{{Failure: job.FailureFailed, Number: 2}}
		c.Targets = []job.Target{{Group: true, Name: "plant"}}
	}
	if rapid.SampledFrom([]bool{false, false, true}).Draw(rt, "held back") {
		c.Paused, c.Settings.MaximumInProgress = true, rapid.IntRange(0, 2).Draw(rt, "maximumInProgress")
		c.Hides = rapid.Bool().Draw(rt, "hideQueued")
	}
	for range rapid.IntRange(1, 3).Draw(rt, "targets") {
		if rapid.Bool().Draw(rt, "group target") {
			c.Targets = append(c.Targets, job.Target{Group: true, Name: pick(rt, "group", groupNames)})
		} else {
			c.Targets = append(c.Targets, job.Target{Name: pick(rt, "thing", thingNames)})
		}
	}
	_, err := h.engine.CreateJob(h.ctx(), c)
	h.may(err)
}

func settings(rt *rapid.T) job.Settings {
	return job.Settings{
		Rollout: rollout(rt),
		Abort:   abort(rt),
		Timeout: job.TimeoutConfig{InProgressMinutes: rapid.SampledFrom([]int{0, 1, 5}).Draw(rt, "timeout")},
		Retry: rapid.SampledFrom([][]job.Retry{
			nil,
			{{Failure: job.FailureFailed, Number: 2}},
			{{Failure: job.FailureAll, Number: 1}},
			{{Failure: job.FailureFailed, Number: 1}, {Failure: job.FailureTimedOut, Number: 1}},
		}).Draw(rt, "retry"),
	}
}

// schedule begins and ends in hours, with windows that open every few minutes.
func (h *history) schedule(rt *rapid.T) (s job.Schedule) {
	in := func(minutes int) string {
		return h.clock.Now().Add(time.Duration(minutes) * time.Minute).Format("2006-01-02T15:04:05")
	}
	if start := rapid.SampledFrom([]int{0, 0, 0, 31, 95}).Draw(rt, "start"); start > 0 {
		s.StartTime = in(start)
	}
	if end := rapid.SampledFrom([]int{0, 0, 126, 300}).Draw(rt, "end"); end > 0 {
		s.EndTime = in(end)
		s.EndBehavior = rapid.SampledFrom([]job.EndBehavior{0, job.StopRollout, job.CancelQueued, job.CancelAll}).Draw(rt, "behavior")
	}
	if window := rapid.SampledFrom([]string{"", "", "*/5 * * * ? *", "7,22 * * * ? *", "0 */3 * * ? *"}).Draw(rt, "window"); window != "" {
		s.Windows = []job.Window{{StartTime: window, Minutes: rapid.SampledFrom([]int{1, 3, 9, 70}).Draw(rt, "minutes")}}
	}
	return s
}

func rollout(rt *rapid.T) job.RolloutConfig {
	return rapid.SampledFrom([]job.RolloutConfig{
		{},
		{MaximumPerMinute: 1},
		{MaximumPerMinute: 2},
		{MaximumPerMinute: 60},
		{MaximumPerMinute: 4, Exponential: job.Exponential{Base: 1, Factor: 20, Notified: 2}},
		{Exponential: job.Exponential{Base: 1, Factor: 15, Succeeded: 1}},
	}).Draw(rt, "rollout")
}

func abort(rt *rapid.T) []job.Criterion {
	return rapid.SampledFrom([][]job.Criterion{
		nil,
		{{Failure: job.FailureAll, Percent: 5000, Min: 2}},
		{{Failure: job.FailureFailed, Percent: 3333, Min: 1}},
		{{Failure: job.FailureTimedOut, Percent: 10000, Min: 3}, {Failure: job.FailureRejected, Percent: 1, Min: 1}},
	}).Draw(rt, "abort")
}

// asked is an operator who mostly does not mind which version he changes.
func asked(rt *rapid.T) Asked {
	return Asked{
		Job: pick(rt, "job", jobNames), Namespace: pick(rt, "namespace", namespaces), By: "tester",
		Versions: rapid.SampledFrom([][]int64{nil, nil, nil, {1, 2}}).Draw(rt, "If-Match"),
	}
}

func (h *history) updateJob(rt *rapid.T) {
	var p job.Patch
	if rapid.Bool().Draw(rt, "rollout given") {
		p.Rollout = new(rollout(rt))
	}
	if rapid.Bool().Draw(rt, "abort given") {
		if a := abort(rt); a != nil {
			p.Abort = &a
		}
	}
	if rapid.Bool().Draw(rt, "timeout given") {
		p.Timeout = &job.TimeoutConfig{InProgressMinutes: rapid.SampledFrom([]int{0, 2, 9}).Draw(rt, "timeout")}
	}
	_, err := h.engine.UpdateJob(h.ctx(), asked(rt), p)
	h.may(err)
}

func (h *history) cancelJob(rt *rapid.T) {
	_, err := h.engine.CancelJob(h.ctx(), asked(rt), job.Cancel{Force: rapid.Bool().Draw(rt, "force")})
	h.may(err)
}

func (h *history) deleteJob(rt *rapid.T) {
	h.may(h.engine.DeleteJob(h.ctx(), asked(rt), rapid.Bool().Draw(rt, "force")))
}

func (h *history) associate(rt *rapid.T) {
	_, err := h.engine.AssociateTargets(h.ctx(), asked(rt),
		[]job.Target{{Group: true, Name: pick(rt, "group", groupNames)}}, "more")
	h.may(err)
}

func (h *history) pauseJob(rt *rapid.T) {
	_, err := h.engine.PauseJob(h.ctx(), asked(rt), rapid.Bool().Draw(rt, "hideQueued"))
	h.may(err)
}

func (h *history) resumeJob(rt *rapid.T) {
	_, err := h.engine.ResumeJob(h.ctx(), asked(rt))
	h.may(err)
}

func (h *history) limitJob(rt *rapid.T) {
	_, err := h.engine.LimitJob(h.ctx(), asked(rt), rapid.SampledFrom([]int{0, 1, 2, 3}).Draw(rt, "maximumInProgress"))
	h.may(err)
}

func (h *history) cancelExecution(rt *rapid.T) {
	h.may(h.engine.CancelExecution(h.ctx(), pick(rt, "thing", thingNames), pick(rt, "job", jobNames),
		job.CancelOne{Force: rapid.Bool().Draw(rt, "force")}))
}

func (h *history) deleteExecution(rt *rapid.T) {
	h.may(h.engine.DeleteExecution(h.ctx(), Wanted{
		Thing: pick(rt, "thing", thingNames), Job: pick(rt, "job", jobNames), Namespace: pick(rt, "namespace", namespaces),
		Number: rapid.Int64Range(1, 3).Draw(rt, "number"),
	}, rapid.Bool().Draw(rt, "force")))
}

func (h *history) startNext(rt *rapid.T) {
	_, _, err := h.engine.StartNext(Start{
		Thing: pick(rt, "thing", h.few(thingNames)), StepMinutes: rapid.SampledFrom([]int{0, 0, 1, -1}).Draw(rt, "step"),
	}).Wait(h.ctx())
	h.may(err)
}

func (h *history) report(rt *rapid.T) {
	_, _, err := h.engine.Update(Update{
		Thing: pick(rt, "thing", h.few(thingNames)), Job: pick(rt, "job", h.few(jobNames)), Namespace: pick(rt, "namespace", h.few(namespaces)),
		Report: job.Report{
			State: rapid.SampledFrom([]job.State{job.InProgress, job.Succeeded, job.Failed, job.Rejected}).Draw(rt, "state"),
		},
	}).Wait(h.ctx())
	h.may(err)
}

func (h *history) advance(rt *rapid.T) {
	by := time.Duration(rapid.IntRange(1, 90).Draw(rt, "seconds")) * time.Second
	_, err := h.engine.advance(h.ctx(), advance{asked: h.ctx(), by: by})
	h.must(err)
}

func (h *history) advanceLong(rt *rapid.T) {
	by := time.Duration(rapid.IntRange(2, 600).Draw(rt, "minutes")) * time.Minute
	_, err := h.engine.advance(h.ctx(), advance{asked: h.ctx(), by: by})
	h.must(err)
}

func (h *history) restart(*rapid.T) {
	before := h.look()
	h.close()
	h.open()
	if after := h.look(); fmt.Sprint(after) != fmt.Sprint(before) {
		h.rt.Fatalf("after a restart\n%v\nbefore it\n%v", after, before)
	}
}

// look reads all jobs and executions.
func (h *history) look() promise.Sight {
	seen, err := promise.Look(h.ctx(), h.store)
	h.must(err)
	return seen
}
