package announce

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

var (
	scope = awsapi.Scope{Partition: "aws", Account: "000000000000", Region: "eu-west-1"}
	at    = time.UnixMilli(1770001000123).UTC()
	made  = time.UnixMilli(1770000000456).UTC()
)

// kept takes messages instead of a broker.
type kept struct {
	list []mqtt.Stored
	err  error
}

func (k *kept) PublishAll(_ context.Context, list []mqtt.Stored) error {
	k.list = append(k.list, list...)
	return k.err
}

// said is what becomes of an event: its topic and payload, the id left out.
func said(t *testing.T, e store.Event) (topic, payload string) {
	t.Helper()
	k := &kept{}
	e.At, e.Seq = at, 7
	if err := New(k, scope).Announce(t.Context(), []store.Event{e}); err != nil {
		t.Fatal(err)
	}
	m := k.list[0]
	if m.QoS != 1 || m.Retain || m.Seq != 7 {
		t.Errorf("QoS %d, RETAIN %v, number %d", m.QoS, m.Retain, m.Seq)
	}
	id := regexp.MustCompile(`"eventId":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"`)
	if !id.Match(m.Payload) {
		t.Errorf("no id in %s", m.Payload)
	}
	return m.Topic, string(id.ReplaceAll(m.Payload, []byte(`"eventId":"ID"`)))
}

func jobEvent(h store.Happening) store.Event {
	return store.Event{Kind: store.EventJob, Happened: h, Job: &store.JobEvent{
		Name: "fw-3", Selection: job.Snapshot, Targets: []job.Target{{Name: "press-07"}, {Group: true, Name: "line-a"}},
		Description: "Firmware 3 <&>", Comment: "enough", CreatedAt: made, UpdatedAt: at, CompletedAt: at,
		Counts: job.Counts{Succeeded: 1, Removed: 2, TimedOut: 3},
	}}
}

func TestEventsAreSaidAsTheSpecificationHasThem(t *testing.T) {
	attributes := map[string]string{"site": "north"}
	thing := &fleet.Thing{Name: "press-07", UID: "T-1", Type: "press", Attributes: attributes, Version: 3}
	group := &fleet.Group{Name: "line-a", UID: "G-2", ParentName: "north", Description: "d", Version: 2}
	above := []store.GroupName{{Name: "all", UID: "G-0"}, {Name: "north", UID: "G-1"}}
	common := `"targetSelection":"SNAPSHOT","targets":["arn:aws:iot:eu-west-1:000000000000:thing/press-07","arn:aws:iot:eu-west-1:000000000000:thinggroup/line-a"],` +
		`"description":"Firmware 3 <&>"`
	for _, c := range []struct {
		name           string
		event          store.Event
		topic, payload string
	}{
		{
			"job completed", jobEvent(store.WasCompleted), "job/fw-3/completed",
			`{"eventType":"JOB","eventId":"ID","timestamp":1770001000,"operation":"completed","jobId":"fw-3","status":"COMPLETED",` + common +
				`,"completedAt":1770001000123,"createdAt":1770000000456,"lastUpdatedAt":1770001000123,"jobProcessDetails":{"numberOfCanceledThings":0,` +
				`"numberOfRejectedThings":0,"numberOfFailedThings":0,"numberOfRemovedThings":2,"numberOfSucceededThings":1,"numberOfQueuedThings":0,` +
				`"numberOfInProgressThings":0,"numberOfTimedOutThings":3}}`,
		},
		{
			"job canceled", jobEvent(store.WasCanceled), "job/fw-3/canceled",
			`{"eventType":"JOB","eventId":"ID","timestamp":1770001000,"operation":"canceled","jobId":"fw-3","status":"CANCELED",` + common +
				`,"createdAt":1770000000456,"lastUpdatedAt":1770001000123}`,
		},
		{
			"job being canceled", jobEvent(store.IsCanceling), "job/fw-3/cancellation_in_progress",
			`{"eventType":"JOB","eventId":"ID","timestamp":1770001000,"operation":"cancellation_in_progress","jobId":"fw-3","status":"CANCELLATION_IN_PROGRESS",` + common +
				`,"comment":"enough","createdAt":1770000000456,"lastUpdatedAt":1770001000123}`,
		},
		{
			"job being deleted", jobEvent(store.IsDeleting), "job/fw-3/deletion_in_progress",
			`{"eventType":"JOB","eventId":"ID","timestamp":1770001000,"operation":"deletion_in_progress","jobId":"fw-3","status":"DELETION_IN_PROGRESS",` + common +
				`,"comment":"enough","createdAt":1770000000456,"lastUpdatedAt":1770001000123}`,
		},
		{
			"execution",
			store.Event{Kind: store.EventExecution, Happened: store.HasEnded, Execution: &store.ExecutionEvent{
				Job: "fw-3", Thing: "press-07", State: job.Succeeded, Details: map[string]string{"progress": "100"},
			}},
			"jobExecution/fw-3/succeeded",
			`{"eventType":"JOB_EXECUTION","eventId":"ID","timestamp":1770001000,"operation":"succeeded","jobId":"fw-3",` +
				`"thingArn":"arn:aws:iot:eu-west-1:000000000000:thing/press-07","status":"SUCCEEDED","statusDetails":{"progress":"100"}}`,
		},
		{
			"execution without details",
			store.Event{Kind: store.EventExecution, Happened: store.HasEnded, Execution: &store.ExecutionEvent{
				Job: "fw-3", Thing: "press-07", State: job.TimedOut,
			}},
			"jobExecution/fw-3/timed_out",
			`{"eventType":"JOB_EXECUTION","eventId":"ID","timestamp":1770001000,"operation":"timed_out","jobId":"fw-3",` +
				`"thingArn":"arn:aws:iot:eu-west-1:000000000000:thing/press-07","status":"TIMED_OUT"}`,
		},
		{
			"thing",
			store.Event{Kind: store.EventThing, Happened: store.WasUpdated, Thing: thing},
			"thing/press-07/updated",
			`{"eventType":"THING_EVENT","eventId":"ID","timestamp":1770001000123,"operation":"UPDATED","accountId":"000000000000","thingId":"T-1",` +
				`"thingName":"press-07","versionNumber":3,"thingTypeName":"press","attributes":{"site":"north"}}`,
		},
		{
			"thing without a type",
			store.Event{Kind: store.EventThing, Happened: store.WasCreated, Thing: &fleet.Thing{Name: "x", UID: "T-2", Version: 1}},
			"thing/x/created",
			`{"eventType":"THING_EVENT","eventId":"ID","timestamp":1770001000123,"operation":"CREATED","accountId":"000000000000","thingId":"T-2",` +
				`"thingName":"x","versionNumber":1,"thingTypeName":null,"attributes":{}}`,
		},
		{
			"thing type",
			store.Event{Kind: store.EventType, Happened: store.WasUpdated, Type: &fleet.Type{Name: "press", UID: "Y-1", DeprecatedAt: made}},
			"thingType/press/updated",
			`{"eventType":"THING_TYPE_EVENT","eventId":"ID","timestamp":1770001000123,"operation":"UPDATED","accountId":"000000000000","thingTypeId":"Y-1",` +
				`"thingTypeName":"press","isDeprecated":true,"deprecationDate":1770000000456,"searchableAttributes":[],"description":""}`,
		},
		{
			"association",
			store.Event{Kind: store.EventAssociation, Happened: store.WasAdded, Thing: thing, Type: &fleet.Type{Name: "press"}},
			"thingTypeAssociation/thing/press-07/thingType/press/added",
			`{"eventType":"THING_TYPE_ASSOCIATION_EVENT","eventId":"ID","timestamp":1770001000123,"operation":"ADDED","accountId":"000000000000",` +
				`"thingId":"T-1","thingName":"press-07","thingTypeName":"press"}`,
		},
		{
			"group",
			store.Event{Kind: store.EventGroup, Happened: store.WasDeleted, Group: group, Above: above},
			"thingGroup/line-a/deleted",
			`{"eventType":"THING_GROUP_EVENT","eventId":"ID","timestamp":1770001000123,"operation":"DELETED","accountId":"000000000000","thingGroupId":"G-2",` +
				`"thingGroupName":"line-a","versionNumber":2,"parentGroupName":"north","parentGroupId":"G-1","description":"d","rootToParentThingGroups":[` +
				`{"groupArn":"arn:aws:iot:eu-west-1:000000000000:thinggroup/all","groupId":"G-0"},` +
				`{"groupArn":"arn:aws:iot:eu-west-1:000000000000:thinggroup/north","groupId":"G-1"}],"attributes":{}}`,
		},
		{
			"hierarchy",
			store.Event{Kind: store.EventHierarchy, Happened: store.WasAdded, Group: group, Above: above},
			"thingGroupHierarchy/thingGroup/north/childThingGroup/line-a/added",
			`{"eventType":"THING_GROUP_HIERARCHY_EVENT","eventId":"ID","timestamp":1770001000123,"operation":"ADDED","accountId":"000000000000",` +
				`"thingGroupId":"G-1","thingGroupName":"north","childGroupId":"G-2","childGroupName":"line-a"}`,
		},
		{
			"membership",
			store.Event{Kind: store.EventMembership, Happened: store.WasRemoved, Group: group, Thing: thing},
			"thingGroupMembership/thingGroup/line-a/thing/press-07/removed",
			`{"eventType":"THING_GROUP_MEMBERSHIP_EVENT","eventId":"ID","timestamp":1770001000123,"operation":"REMOVED","accountId":"000000000000",` +
				`"groupArn":"arn:aws:iot:eu-west-1:000000000000:thinggroup/line-a","groupId":"G-2","thingArn":"arn:aws:iot:eu-west-1:000000000000:thing/press-07",` +
				`"thingId":"T-1","membershipId":"MEMBERSHIP"}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			topic, payload := said(t, c.event)
			if want := "$aws/events/" + c.topic; topic != want {
				t.Errorf("said on %s, want %s", topic, want)
			}
			payload = regexp.MustCompile(`"membershipId":"[0-9a-f-]{36}"`).ReplaceAllString(payload, `"membershipId":"MEMBERSHIP"`)
			if diff := cmp.Diff(c.payload, payload); diff != "" {
				t.Errorf("payload (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBothEventsOfAMembershipHaveItsID(t *testing.T) {
	id := func(h store.Happening, thing string) string {
		_, payload := said(t, store.Event{
			Kind: store.EventMembership, Happened: h,
			Group: &fleet.Group{Name: "g", UID: "G"}, Thing: &fleet.Thing{Name: "t", UID: thing},
		})
		var b struct{ MembershipID string }
		if err := json.Unmarshal([]byte(payload), &b); err != nil {
			t.Fatal(err)
		}
		return b.MembershipID
	}
	if id(store.WasAdded, "T") != id(store.WasRemoved, "T") {
		t.Error("they differ")
	}
	if id(store.WasAdded, "T") == id(store.WasAdded, "U") {
		t.Error("another thing has the same")
	}
}

func TestTheExampleOfTheSpecificationHasTheMembersThatAreSaid(t *testing.T) {
	spec, err := os.ReadFile("../../docs/spec/device-api.md")
	if err != nil {
		t.Fatal(err)
	}
	e := jobEvent(store.WasCompleted)
	_, payload := said(t, e)
	for line := range strings.Lines(string(spec)) {
		if !strings.HasPrefix(line, `{"eventType":"JOB",`) {
			continue
		}
		if want, got := names(t, line), names(t, payload); !cmp.Equal(want, got) {
			t.Errorf("members (-want +got):\n%s", cmp.Diff(want, got))
		}
		return
	}
	t.Error("the specification has no example")
}

// names are the members of a JSON object.
func names(t *testing.T, object string) map[string]bool {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &members); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for name := range members {
		names[name] = true
	}
	return names
}

func TestAnErrorOfTheBrokerIsTold(t *testing.T) {
	want := errors.New("by the test")
	if err := New(&kept{err: want}, scope).Announce(t.Context(), []store.Event{jobEvent(store.WasCompleted)}); !errors.Is(err, want) {
		t.Errorf("it ended with %v", err)
	}
}
