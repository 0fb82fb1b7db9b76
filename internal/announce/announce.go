// Package announce is the door of stored events: it turns what has happened into
// messages below $aws/events/, as far as operators have switched that on, and those
// of shadows that the server changed, and has the broker publish them. Which events
// there are, and in which order, is the engine's to say; their topics and payloads are
// those of package awsapi/events.
//
// Begin with [Door], the engine's Announcer. The package has no goroutines and no
// state.
package announce

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/events"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// Publisher is the broker, as far as events need it.
type Publisher interface {
	// PublishAll publishes messages in order and notes each, by its Seq, as announced.
	PublishAll(context.Context, []mqtt.Stored) error
}

// Door announces events.
type Door struct {
	publisher Publisher
	scope     awsapi.Scope
}

// New makes a door whose ARNs are of a scope.
func New(p Publisher, s awsapi.Scope) *Door { return &Door{publisher: p, scope: s} }

// Announce implements engine.Announcer.
func (d *Door) Announce(ctx context.Context, list []store.Event) error {
	messages := make([]mqtt.Stored, 0, len(list))
	for _, e := range list {
		m, err := d.message(e)
		if err != nil {
			return err
		}
		messages = append(messages, mqtt.Stored{Seq: e.Seq, Message: m})
	}
	return d.publisher.PublishAll(ctx, messages)
}

// message is what an event says, and where. Its id is made anew each time: what
// is announced again, because a commit failed, nobody has heard before.
// spec: device-api.md#11-events
func (d *Door) message(e store.Event) (mqtt.Message, error) {
	if e.Kind == store.EventShadow {
		return shadowMessage(e), nil
	}
	topic, body := d.say(e)
	payload, err := awsapi.Encode(body)
	if err != nil {
		return mqtt.Message{}, fmt.Errorf("write an event of %s: %w", topic, err)
	}
	return mqtt.Message{Topic: topic, Payload: payload, QoS: 1}, nil
}

// word is what the protocol calls what has happened: the last level of the topic.
func word(e store.Event) string {
	switch e.Happened {
	case store.IsCanceling:
		return "cancellation_in_progress"
	case store.IsDeleting:
		return "deletion_in_progress"
	case store.HasEnded:
		return strings.ToLower(e.Execution.State.String())
	default: // the words are the same
		return string(e.Happened)
	}
}

// say is the topic of an event and its payload.
func (d *Door) say(e store.Event) (topic string, body any) {
	operation := word(e)
	switch e.Kind {
	case store.EventJob:
		return events.JobTopic(e.Job.Name, operation), d.job(e)
	case store.EventExecution:
		return events.ExecutionTopic(e.Execution.Job, operation), d.execution(e)
	case store.EventThing:
		return events.ThingTopic(e.Thing.Name, operation), d.thing(e)
	case store.EventType:
		return events.TypeTopic(e.Type.Name, operation), d.thingType(e)
	case store.EventAssociation:
		return events.AssociationTopic(e.Thing.Name, e.Type.Name, operation), d.association(e)
	case store.EventGroup:
		return events.GroupTopic(e.Group.Name, operation), d.group(e)
	case store.EventHierarchy:
		return events.HierarchyTopic(e.Group.ParentName, e.Group.Name, operation), d.hierarchy(e)
	case store.EventMembership:
		return events.MembershipTopic(e.Group.Name, e.Thing.Name, operation), d.membership(e)
	default:
		panic("announce: nothing is announced of " + e.Kind.String())
	}
}

func headOf(e store.Event, eventType string, timestamp int64, operation string) events.Head {
	return events.Head{EventType: eventType, EventID: uuid.NewString(), Timestamp: timestamp, Operation: operation}
}
