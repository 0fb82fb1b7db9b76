package broker

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/mqtt"
)

// inOrder are messages of QoS 1 to topics, with the numbers 1, 2, …; each says
// its number.
func inOrder(topics ...string) []mqtt.Stored {
	var list []mqtt.Stored
	for i, topic := range topics {
		m := mqtt.Message{Topic: topic, Payload: fmt.Append(nil, i+1), QoS: 1}
		list = append(list, mqtt.Stored{Seq: int64(i + 1), Message: m})
	}
	return list
}

func TestMessagesOfTheServerComeInOrderToAllSessions(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		memory := newMemory(10)
		b := start(t, Config{Sessions: memory})
		here := b.connect(version, "here")
		here.subscribe(1, "$aws/events/#")
		away, _ := b.persistent(version, "away")
		away.subscribe(1, "$aws/events/job/+/completed")
		b.drop(away, "away")
		if err := b.PublishAll(t.Context(), inOrder("$aws/events/job/a/completed", "$aws/events/thing/b/created", "$aws/events/job/c/completed")); err != nil {
			t.Fatal(err)
		}
		here.wantMessage("$aws/events/job/a/completed", "1")
		here.wantMessage("$aws/events/thing/b/created", "2")
		here.wantMessage("$aws/events/job/c/completed", "3")
		here.wantNothing()
		back, _ := b.persistent(version, "away")
		back.wantMessage("$aws/events/job/a/completed", "1")
		back.wantMessage("$aws/events/job/c/completed", "3")
		back.wantNothing()
		if diff := cmp.Diff([]int64{3}, memory.told); diff != "" {
			t.Errorf("what was noted as told (-want +got):\n%s", diff)
		}
	})
}

func TestAMessageOfTheServerForVeryManySessionsHasCommitsOfItsOwn(t *testing.T) {
	memory := newMemory(10)
	for i := range mostPlaces + 1 {
		client := fmt.Sprintf("c%04d", i)
		memory.sessions[client] = mqtt.Session{Client: client, Version: mqtt.V5, Expiry: 1 << 40, Filters: []mqtt.Filter{{Text: "many", QoS: 1}}}
	}
	memory.sessions["c0000"] = mqtt.Session{
		Client: "c0000", Version: mqtt.V5, Expiry: 1 << 40, Filters: []mqtt.Filter{{Text: "many", QoS: 1}, {Text: "few", QoS: 1}},
	}
	b := start(t, Config{Sessions: memory})
	if err := b.PublishAll(t.Context(), inOrder("few", "few", "many", "few")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{2, 3, 4}, memory.told); diff != "" {
		t.Errorf("what was noted as told (-want +got):\n%s", diff)
	}
	p, _ := b.persistent(mqtt.V5, "c0000")
	for i, topic := range []string{"few", "few", "many", "few"} {
		p.wantMessage(topic, fmt.Sprint(i+1))
	}
}

// forgetful cannot store what is published by the server.
type forgetful struct{ *memory }

var errForgetful = errors.New("by the test")

func (forgetful) EnqueueAll(context.Context, []mqtt.Post, int64) error { return errForgetful }

func TestWhatCannotBeStoredIsToldToNobody(t *testing.T) {
	b := start(t, Config{Sessions: forgetful{newMemory(10)}})
	p := b.connect(mqtt.V5, "here")
	p.subscribe(1, "#")
	if err := b.PublishAll(t.Context(), inOrder("a")); !errors.Is(err, errForgetful) {
		t.Errorf("it ended with %v", err)
	}
	p.wantNothing()
}

func TestMessagesOfTheServerMayHaveLongTopics(t *testing.T) {
	b := start(t, Config{})
	p := b.connect(mqtt.V5, "here")
	p.subscribe(1, "$aws/events/#")
	long := fmt.Sprintf("$aws/events/thingGroupMembership/thingGroup/%0128d/thing/%0128d/added", 1, 2)
	if err := b.PublishAll(t.Context(), inOrder(long)); err != nil {
		t.Fatal(err)
	}
	p.wantMessage(long, "1")
}
