package store

import (
	"context"
	"time"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/job"
)

// Reader answers from what is committed. Rows are copied, never streamed.
type Reader interface {
	Searcher
	TemplateReader
	SoftwareReader

	Thing(ctx context.Context, name string) (fleet.Thing, error)
	Things(context.Context, ThingFilter, Page) ([]fleet.Thing, Cursor, error) // by name
	Group(ctx context.Context, name string) (fleet.Group, error)
	// Ancestors are the parents of a group, the root first.
	Ancestors(ctx context.Context, group int64) ([]fleet.Group, error)
	Groups(context.Context, GroupFilter, Page) ([]fleet.Group, Cursor, error) // by name
	// GroupsOfThing are the groups the thing itself is in, by name.
	GroupsOfThing(ctx context.Context, thing int64, p Page) ([]fleet.Group, Cursor, error)
	// Members are the things of a group by registration; recursive adds those
	// of its descendants.
	Members(ctx context.Context, group int64, recursive bool, p Page) ([]fleet.Thing, Cursor, error)
	Type(ctx context.Context, name string) (fleet.Type, error)
	Types(ctx context.Context, name string, p Page) ([]fleet.Type, Cursor, error) // by name; name "" is all
	TagsOf(ctx context.Context, r Resource, p Page) ([]fleet.Tag, Cursor, error)  // by key
	// ShadowOf is a shadow of a thing by name, NotFound if the thing is unknown;
	// the zero value if there never was one.
	ShadowOf(ctx context.Context, thing, name string) (shadow.Shadow, error)
	// NamedShadows are the names of a thing's shadows that are there, by name,
	// without the classic one.
	NamedShadows(ctx context.Context, thing int64, p Page) ([]string, Cursor, error)
	// ConnectionOf is NotFound if the thing is unknown.
	ConnectionOf(ctx context.Context, thing string) (fleet.Connection, error)
	// RetainedMessage is the message kept for that very topic, or NotFound.
	RetainedMessage(ctx context.Context, topic string) (Retained, error)
	// RetainedMessages lists what is retained, by topic, without the payloads.
	RetainedMessages(context.Context, Page) ([]Retained, Cursor, error)

	Job(ctx context.Context, name string) (job.Job, error)
	// JobOf is Job by id.
	JobOf(ctx context.Context, id int64) (job.Job, error)
	Document(ctx context.Context, jobID int64) ([]byte, error)
	// Left is the things that have yet to get a live job.
	Left(ctx context.Context, j job.Job) (job.Left, error)
	// History is the changes of a job, the newest first.
	History(ctx context.Context, jobID int64, p Page) ([]job.Change, Cursor, error)
	// JobsBy lists jobs, newest createdAt first, then by name.
	JobsBy(context.Context, JobFilter, Page) ([]job.Job, Cursor, error)
	// PendingOf is a thing and its open executions with their jobs, as rows,
	// by (queuedAt, job, number). Of the thing it is ID and Name; of the jobs,
	// ID, Name, Namespace and what job.Job.Shows looks at.
	PendingOf(ctx context.Context, thing string) (fleet.Thing, []Attempt, error)
	// ExecutionOf is an execution by names; number 0 is the latest. NotFound
	// if the thing, the job or the execution is unknown. The job comes without
	// its counters.
	ExecutionOf(ctx context.Context, thing, jobName string, number int64) (Attempt, error)
	// ExecutionsOfJob lists all attempts by (thing registered, number); state
	// 0 is any.
	ExecutionsOfJob(ctx context.Context, jobID int64, s job.State, p Page) ([]Attempt, Cursor, error)
	// ExecutionsOfThing lists all attempts, newest queuedAt first.
	ExecutionsOfThing(ctx context.Context, thing int64, f ExecutionFilter, p Page) ([]Attempt, Cursor, error)

	// NextDue is the nearest instant at which something is due: a job, an
	// execution's deadline, or a gone group with members (the zero second of
	// the epoch). ok is false if nothing is.
	NextDue(context.Context) (at time.Time, ok bool, err error)
	// Clock is which clock the times in the store are of, and the time of the
	// last commit if that is a virtual one.
	Clock(context.Context) (ClockKind, time.Time, error)
}
