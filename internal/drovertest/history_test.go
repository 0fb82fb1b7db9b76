package drovertest

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// history is a random life of a node with two things and one group, checked
// after each step against what the wire itself says.
type history struct {
	t      *rapid.T
	node   *Node
	ear    *Device // of press-01, always listening
	before []string
	jobs   int
	live   []string
}

func TestRandomHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := Start(rapidTB{t, rt}, Options{})
		n.CreateThings("press-01", "press-02")
		n.CreateGroup("line-a")
		h := &history{t: rt, node: n, ear: n.Device(MQTT5, "press-01")}
		h.ear.Listen()
		rt.Repeat(map[string]func(*rapid.T){
			"create":    h.create,
			"report":    h.report,
			"start":     h.start,
			"cancel":    h.cancel,
			"cancelOne": h.cancelOne,
			"delete":    h.delete,
			"deleteOne": h.deleteOne,
			"join":      h.join,
			"leave":     h.leave,
			"advance":   h.advance,
			"":          h.check,
		})
	})
}

// rapidTB is the testing.TB of one history out of many.
type rapidTB struct {
	testing.TB
	t *rapid.T
}

func (b rapidTB) Helper() {}

func (b rapidTB) Cleanup(f func()) { b.t.Cleanup(f) }

func (b rapidTB) Output() io.Writer { return b.t.Output() }

func (b rapidTB) Errorf(format string, args ...any) { b.t.Errorf(format, args...) }

func (b rapidTB) Fatal(args ...any) { b.t.Fatal(args...) }

func (b rapidTB) Fatalf(format string, args ...any) { b.t.Fatalf(format, args...) }

func thing(t *rapid.T) string {
	return rapid.SampledFrom([]string{"press-01", "press-02"}).Draw(t, "thing")
}

func (h *history) job(t *rapid.T) string {
	if len(h.live) == 0 {
		t.Skip("no job")
	}
	return rapid.SampledFrom(h.live).Draw(t, "job")
}

func (h *history) create(t *rapid.T) {
	h.jobs++
	id := fmt.Sprintf("job-%d", h.jobs)
	in := iot.CreateJobRequest{JobID: id, Document: "{}", Targets: []string{h.node.GroupARN("line-a")}}
	if rapid.Bool().Draw(t, "continuous") {
		in.TargetSelection = "CONTINUOUS"
	}
	if rapid.Bool().Draw(t, "slow") {
		in.JobExecutionsRolloutConfig = &iot.JobExecutionsRolloutConfig{MaximumPerMinute: 1}
	}
	if rapid.Bool().Draw(t, "with a thing") {
		in.Targets = append(in.Targets, h.node.ThingARN("press-01"))
	}
	if rapid.Bool().Draw(t, "timer") {
		in.TimeoutConfig = &iot.TimeoutConfig{InProgressTimeoutInMinutes: 2}
	}
	if n := rapid.IntRange(0, 2).Draw(t, "retries"); n > 0 {
		in.JobExecutionsRetryConfig = &iot.JobExecutionsRetryConfig{CriteriaList: []iot.RetryCriteria{{FailureType: "FAILED", NumberOfRetries: n}}}
	}
	h.node.Do(iot.CreateJob, in, nil)
	h.live = append(h.live, id)
}

func (h *history) report(t *rapid.T) {
	status := rapid.SampledFrom([]string{"IN_PROGRESS", "SUCCEEDED", "FAILED", "FAILED", "REJECTED"}).Draw(t, "status")
	h.node.Device(HTTPS, thing(t)).Update(h.job(t), `{"status":"`+status+`"}`)
}

func (h *history) start(t *rapid.T) { h.node.Device(HTTPS, thing(t)).StartNext("{}") }

// The node may refuse what follows; what it then does is nothing.

func (h *history) cancel(t *rapid.T) {
	_ = h.node.Call(iot.CancelJob, iot.CancelJobRequest{JobID: h.job(t), Force: rapid.Bool().Draw(t, "force")}, nil)
}

func (h *history) cancelOne(t *rapid.T) {
	_ = h.node.Call(iot.CancelJobExecution, iot.CancelJobExecutionRequest{
		JobID: h.job(t), ThingName: thing(t), Force: rapid.Bool().Draw(t, "force"),
	}, nil)
}

func (h *history) delete(t *rapid.T) {
	id := h.job(t)
	if h.node.Call(iot.DeleteJob, iot.DeleteJobRequest{JobID: id, Force: rapid.Bool().Draw(t, "force")}, nil) == nil {
		h.live = slices.DeleteFunc(h.live, func(j string) bool { return j == id })
	}
}

func (h *history) deleteOne(t *rapid.T) {
	_ = h.node.Call(iot.DeleteJobExecution, iot.DeleteJobExecutionRequest{
		JobID: h.job(t), ThingName: thing(t), ExecutionNumber: rapid.Int64Range(1, 3).Draw(t, "number"), Force: true,
	}, nil)
}

func (h *history) join(t *rapid.T) {
	_ = h.node.Call(iot.AddThingToThingGroup, iot.AddThingToThingGroupRequest{ThingGroupName: "line-a", ThingName: thing(t)}, nil)
}

func (h *history) leave(t *rapid.T) {
	_ = h.node.Call(iot.RemoveThingFromThingGroup, iot.RemoveThingFromThingGroupRequest{ThingGroupName: "line-a", ThingName: thing(t)}, nil)
}

func (h *history) advance(t *rapid.T) {
	h.node.Advance(time.Duration(rapid.IntRange(1, 90).Draw(t, "seconds")) * time.Second)
}

func (h *history) check(*rapid.T) {
	h.node.Settle()
	h.checkNotices()
	for _, id := range h.live {
		h.checkCounters(id)
	}
}

// checkNotices asserts that what was told is the difference between the lists
// before and after: one notify if somebody came or went, one notify-next if
// the head is another. spec: device-api.md#72-when
//
// A step is more than one change where time passes, so that there may be one
// of each for several of them: the last tells the list as it is.
func (h *history) checkNotices() {
	told := h.ear.Notices()
	a := h.ear.Get("")
	after := append(namesOf(a.InProgressJobs), namesOf(a.QueuedJobs)...)
	last := map[string]string{}
	for _, n := range told {
		last[n.Topic] = n.String()
	}
	want := map[string]string{}
	if !slices.Equal(sorted(h.before), sorted(after)) {
		want["notify"] = Notice{Topic: "notify", Jobs: jobsOf(a)}.String()
	}
	if headOf(h.before) != headOf(after) {
		want["notify-next"] = Notice{Topic: "notify-next", Execution: h.ear.Describe("$next", "").Execution}.String()
	}
	for topic, text := range want {
		if last[topic] != text {
			h.t.Fatalf("list %v became %v: told %v, want %s", h.before, after, told, text)
		}
	}
	if len(told) > 0 && len(want) == 0 && last["notify"] == "" {
		h.t.Fatalf("list %v became %v: told %v", h.before, after, told)
	}
	h.before = after
}

func namesOf(all []Summary) []string {
	var names []string
	for _, s := range all {
		names = append(names, s.Name())
	}
	return names
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

func headOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func jobsOf(a Answer) map[string][]Summary {
	jobs := map[string][]Summary{"IN_PROGRESS": a.InProgressJobs, "QUEUED": a.QueuedJobs}
	maps.DeleteFunc(jobs, func(_ string, all []Summary) bool { return len(all) == 0 })
	return jobs
}

// checkCounters asserts that a job's counters are what its executions say.
// spec: job-lifecycle.md#7-counters-jobprocessdetails
func (h *history) checkCounters(id string) {
	all, err := h.node.executionsOf(id, "", 0)
	if err != nil {
		h.t.Fatal(err)
	}
	latest := map[string]string{}
	for _, x := range all { // in order of number for a thing
		latest[x.ThingARN] = x.JobExecutionSummary.Status
	}
	counted := map[string]int{}
	for _, status := range latest {
		counted[status]++
	}
	j := h.node.Job(id)
	d := j.JobProcessDetails
	shown := map[string]int{
		"QUEUED": d.NumberOfQueuedThings, "IN_PROGRESS": d.NumberOfInProgressThings, "SUCCEEDED": d.NumberOfSucceededThings,
		"FAILED": d.NumberOfFailedThings, "REJECTED": d.NumberOfRejectedThings, "TIMED_OUT": d.NumberOfTimedOutThings,
		"CANCELED": d.NumberOfCanceledThings, "REMOVED": d.NumberOfRemovedThings,
	}
	maps.DeleteFunc(shown, func(_ string, n int) bool { return n == 0 })
	if diff := cmp.Diff(counted, shown); diff != "" {
		h.t.Fatalf("counters of %s, %s (-executions +counters):\n%s", id, j.Status, diff)
	}
	open := shown["QUEUED"] + shown["IN_PROGRESS"]
	if over := len(d.ProcessingTargets) == 0 && open == 0; j.TargetSelection == "SNAPSHOT" && over != (j.Status == "COMPLETED") && j.Status != "CANCELED" {
		h.t.Fatalf("job %s is %s with %d open and %v to release", id, j.Status, open, d.ProcessingTargets)
	}
}
