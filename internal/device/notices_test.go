package device_test

import (
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
)

const (
	notifyNothing = "notify: nothing"
	nextNothing   = "notify-next: nothing"
)

// spec: device-api.md#72-when
func TestWhenListenersAreTold(t *testing.T) {
	rows := []struct {
		name   string
		before func(testDevice)
		change func(testDevice)
		want   []string
	}{{
		name:   "an execution added to an empty list tells both",
		before: func(testDevice) {},
		change: func(d testDevice) { d.queue("a") },
		want:   []string{"notify: in progress: -; queued: a#1", "notify-next: a#1 QUEUED"},
	}, {
		name:   "an execution added behind the head tells notify alone",
		before: func(d testDevice) { d.queue("a") },
		change: func(d testDevice) { d.queue("b") },
		want:   []string{"notify: in progress: -; queued: a#1 b#1"},
	}, {
		name:   "start-next of the head tells nothing",
		before: func(d testDevice) { d.queue("a", "b") },
		change: func(d testDevice) { d.wantAccepted(d.StartNext("{}")) },
	}, {
		name:   "an update of the head to IN_PROGRESS tells nothing",
		before: func(d testDevice) { d.queue("a", "b") },
		change: func(d testDevice) { d.report("a", "IN_PROGRESS") },
	}, {
		name:   "an update of another that thereby becomes the head tells notify-next alone",
		before: func(d testDevice) { d.queue("a", "b") },
		change: func(d testDevice) { d.report("b", "IN_PROGRESS") },
		want:   []string{"notify-next: b#1 IN_PROGRESS"},
	}, {
		name:   "the same behind one IN_PROGRESS that was queued earlier tells nothing",
		before: func(d testDevice) { d.queue("a", "b"); d.report("a", "IN_PROGRESS") },
		change: func(d testDevice) { d.report("b", "IN_PROGRESS") },
	}, {
		name:   "progress, details and step timers tell nothing",
		before: func(d testDevice) { d.queue("a"); d.report("a", "IN_PROGRESS") },
		change: func(d testDevice) {
			d.wantAccepted(d.Update("a", `{"status":"IN_PROGRESS","statusDetails":{"progress":"50"},"stepTimeoutInMinutes":5}`))
			d.report("a", "IN_PROGRESS")
		},
	}, {
		name:   "one behind the head that ends tells notify alone",
		before: func(d testDevice) { d.queue("a", "b") },
		change: func(d testDevice) { d.report("b", "REJECTED") },
		want:   []string{"notify: in progress: -; queued: a#1"},
	}, {
		name:   "one behind the head whose job is cancelled tells notify alone",
		before: func(d testDevice) { d.queue("a", "b") },
		change: func(d testDevice) { d.node.Do(iot.CancelJob, iot.CancelJobRequest{JobID: "b"}, nil) },
		want:   []string{"notify: in progress: -; queued: a#1"},
	}, {
		name:   "one behind the head that is deleted tells notify alone",
		before: func(d testDevice) { d.queue("a", "b") },
		change: func(d testDevice) {
			d.node.Do(iot.DeleteJobExecution, iot.DeleteJobExecutionRequest{JobID: "b", ThingName: d.Thing, ExecutionNumber: 1}, nil)
		},
		want: []string{"notify: in progress: -; queued: a#1"},
	}, {
		name:   "one behind the head that is removed tells notify alone",
		before: func(d testDevice) { d.queue("a"); d.follow("b") },
		change: func(d testDevice) { d.leaveGroup() },
		want:   []string{"notify: in progress: -; queued: a#1"},
	}, {
		name: "one behind the head whose timer fires tells notify alone",
		before: func(d testDevice) {
			d.queue("a", "b")
			d.report("a", "IN_PROGRESS")
			d.wantAccepted(d.Update("b", `{"status":"IN_PROGRESS","stepTimeoutInMinutes":1}`))
		},
		change: func(d testDevice) { d.node.Advance(time.Minute) },
		want:   []string{"notify: in progress: a#1; queued: -"},
	}, {
		name:   "a thing that is deleted is told nothing",
		before: func(d testDevice) { d.queue("a", "b") },
		change: func(d testDevice) { d.node.Do(iot.DeleteThing, iot.DeleteThingRequest{ThingName: d.Thing}, nil) },
	}, {
		name:   "the head that ends tells both, with the new head",
		before: func(d testDevice) { d.queue("a", "b") },
		change: func(d testDevice) { d.report("a", "SUCCEEDED") },
		want:   []string{"notify: in progress: -; queued: b#1", "notify-next: b#1 QUEUED"},
	}, {
		name:   "the head whose job is cancelled tells both, with the new head",
		before: func(d testDevice) { d.queue("a", "b") },
		change: func(d testDevice) { d.node.Do(iot.CancelJob, iot.CancelJobRequest{JobID: "a"}, nil) },
		want:   []string{"notify: in progress: -; queued: b#1", "notify-next: b#1 QUEUED"},
	}, {
		name:   "the last one that ends tells an empty list and no execution",
		before: func(d testDevice) { d.queue("a") },
		change: func(d testDevice) { d.report("a", "SUCCEEDED") },
		want:   []string{notifyNothing, nextNothing},
	}, {
		name: "a failed head with a retry, nothing else pending, tells one notify and the new number",
		before: func(d testDevice) {
			d.node.CreateJob(iot.CreateJobRequest{JobID: "a", JobExecutionsRetryConfig: retries(1)}, d.Thing)
		},
		change: func(d testDevice) { d.report("a", "FAILED") },
		want:   []string{"notify: in progress: -; queued: a#2", "notify-next: a#2 QUEUED"},
	}, {
		name:   "UpdateJob tells nothing",
		before: func(d testDevice) { d.queue("a") },
		change: func(d testDevice) {
			d.node.Do(iot.UpdateJob, iot.UpdateJobRequest{JobID: "a", Description: "other", TimeoutConfig: &iot.TimeoutConfig{InProgressTimeoutInMinutes: 5}}, nil)
		},
	}, {
		name:   "several changes in one transaction tell one notify and at most one notify-next",
		before: func(d testDevice) { d.follow("a", "b") },
		change: func(d testDevice) { d.leaveGroup() },
		want:   []string{notifyNothing, nextNothing},
	}, {
		name:   "a refused update tells nothing",
		before: func(d testDevice) { d.queue("a") },
		change: func(d testDevice) {
			d.wantRejected(d.Update("a", `{"status":"SUCCEEDED","expectedVersion":7}`), "VersionMismatch")
		},
	}}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			eachDoor(t, func(t *testing.T, d testDevice) {
				d.Listen()
				row.before(d)
				d.Notices()
				row.change(d)
				d.wantNotices(row.want...)
				d.wantNotices()
			})
		})
	}
}

func retries(n int) *iot.JobExecutionsRetryConfig {
	return &iot.JobExecutionsRetryConfig{CriteriaList: []iot.RetryCriteria{{FailureType: "FAILED", NumberOfRetries: n}}}
}

// follow gives the device CONTINUOUS jobs by a group that it is in.
func (d testDevice) follow(jobs ...string) {
	d.t.Helper()
	d.node.CreateGroup("line-a")
	d.node.Do(iot.AddThingToThingGroup, iot.AddThingToThingGroupRequest{ThingGroupName: "line-a", ThingName: d.Thing}, nil)
	for _, id := range jobs {
		d.node.CreateJob(iot.CreateJobRequest{JobID: id, TargetSelection: "CONTINUOUS", Targets: []string{d.node.GroupARN("line-a")}})
		d.node.Settle()
	}
}

func (d testDevice) leaveGroup() {
	d.t.Helper()
	d.node.Do(iot.RemoveThingFromThingGroup, iot.RemoveThingFromThingGroupRequest{ThingGroupName: "line-a", ThingName: d.Thing}, nil)
}

// spec: device-api.md#72-when
func TestAJobIsToldWhenTheRolloutReachesTheThing(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.Listen()
		d.node.CreateThings("press-00")
		slow := &iot.JobExecutionsRolloutConfig{MaximumPerMinute: 1}
		d.node.CreateJob(iot.CreateJobRequest{JobID: "a", JobExecutionsRolloutConfig: slow}, "press-00", d.Thing)
		d.wantNotices()
		d.node.Advance(59 * time.Second)
		d.wantNotices()
		d.node.Advance(time.Second)
		d.wantNotices("notify: in progress: -; queued: a#1", "notify-next: a#1 QUEUED")
	})
}

// spec: device-api.md#72-when
func TestTheWalkThroughOfNotices(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.Listen()
		d.queue("J1", "J2")
		d.wantNotices("notify: in progress: -; queued: J1#1", "notify-next: J1#1 QUEUED", "notify: in progress: -; queued: J1#1 J2#1")
		d.report("J2", "IN_PROGRESS")
		d.wantNotices("notify-next: J2#1 IN_PROGRESS")
		d.report("J1", "REJECTED")
		d.wantNotices("notify: in progress: J2#1; queued: -")
		d.node.Do(iot.DeleteJobExecution, iot.DeleteJobExecutionRequest{JobID: "J2", ThingName: d.Thing, ExecutionNumber: 1, Force: true}, nil)
		d.wantNotices(notifyNothing, nextNothing)
	})
}

// spec: device-api.md#71-payloads
func TestNoticesOnTheWire(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.Listen()
		d.node.CreateJob(iot.CreateJobRequest{JobID: "fw-4", Document: `{"op":"reboot"}`}, d.Thing)
		told := d.Notices()
		d.wantWire(told[0].Raw, `{"timestamp":T,"jobs":{"QUEUED":[{"jobId":"fw-4","queuedAt":T,"lastUpdatedAt":T,"versionNumber":1,"executionNumber":1}]}}`)
		d.wantWire(told[1].Raw, `{"timestamp":T,"execution":{"jobId":"fw-4","status":"QUEUED","queuedAt":T,"lastUpdatedAt":T,"versionNumber":1,"executionNumber":1,"jobDocument":{"op":"reboot"}}}`)
		d.node.Advance(time.Minute)
		d.report("fw-4", "SUCCEEDED")
		told = d.Notices()
		d.wantWire(told[0].Raw, `{"timestamp":T+60,"jobs":{}}`)
		d.wantWire(told[1].Raw, `{"timestamp":T+60}`)
	})
}

// spec: device-api.md#44-updatejobexecution
func TestAnAnswerComesBeforeTheNoticesOfItsRequest(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		d.Listen()
		d.queue("a", "b")
		d.Notices()
		d.Conn.Publish("$aws/things/press-01/jobs/a/update", `{"status":"SUCCEEDED"}`)
		d.Conn.Sync()
		d.node.Settle()
		d.Conn.Sync()
		var topics []string
		for _, m := range d.Conn.Take() {
			topics = append(topics, m.Topic)
		}
		const jobs = "$aws/things/press-01/jobs/"
		d.wantTopics(topics, jobs+"a/update/accepted", jobs+"notify", jobs+"notify-next")
	})
}

// spec: device-api.md#75-connect
func TestConnectingAndSubscribingTellsNothing(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.queue("a")
		d.Listen()
		d.wantNotices()
	})
}

// spec: device-api.md#71-payloads
func TestAResumedSessionIsToldOnceHoweverMuchItMissed(t *testing.T) {
	for _, door := range []drovertest.Door{drovertest.MQTT311, drovertest.MQTT5} {
		t.Run(string(door), func(t *testing.T) {
			t.Parallel()
			n := drovertest.Start(t, drovertest.Options{})
			n.CreateThings("press-01")
			d := testDevice{n.Persistent(door, "press-01"), t, n}
			d.Listen()
			d.Conn.Leave()
			d.queue("a", "b", "c")
			d.node.Do(iot.CancelJob, iot.CancelJobRequest{JobID: "a"}, nil)
			d.Reconnect()
			if !d.Conn.Resumed {
				t.Fatal("the session was not kept")
			}
			d.wantNotices("notify: in progress: -; queued: b#1 c#1", "notify-next: b#1 QUEUED")
			d.Conn.Leave()
			d.queue("d")
			d.node.Restart()
			d.Reconnect()
			d.wantNotices("notify: in progress: -; queued: b#1 c#1 d#1")
			d.Conn.Leave()
			d.Reconnect()
			d.queue("e")
			d.wantMembersOnly("notify: in progress: -; queued: b#1 c#1 d#1 e#1")
		})
	}
}

// wantMembersOnly asserts that a session that has just been resumed was owed
// nothing: a change of the list's members is all that it is told, where a head
// that it was still owed would come with it. The change may be told twice, as
// one that came before the session was resumed and as one that came after.
func (d testDevice) wantMembersOnly(want string) {
	d.t.Helper()
	d.Conn.Await(1)
	for _, n := range d.Notices() {
		if n.String() != want {
			d.t.Errorf("told %s, want only %s", n, want)
		}
	}
}

// spec: device-api.md#71-payloads
func TestANoticeThatWasNotAcknowledgedIsOwed(t *testing.T) {
	for _, door := range []drovertest.Door{drovertest.MQTT311, drovertest.MQTT5} {
		t.Run(string(door), func(t *testing.T) {
			t.Parallel()
			n := drovertest.Start(t, drovertest.Options{})
			n.CreateThings("press-01")
			d := testDevice{n.Persistent(door, "press-01"), t, n}
			d.Listen()
			d.Conn.Silent = true
			d.queue("a")
			d.wantNotices("notify: in progress: -; queued: a#1", "notify-next: a#1 QUEUED")
			d.Conn.Leave()
			d.Reconnect()
			d.wantNotices("notify: in progress: -; queued: a#1", "notify-next: a#1 QUEUED")
			d.Conn.Leave()
			d.Reconnect()
			d.queue("b")
			d.wantMembersOnly("notify: in progress: -; queued: a#1 b#1")
		})
	}
}

// spec: device-api.md#72-when
func TestAResumedSessionIsToldThatWhatItWasToldHasGone(t *testing.T) {
	eachMQTT(t, func(t *testing.T, c testDevice) {
		d := testDevice{c.node.Persistent(c.Door, "press-02"), t, c.node}
		d.node.CreateThings(d.Thing)
		d.Conn.Subscribe("$aws/things/press-02/jobs/notify-next")
		d.Conn.Silent = true
		d.queue("a")
		d.wantNotices("notify-next: a#1 QUEUED")
		d.node.Do(iot.CancelJob, iot.CancelJobRequest{JobID: "a"}, nil)
		d.Conn.Drop()
		d.Reconnect()
		d.Conn.Await(1)
		d.wantNotices("notify-next: nothing")
		d.Conn.Leave()
		d.Reconnect()
		d.wantNotices()
	})
}

// spec: device-api.md#73-order-and-loss
func TestACleanSessionLosesWhatItWasNotThereFor(t *testing.T) {
	eachMQTT(t, func(t *testing.T, d testDevice) {
		d.Listen()
		d.Conn.Leave()
		d.queue("a")
		d.Reconnect()
		d.Listen()
		d.wantNotices()
	})
}

// spec: device-api.md#71-payloads
func TestAKilledNodeStillOwesItsNotices(t *testing.T) {
	for _, door := range []drovertest.Door{drovertest.MQTT311, drovertest.MQTT5} {
		t.Run(string(door), func(t *testing.T) {
			t.Parallel()
			n := drovertest.Start(t, drovertest.Options{Process: true})
			n.CreateThings("press-01")
			d := testDevice{n.Persistent(door, "press-01"), t, n}
			d.Listen()
			d.Conn.Silent = true
			d.queue("a")
			d.wantNotices("notify: in progress: -; queued: a#1", "notify-next: a#1 QUEUED")
			d.node.Kill()
			d.Reconnect()
			d.wantNotices("notify: in progress: -; queued: a#1", "notify-next: a#1 QUEUED")
			d.Conn.Leave()
			d.node.Do(iot.CancelJob, iot.CancelJobRequest{JobID: "a"}, nil)
			d.node.Kill()
			d.Reconnect()
			d.wantNotices(notifyNothing, nextNothing)
		})
	}
}
