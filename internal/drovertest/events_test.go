package drovertest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/mqtt"
)

// announceEvents switches events on.
func (n *Node) announceEvents(kinds ...string) {
	n.t.Helper()
	on := map[string]iot.Configuration{}
	for _, kind := range kinds {
		on[kind] = iot.Configuration{Enabled: true}
	}
	n.Do(iot.UpdateEventConfigurations, iot.UpdateEventConfigurationsRequest{EventConfigurations: on}, nil)
}

// heard settles the node and takes the events that c was sent since it was last
// asked, in order.
func (c *Conn) heard(n *Node) []*mqtt.Publish {
	n.t.Helper()
	c.Sync()
	n.Settle()
	c.Sync()
	return c.Take()
}

// wantHeard checks the topics of events, less what they all begin with.
func (c *Conn) wantHeard(n *Node, want ...string) []*mqtt.Publish {
	n.t.Helper()
	heard := c.heard(n)
	var got []string
	for _, m := range heard {
		got = append(got, strings.TrimPrefix(m.Topic, "$aws/events/"))
	}
	if !slices.Equal(got, want) {
		n.t.Errorf("heard\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	return heard
}

// follower is a connection that follows all events but those of presence.
func (n *Node) follower(persistent bool) *Conn {
	n.t.Helper()
	c := n.Connect(Session{Client: "follower", Persistent: persistent})
	var filters []string
	for _, kind := range []string{
		"job", "jobExecution", "thing", "thingType", "thingTypeAssociation", "thingGroup", "thingGroupMembership", "thingGroupHierarchy",
	} {
		filters = append(filters, "$aws/events/"+kind+"/#")
	}
	c.Subscribe(filters...)
	return c
}

func TestNothingIsToldUnlessItIsSwitchedOn(t *testing.T) {
	n := Start(t, Options{})
	c := n.follower(false)
	n.CreateThings("press-01")
	n.CreateJob(iot.CreateJobRequest{JobID: "ota", Targets: []string{n.ThingARN("press-01")}})
	c.wantHeard(n)

	n.announceEvents("THING")
	n.CreateThings("press-02")
	n.CreateGroup("line-a", "press-02")
	c.wantHeard(n, "thing/press-02/created")

	var out iot.DescribeEventConfigurationsAnswer
	n.Do(iot.DescribeEventConfigurations, iot.DescribeEventConfigurationsRequest{}, &out)
	for kind, is := range out.EventConfigurations {
		if is.Enabled != (kind == "THING") {
			t.Errorf("%s is %v", kind, is.Enabled)
		}
	}
	if len(out.EventConfigurations) != 11 {
		t.Errorf("%d kinds are described", len(out.EventConfigurations))
	}

	n.Do(iot.UpdateEventConfigurations, iot.UpdateEventConfigurationsRequest{
		EventConfigurations: map[string]iot.Configuration{"THING": {Enabled: false}},
	}, nil)
	n.CreateThings("press-03")
	c.wantHeard(n)
}

func TestTheLifeOfAJobIsTold(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(n *Node, d *Device)
		want []string
	}{
		{"it is done", func(_ *Node, d *Device) {
			d.Update("ota", `{"status":"SUCCEEDED","statusDetails":{"progress":"100"}}`)
		}, []string{"jobExecution/ota/succeeded", "job/ota/completed"}},
		{"it fails", func(_ *Node, d *Device) {
			d.Update("ota", `{"status":"FAILED"}`)
		}, []string{"jobExecution/ota/failed", "job/ota/completed"}},
		{"it is rejected", func(_ *Node, d *Device) {
			d.Update("ota", `{"status":"REJECTED"}`)
		}, []string{"jobExecution/ota/rejected", "job/ota/completed"}},
		{"it times out", func(n *Node, d *Device) {
			d.StartNext(`{}`)
			n.Advance(time.Hour)
		}, []string{"jobExecution/ota/timed_out", "job/ota/completed"}},
		{"it is cancelled", func(n *Node, _ *Device) {
			n.Do(iot.CancelJob, iot.CancelJobRequest{JobID: "ota"}, nil)
		}, []string{"job/ota/cancellation_in_progress", "jobExecution/ota/canceled", "job/ota/canceled"}},
		{"it is cancelled with nothing to cancel", func(n *Node, d *Device) {
			d.StartNext(`{}`)
			n.Do(iot.CancelJob, iot.CancelJobRequest{JobID: "ota"}, nil)
		}, []string{"job/ota/cancellation_in_progress", "job/ota/canceled"}},
		{"it is deleted", func(n *Node, _ *Device) {
			n.Do(iot.DeleteJob, iot.DeleteJobRequest{JobID: "ota", Force: true}, nil)
		}, []string{"job/ota/deletion_in_progress", "jobExecution/ota/deleted", "job/ota/deleted"}},
		{"its thing is deleted", func(n *Node, _ *Device) {
			n.Do(iot.DeleteThing, iot.DeleteThingRequest{ThingName: "press-01"}, nil)
		}, []string{"jobExecution/ota/removed", "job/ota/completed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := Start(t, Options{})
			n.CreateThings("press-01")
			n.announceEvents("JOB", "JOB_EXECUTION")
			f := n.follower(false)
			n.CreateJob(iot.CreateJobRequest{
				JobID: "ota", Targets: []string{n.ThingARN("press-01")},
				TimeoutConfig: &iot.TimeoutConfig{InProgressTimeoutInMinutes: 10},
			})
			n.Settle()
			c.end(n, n.Device(MQTT5, "press-01"))
			f.wantHeard(n, c.want...)
		})
	}
}

func TestWhatHasEndedIsToldDeletedWithItsJob(t *testing.T) {
	n := Start(t, Options{})
	n.CreateThings("press-01")
	n.CreateJob(iot.CreateJobRequest{JobID: "ota", Targets: []string{n.ThingARN("press-01")}})
	n.Settle()
	n.Device(HTTPS, "press-01").Update("ota", `{"status":"SUCCEEDED"}`)
	n.announceEvents("JOB", "JOB_EXECUTION")
	f := n.follower(false)
	n.Do(iot.DeleteJob, iot.DeleteJobRequest{JobID: "ota"}, nil)
	heard := f.wantHeard(n, "job/ota/deletion_in_progress", "jobExecution/ota/deleted", "job/ota/deleted")
	if x := payload(t, heard[1]); x["status"] != "SUCCEEDED" {
		t.Errorf("its state was %v", x["status"])
	}
}

func TestAnAbortIsToldLikeACancel(t *testing.T) {
	n := Start(t, Options{})
	things := []string{"press-01", "press-02"}
	n.CreateGroup("line-a", things...)
	n.announceEvents("JOB")
	f := n.follower(false)
	n.CreateJob(iot.CreateJobRequest{
		JobID: "ota", Targets: []string{n.GroupARN("line-a")},
		AbortConfig: &iot.AbortConfig{CriteriaList: []iot.AbortCriteria{{
			FailureType: "FAILED", Action: "CANCEL", ThresholdPercentage: awsapi.NewDecimal(50, 0), MinNumberOfExecutedThings: 1,
		}}},
	})
	n.Settle()
	n.Device(HTTPS, "press-01").Update("ota", `{"status":"FAILED"}`)
	heard := f.wantHeard(n, "job/ota/cancellation_in_progress", "job/ota/canceled")
	if c, _ := payload(t, heard[0])["comment"].(string); !strings.Contains(c, "Abort criterion FAILED met") {
		t.Errorf("the comment is %q", c)
	}
}

// payload is an event read.
func payload(t *testing.T, m *mqtt.Publish) map[string]any {
	t.Helper()
	var x map[string]any
	if err := json.Unmarshal(m.Payload, &x); err != nil {
		t.Fatalf("%s: %q: %v", m.Topic, m.Payload, err)
	}
	return x
}

func TestTheRegistryIsTold(t *testing.T) {
	n := Start(t, Options{})
	n.announceEvents("THING", "THING_GROUP", "THING_TYPE", "THING_GROUP_MEMBERSHIP", "THING_GROUP_HIERARCHY", "THING_TYPE_ASSOCIATION")
	f := n.follower(false)

	n.Do(iot.CreateThingType, iot.CreateThingTypeRequest{ThingTypeName: "press"}, nil)
	n.Do(iot.CreateThing, iot.CreateThingRequest{ThingName: "press-01", ThingTypeName: "press"}, nil)
	n.Do(iot.CreateThing, iot.CreateThingRequest{ThingName: "press-01", ThingTypeName: "press"}, nil) // it is there
	n.Do(iot.UpdateThing, iot.UpdateThingRequest{ThingName: "press-01", RemoveThingType: true}, nil)
	n.Do(iot.DeprecateThingType, iot.DeprecateThingTypeRequest{ThingTypeName: "press"}, nil)
	f.wantHeard(n,
		"thingType/press/created", "thing/press-01/created", "thingTypeAssociation/thing/press-01/thingType/press/added",
		"thing/press-01/updated", "thingTypeAssociation/thing/press-01/thingType/press/removed", "thingType/press/updated")

	n.Do(iot.CreateThingGroup, iot.CreateThingGroupRequest{ThingGroupName: "north"}, nil)
	n.Do(iot.CreateThingGroup, iot.CreateThingGroupRequest{ThingGroupName: "line-a", ParentGroupName: "north"}, nil)
	n.Do(iot.AddThingToThingGroup, iot.AddThingToThingGroupRequest{ThingGroupName: "line-a", ThingName: "press-01"}, nil)
	f.wantHeard(n,
		"thingGroup/north/created", "thingGroup/line-a/created", "thingGroupHierarchy/thingGroup/north/childThingGroup/line-a/added",
		"thingGroupMembership/thingGroup/line-a/thing/press-01/added")

	n.Do(iot.DeleteThing, iot.DeleteThingRequest{ThingName: "press-01"}, nil)
	n.Do(iot.DeleteThingGroup, iot.DeleteThingGroupRequest{ThingGroupName: "line-a"}, nil)
	f.wantHeard(n,
		"thingGroupMembership/thingGroup/line-a/thing/press-01/removed", "thing/press-01/deleted",
		"thingGroup/line-a/deleted", "thingGroupHierarchy/thingGroup/north/childThingGroup/line-a/removed")
}

func TestAGroupThatIsDeletedTellsThatItsThingsLeave(t *testing.T) {
	n := Start(t, Options{})
	n.CreateGroup("line-a", "press-01")
	n.announceEvents("THING_GROUP_MEMBERSHIP")
	f := n.follower(false)
	n.Do(iot.DeleteThingGroup, iot.DeleteThingGroupRequest{ThingGroupName: "line-a"}, nil)
	f.wantHeard(n, "thingGroupMembership/thingGroup/line-a/thing/press-01/removed")
}

func TestAPersistentSessionIsToldWhatItMissed(t *testing.T) {
	n := Start(t, Options{})
	n.announceEvents("THING")
	f := n.follower(true)
	f.Leave()
	n.CreateThings("press-01")
	n.CreateThings("press-02")
	n.Settle()
	n.Restart()
	again := n.Connect(f.Session)
	if !again.Resumed {
		t.Fatal("the session is lost")
	}
	again.Await(2)
	again.wantHeard(n, "thing/press-01/created", "thing/press-02/created")
}

func TestAQueueOfEventsKeepsItsLimit(t *testing.T) {
	n := Start(t, Options{})
	n.announceEvents("THING")
	f := n.follower(true)
	f.Leave()
	const most, more = 1000, 7
	for i := range most + more {
		n.CreateThings(fmt.Sprintf("press-%04d", i))
	}
	n.Settle()
	again := n.Connect(f.Session)
	again.Await(most)
	heard := again.heard(n)
	if first := heard[0].Topic; len(heard) != most || first != fmt.Sprintf("$aws/events/thing/press-%04d/created", more) {
		t.Errorf("%d are heard, the first on %s", len(heard), first)
	}
}

func TestNobodyPublishesEvents(t *testing.T) {
	n := Start(t, Options{})
	if reason := n.Connect(Session{}).Publish("$aws/events/job/ota/completed", "{}"); reason != mqtt.BadTopic {
		t.Errorf("PUBACK %#x", reason)
	}
}

// registrar registers things until its node does not answer any more.
func registrar(n *Node, prefix string, begun *sync.WaitGroup) (made []string) {
	for i := 0; ; i++ {
		name := fmt.Sprintf("%s-%d", prefix, i)
		err := n.Call(iot.CreateThing, iot.CreateThingRequest{ThingName: name}, nil)
		if i == 25 || err != nil && i < 25 {
			begun.Done()
		}
		if err != nil {
			return made
		}
		made = append(made, name)
	}
}

func TestAKillLosesNoEventOfWhatWasAcknowledged(t *testing.T) {
	n := Start(t, Options{Process: true})
	n.announceEvents("THING")
	f := n.follower(true)
	f.Leave()
	made := make([][]string, 4)
	var begun, all sync.WaitGroup
	begun.Add(len(made))
	for i := range made {
		all.Go(func() { made[i] = registrar(n, fmt.Sprintf("line-%d", i), &begun) })
	}
	begun.Wait()
	if err := n.run.kill(); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	n.client.CloseIdleConnections()
	n.open()
	n.Settle()
	again := n.Connect(f.Session)
	acknowledged := slices.Concat(made...)
	again.Await(min(len(acknowledged), 1000))
	heard := map[string]int{}
	for _, m := range again.heard(n) {
		heard[strings.TrimSuffix(strings.TrimPrefix(m.Topic, "$aws/events/thing/"), "/created")]++
	}
	for _, name := range acknowledged {
		if heard[name] != 1 && len(acknowledged) < 1000 {
			t.Errorf("%s was told %d times", name, heard[name])
		}
	}
}
