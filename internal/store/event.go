package store

import (
	"context"
	"fmt"
	"time"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
)

// MostEvents is how many events wait to be published; beyond it the oldest are
// dropped.
const MostEvents = 100_000

// MostShadowEvents is how far an event of a shadow, which may have 120 KiB, may
// be behind the newest event; beyond it, it is dropped.
const MostShadowEvents = 5_000

// EventKind is what an event is about; each is on or off by itself. The numbers
// are stored: new ones go to the end.
type EventKind uint8

// The kinds of event. Those of policies and certificates can be switched on,
// and nothing is announced of them yet.
// spec: wire-protocol.md#12-event-configurations
const (
	EventThing EventKind = iota
	EventGroup
	EventType
	EventMembership
	EventHierarchy
	EventAssociation // of a thing with its type
	EventJob
	EventExecution
	EventPolicy
	EventCertificate
	EventAuthority // a certificate authority
	// EventShadow is a change of a shadow that the server made. It is always
	// announced, and none of those that are switched.
	EventShadow
)

var eventKinds = [...]string{
	"THING", "THING_GROUP", "THING_TYPE", "THING_GROUP_MEMBERSHIP", "THING_GROUP_HIERARCHY", "THING_TYPE_ASSOCIATION",
	"JOB", "JOB_EXECUTION", "POLICY", "CERTIFICATE", "CA_CERTIFICATE",
}

// AllEventKinds are the kinds that can be switched on.
func AllEventKinds() []EventKind {
	kinds := make([]EventKind, len(eventKinds))
	for i := range kinds {
		kinds[i] = EventKind(i)
	}
	return kinds
}

func (k EventKind) String() string {
	if int(k) >= len(eventKinds) {
		return fmt.Sprintf("EventKind(%d)", uint8(k))
	}
	return eventKinds[k]
}

// EventKinds is a set of kinds.
type EventKinds uint32

// Has tells whether k is in the set.
func (s EventKinds) Has(k EventKind) bool { return s&(1<<k) != 0 }

// With is the set with k in it, or not.
func (s EventKinds) With(k EventKind, in bool) EventKinds {
	if in {
		return s | 1<<k
	}
	return s &^ (1 << k)
}

// EventSettings is which events are announced. The times are zero until it is set
// for the first time.
type EventSettings struct {
	Kinds                EventKinds
	CreatedAt, ChangedAt time.Time
}

// Happening is what has happened to what an event is about. The words are
// stored.
type Happening string

// What happens. A job is first being canceled or deleted, then it is; an
// execution has ended in its state; of a shadow there is a difference still to
// be reported, or a new document.
const (
	WasCreated   Happening = "created"
	WasUpdated   Happening = "updated"
	WasDeleted   Happening = "deleted"
	WasAdded     Happening = "added"
	WasRemoved   Happening = "removed"
	WasCompleted Happening = "completed"
	WasCanceled  Happening = "canceled"
	IsCanceling  Happening = "canceling"
	IsDeleting   Happening = "deleting"
	HasEnded     Happening = "ended"
	HasDelta     Happening = "delta"
	HasDocuments Happening = "documents"
)

// Event is something that has happened and is to be announced: it is stored by the
// commit in which it happened and kept until it is published. The member of its
// kind is set, of memberships and associations both.
// spec: device-api.md#11-events
type Event struct {
	Seq       int64     `json:"-"` // in order of what happened
	Kind      EventKind `json:"-"`
	At        time.Time `json:"-"`
	Happened  Happening `json:"Operation"` // the name that stored events have
	Job       *JobEvent
	Execution *ExecutionEvent
	Thing     *fleet.Thing
	Type      *fleet.Type
	Group     *fleet.Group // of a hierarchy, the child
	Above     []GroupName  // of a group: its ancestors, the root first
	Shadow    *ShadowEvent // of Thing
}

// ShadowEvent is a named shadow as an event shows it.
type ShadowEvent struct {
	Name          string
	Before, After shadow.Shadow // Before is set only of documents
}

// GroupName names a thing group.
type GroupName struct{ Name, UID string }

// JobEvent is a job as an event shows it.
type JobEvent struct {
	Name                              string
	Selection                         job.Selection
	Targets                           []job.Target
	Description, Comment              string
	CreatedAt, UpdatedAt, CompletedAt time.Time
	Counts                            job.Counts
}

// ExecutionEvent is an execution as an event shows it: for one that was deleted,
// as it was before.
type ExecutionEvent struct {
	Job, Thing string
	State      job.State
	Details    map[string]string
}

// Events is what has happened and is not published yet, and which of it is announced.
type Events interface {
	// EventSettings is which events are announced.
	EventSettings(context.Context) (EventSettings, error)
	// WatchEvents has fn called after each commit that stored events, as
	// Writer.Watch does.
	WatchEvents(fn func())
	// Events are the n oldest that wait to be published, or the first of those
	// if they are large; more tells that others may wait.
	Events(ctx context.Context, n int) (list []Event, more bool, err error)
	// EventsWaiting is how many wait to be published, about: a number that was
	// never given counts.
	EventsWaiting(context.Context) (int64, error)
	// EnqueueAll is [Sessions.Enqueue] for messages in order and in one commit,
	// which also forgets the events up to the sequence number announced.
	EnqueueAll(ctx context.Context, posts []mqtt.Post, announced int64) error
}
