package drovertest

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// history is a random life of a node with two things, one group and a device
// that listens, checked after each step against what the wire itself says.
type history struct {
	t    *rapid.T
	node *Node
	jobs int
	live []string
	// windowed is how many of them have maintenance windows.
	windowed int

	ear  *Device // of press-01, with a persistent session
	away bool
	// resumed: the ear came back. What it is owed comes when it comes, and what
	// happens until then is part of that.
	resumed bool
	// What the device knows from the notices it got, by namespace.
	known map[string]known

	asker *Conn // asks for heads of a namespace, which HTTPS cannot
}

// known is a list and its head.
type known struct {
	list []string // sorted
	head string
}

func (k known) is(other known) bool { return k.head == other.head && slices.Equal(k.list, other.list) }

// space is the namespace of some of the jobs.
const space = "aws-gg-deployment"

func TestRandomHistories(t *testing.T) {
	// Each history is a whole node: a hundred take longer than all other tests.
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		if err := checks.Value.Set("20"); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		n := Start(rapidTB{t, rt}, Options{})
		n.CreateThings("press-01", "press-02")
		n.CreateGroup("line-a")
		h := &history{t: rt, node: n, ear: n.Persistent(MQTT5, "press-01"), known: map[string]known{}}
		h.ear.Listen()
		h.ear.Conn.Subscribe(base("press-01")+"notify-namespace-"+space, base("press-01")+"notify-next-namespace-"+space)
		h.asker = n.Connect(Session{})
		rt.Repeat(map[string]func(*rapid.T){
			"one change":   func(t *rapid.T) { h.draw(t)() },
			"many at once": h.burst,
			"time":         h.advance,
			"blink":        h.blink,
			"restart":      h.restart,
			"":             h.check,
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

// mostJobs and mostWindowed keep lists whole: over ten entries, or five of jobs
// with windows, they are told in part.
const (
	mostJobs     = 9
	mostWindowed = 5
)

// draw is a random change, to be made later. The node may refuse it, and then
// does nothing.
func (h *history) draw(t *rapid.T) func() {
	var changes []func(*rapid.T) func()
	if len(h.live) < mostJobs {
		changes = append(changes, h.create)
	}
	if len(h.live) > 0 {
		changes = append(changes, h.report, h.report, h.start, h.cancel, h.cancelOne, h.delete, h.deleteOne, h.join, h.leave)
	}
	return rapid.SampledFrom(changes).Draw(t, "change")(t)
}

func thing(t *rapid.T) string {
	return rapid.SampledFrom([]string{"press-01", "press-02"}).Draw(t, "thing")
}

func (h *history) job(t *rapid.T) string { return rapid.SampledFrom(h.live).Draw(t, "job") }

func (h *history) create(t *rapid.T) func() {
	h.jobs++
	id := fmt.Sprintf("job-%d", h.jobs)
	in := iot.CreateJobRequest{JobID: id, Document: "{}", Targets: []string{h.node.GroupARN("line-a")}}
	if rapid.Bool().Draw(t, "continuous") {
		in.TargetSelection = "CONTINUOUS"
	}
	in.NamespaceID = rapid.SampledFrom([]string{"", "", space, "other"}).Draw(t, "namespace")
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
	// Of a namespace the list is asked for where windows hide nothing.
	if in.NamespaceID == "" && h.windowed < mostWindowed && rapid.Bool().Draw(t, "windows") {
		in.SchedulingConfig = schedule(t)
		h.windowed++
	}
	h.live = append(h.live, id)
	return func() { _ = h.node.Call(iot.CreateJob, in, nil) }
}

// schedule is a window that opens every other minute or rarer.
func schedule(t *rapid.T) *iot.SchedulingConfig {
	return &iot.SchedulingConfig{MaintenanceWindows: []iot.MaintenanceWindow{{
		StartTime:         rapid.SampledFrom([]string{"*/2 * * * ? *", "1/3 * * * ? *", "*/30 * * * ? *"}).Draw(t, "window"),
		DurationInMinutes: rapid.IntRange(1, 2).Draw(t, "minutes"),
	}}}
}

func (h *history) report(t *rapid.T) func() {
	status := rapid.SampledFrom([]string{"IN_PROGRESS", "SUCCEEDED", "FAILED", "FAILED", "REJECTED"}).Draw(t, "status")
	d, id := h.node.Device(HTTPS, thing(t)), h.job(t)
	return func() { d.Update(id, `{"status":"`+status+`"}`) }
}

func (h *history) start(t *rapid.T) func() {
	d := h.node.Device(HTTPS, thing(t))
	return func() { d.StartNext("{}") }
}

func (h *history) cancel(t *rapid.T) func() {
	in := iot.CancelJobRequest{JobID: h.job(t), Force: rapid.Bool().Draw(t, "force")}
	return func() { _ = h.node.Call(iot.CancelJob, in, nil) }
}

func (h *history) cancelOne(t *rapid.T) func() {
	in := iot.CancelJobExecutionRequest{JobID: h.job(t), ThingName: thing(t), Force: rapid.Bool().Draw(t, "force")}
	return func() { _ = h.node.Call(iot.CancelJobExecution, in, nil) }
}

func (h *history) delete(t *rapid.T) func() {
	in := iot.DeleteJobRequest{JobID: h.job(t), Force: rapid.Bool().Draw(t, "force")}
	return func() { _ = h.node.Call(iot.DeleteJob, in, nil) }
}

func (h *history) deleteOne(t *rapid.T) func() {
	in := iot.DeleteJobExecutionRequest{
		JobID: h.job(t), ThingName: thing(t), ExecutionNumber: rapid.Int64Range(1, 3).Draw(t, "number"), Force: true,
	}
	return func() { _ = h.node.Call(iot.DeleteJobExecution, in, nil) }
}

func (h *history) join(t *rapid.T) func() {
	in := iot.AddThingToThingGroupRequest{ThingGroupName: "line-a", ThingName: thing(t)}
	return func() { _ = h.node.Call(iot.AddThingToThingGroup, in, nil) }
}

func (h *history) leave(t *rapid.T) func() {
	in := iot.RemoveThingFromThingGroupRequest{ThingGroupName: "line-a", ThingName: thing(t)}
	return func() { _ = h.node.Call(iot.RemoveThingFromThingGroup, in, nil) }
}

func (h *history) burst(t *rapid.T) {
	var changes []func()
	for range rapid.IntRange(2, 6).Draw(t, "changes") {
		changes = append(changes, h.draw(t))
	}
	var all sync.WaitGroup
	for _, change := range changes {
		all.Go(change)
	}
	all.Wait()
}

func (h *history) advance(t *rapid.T) {
	h.node.Advance(time.Duration(rapid.IntRange(1, 90).Draw(t, "seconds")) * time.Second)
}

// blink lets the device go, or come back.
func (h *history) blink(*rapid.T) {
	if h.away {
		h.back()
		return
	}
	h.ear.Conn.Leave()
	h.away = true
}

func (h *history) restart(*rapid.T) {
	h.ear.Conn.Drop() // else the node waits for it to hang up
	h.asker.Drop()
	h.node.Restart()
	h.asker = h.node.Connect(Session{})
	h.back()
}

// back brings the device back, and reads until it knows what it was owed: when
// that is sent no client can tell.
func (h *history) back() {
	h.ear.Reconnect()
	h.away, h.resumed = false, true
	if !h.ear.Conn.Resumed {
		h.t.Fatal("the session was not kept")
	}
	h.node.Settle()
	for actual := h.actual(); !h.knows(actual); {
		h.ear.Conn.Await(1)
		h.learn()
	}
}

// learn takes what the device was told.
func (h *history) learn() (told []Notice) {
	for _, m := range h.ear.Conn.Take() {
		n := h.node.notice("press-01", m)
		told = append(told, n)
		topic, namespace, _ := strings.Cut(n.Topic, "-namespace-")
		k := h.known[namespace]
		switch {
		case topic == "notify":
			k.list = sortedNames(n.Jobs["IN_PROGRESS"], n.Jobs["QUEUED"])
		case n.Execution == nil:
			k.head = ""
		default:
			k.head = n.Execution.Name()
		}
		h.known[namespace] = k
	}
	return told
}

// knows tells whether the device knows its lists.
func (h *history) knows(actual map[string]known) bool {
	return h.known[""].is(actual[""]) && h.known[space].is(actual[space])
}

// actual is the lists of press-01 as its device would be answered.
func (h *history) actual() map[string]known {
	d := h.node.Device(HTTPS, "press-01")
	a := d.Get("")
	plain := known{list: sortedNames(a.InProgressJobs, a.QueuedJobs)}
	if x := d.Describe("$next", "").Execution; x != nil {
		plain.head = x.Name()
	}
	return map[string]known{"": plain, space: h.actualIn(space)}
}

// actualIn is the list in a namespace as the control plane shows it, with the
// head that a device is answered.
func (h *history) actualIn(namespace string) (k known) {
	for _, status := range []string{"IN_PROGRESS", "QUEUED"} {
		var page iot.ListJobExecutionsForThingAnswer
		in := iot.ListJobExecutionsForThingRequest{ThingName: "press-01", Status: status, NamespaceID: namespace, MaxResults: 250}
		h.node.Do(iot.ListJobExecutionsForThing, in, &page)
		for _, x := range page.ExecutionSummaries {
			k.list = append(k.list, fmt.Sprintf("%s#%d", x.JobID, x.JobExecutionSummary.ExecutionNumber))
		}
	}
	slices.Sort(k.list)
	m := h.asker.Request(base("press-01")+"$next/namespace-"+namespace+"/get", "")
	var a Answer
	if err := json.Unmarshal(m.Payload, &a); err != nil {
		h.t.Fatalf("%s: %v", m.Payload, err)
	}
	if a.Execution != nil {
		k.head = a.Execution.Name()
	}
	return k
}

func sortedNames(lists ...[]Summary) []string {
	var names []string
	for _, s := range slices.Concat(lists...) {
		names = append(names, s.Name())
	}
	slices.Sort(names)
	return names
}

func (h *history) check(*rapid.T) {
	h.node.Settle()
	if !h.away {
		h.checkNotices()
	}
	for _, id := range h.live {
		if err := h.node.Call(iot.DescribeJob, iot.DescribeJobRequest{JobID: id}, nil); err == nil {
			h.checkCounters(id)
		}
	}
}

// checkNotices asserts that the device knows who is in its lists, and who is
// first. spec: device-api.md#72-when
func (h *history) checkNotices() {
	before := maps.Clone(h.known)
	h.ear.Conn.Sync()
	told := h.learn()
	actual := h.actual()
	for h.resumed && !h.knows(actual) {
		h.ear.Conn.Await(1) // fails when nothing comes
		told = append(told, h.learn()...)
	}
	if !h.knows(actual) {
		h.t.Fatalf("the lists are %v, were known as %v, and the device was told %v", actual, before, told)
	}
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
	over := len(d.ProcessingTargets) == 0 && open == 0
	if over && j.Status == "SCHEDULED" && shown["FAILED"] > 0 {
		return // a retry waits for the next window
	}
	if j.TargetSelection == "SNAPSHOT" && over != (j.Status == "COMPLETED") && j.Status != "CANCELED" {
		h.t.Fatalf("job %s is %s with %d open and %v to release", id, j.Status, open, d.ProcessingTargets)
	}
}
