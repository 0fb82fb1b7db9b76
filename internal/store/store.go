// Package store declares what Drover keeps and how it is written and read;
// packages sqlite and postgres do it, storetest holds every store to the same
// behaviour.
//
// Begin with [Store]. There are four ways to write and one to read:
//
//   - A [Command] is a value on the hot path: it is batched with its
//     neighbours, decides on what is loaded and puts what it changes. One
//     commit holds the batch.
//   - [Writer.Write] runs a closure over a [Tx]: control operations and slices
//     of bulk work, with set-based statements.
//   - [Sessions] keeps what the broker and its sessions need, call by call.
//   - [Events.EnqueueAll] keeps what announces events for sessions, and forgets
//     those events.
//   - [Reader] answers from a fresh snapshot of what is committed.
//
// Everything that returns without an error is durable. Errors carry kinds of
// package fault: NotFound where a name is unknown, Unavailable when a commit
// failed or the store is closing, InvalidRequest for a forged [Cursor];
// anything else is a defect or a broken disk.
package store

import (
	"context"
	"log/slog"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
)

// Store is an open database of one node.
type Store interface {
	Writer
	Reader
	Sessions
	Events
	Close() error
}

// Writer is the node's one writer.
type Writer interface {
	// Submit hands a command to the writer. It waits only while more commands
	// than the bound are waiting.
	Submit(Command) Ticket
	// Write runs fn in a transaction that no other change interrupts and
	// commits it, together with others where that is cheaper. An error of fn
	// undoes what fn did and nothing else. Like Decide, fn may run twice when
	// a commit is split, so it starts by setting what it answers.
	// A cancelled ctx drops only what has not begun.
	Write(ctx context.Context, fn func(Tx) error) error
	// Barrier waits until all that was submitted before it is committed.
	Barrier(context.Context) error
	// Watch has fn called after each commit, before anybody is told of it, with
	// the earliest Due and Deadline that it put; zero if it put none. It runs
	// on the writer's goroutine and must not block. It is set once, before the
	// first write.
	Watch(fn func(earliest time.Time))
	// Ready tells whether the store can be read and written.
	Ready(context.Context) error
}

// Ticket is the claim on a submitted command's outcome.
type Ticket interface {
	// Wait returns when the command's batch is committed, or with the error
	// of its Decide, or Unavailable if nothing was committed.
	Wait(context.Context) error
	// Then has fn called, once, when Wait waits no more: by whoever settles the
	// outcome, or at once. fn must not wait. A ticket takes one fn, before Wait;
	// if a Wait gave it up, fn is called later, or not at all.
	Then(fn func())
}

// Command is one small change on the hot path: a report, a start.
type Command interface {
	// Hint names what Decide will look at, so that a batch can fetch it in
	// one go. Hints only speed up: what was not hinted is loaded on demand.
	Hint(*Hints)
	// Decide reads and puts by w, and nothing else: no I/O, no rendering. An
	// error or a panic drops all it put. It may run more than once; only the
	// last run counts, so it starts by resetting what it answers.
	Decide(w Work) error
}

// Hints collects what a batch will look at, by the names that clients use.
type Hints struct {
	Things  []string // the things themselves
	Pending []string // things whose open executions, and their jobs, are needed
	Latest  []Pair   // the latest execution of a job on a thing, with both
}

// Pair names a job on a thing.
type Pair struct{ Thing, Job string }

// Work is the one view through which executions change. What a command put is
// seen by those after it in the batch.
type Work interface {
	// Now is the time of this batch; it never falls from one to the next.
	Now() time.Time
	// Thing finds a registered thing, else NotFound. Of it, it answers ID and
	// Name, which is all that is remembered of a thing.
	Thing(name string) (fleet.Thing, error)
	// ThingByID finds a thing that executions name, also a deleted one: ID and
	// Name.
	ThingByID(id int64) (fleet.Thing, error)
	// Job finds a job with its counters, else NotFound.
	Job(name string) (job.Job, error)
	JobByID(id int64) (job.Job, error)
	// Latest is the execution with the highest number, or none.
	Latest(job.Key) (job.Execution, error)
	// Execution is that very one, or none.
	Execution(job.Ref) (job.Execution, error)
	// Pending is all open executions of a thing, by (queuedAt, job, number):
	// those QUEUED or IN_PROGRESS as rows, and those whose retry waits. The
	// slice is the caller's.
	Pending(thing int64) ([]job.Execution, error)
	// LastQueued is the latest queuedAt among all executions of a thing.
	LastQueued(thing int64) (time.Time, error)
	// PutExecution inserts (before is none), changes or deletes (after is none).
	PutExecution(before, after job.Execution)
	// PutJob saves all of a job but its counters.
	PutJob(job.Job)
	// Count adds to a job's counters.
	Count(jobID int64, delta job.Counts)
	// Owe notes for each persistent session that listens to the namespace of
	// the thing, "" for jobs without one, what it is to be told. No listener, no row.
	Owe(thing fleet.Thing, namespace string, n job.Notice)
	// Announces tells whether events of a kind are announced; asking costs nothing.
	Announces(EventKind) bool
	// Announce stores an event, to be published after the commit.
	Announce(Event)
	// Then runs fn after the rows of the batch are saved and before its
	// commit. An error of fn fails the command.
	Then(fn func(Tx) error)
}

// Tx is a transaction of a control operation. Its reads see what it put.
type Tx interface {
	Work
	Registry
	Shadows
	Connections
	Index
	Jobs
	Templates
	Software
	Due
	// EventSettings is which events are announced.
	EventSettings() (EventSettings, error)
	PutEventSettings(EventSettings) error
}

// Resource is something that bears tags. ID is its internal number, or for a
// thing type or a job template its name.
type Resource struct {
	Kind string // KindJob, KindGroup, KindType, KindTemplate or KindPackage
	ID   string
}

// The kinds of [Resource], as they are stored.
const (
	KindJob      = "job"
	KindGroup    = "thinggroup"
	KindType     = "thingtype"
	KindTemplate = "jobtemplate"
	KindPackage  = "package" // and its versions
)

// Shadows is the shadows of things; name "" is the classic one.
type Shadows interface {
	// Shadow is the zero value if there never was one.
	Shadow(thing int64, name string) (shadow.Shadow, error)
	PutShadow(thing int64, name string, s shadow.Shadow) error
	// CountShadows counts those of a thing, the deleted ones among them.
	CountShadows(thing int64) (int, error)
	// ForgetDeletedShadows deletes what is left of a thing's deleted ones.
	ForgetDeletedShadows(thing int64) error
}

// Connections is which things are connected.
type Connections interface {
	// Connection is the zero value if the thing never was connected.
	Connection(thing int64) (fleet.Connection, error)
	PutConnection(thing int64, c fleet.Connection) error
	// ConnectedThings are n things that are connected: ID and Name.
	ConnectedThings(n int) ([]fleet.Thing, error)
}

// Slice is a bounded part of a rollout.
type Slice struct {
	Target job.Target
	After  int64 // last thing looked at
	Look   int   // at most so many members
	Most   int   // release at most so many
}

// Released is what a slice did.
type Released struct {
	Things []fleet.Thing // ID and Name of those that got an execution, numbered 1
	After  int64         // last thing looked at
	End    bool          // nothing of the target is left behind After
}

// Due is what time has made ripe.
type Due interface {
	// DueJobs are the ids of jobs with Due at or before now, the longest due
	// first.
	DueJobs(now time.Time, n int) ([]int64, error)
	// DueExecutions are executions whose Deadline is at or before now, by
	// deadline.
	DueExecutions(now time.Time, n int) ([]job.Execution, error)
	// DueTimers names what DueExecutions answers. It reads no row, so one that
	// is damaged hides no other.
	DueTimers(now time.Time, n int) ([]job.Ref, error)
}

// Cursor is where a page of a list begins: opaque, "" is the beginning and,
// as an answer, the end.
type Cursor string

// Page asks for at most Limit rows behind After. A filtered page looks at
// 10,000 rows at most, so it may come short, or empty, with a cursor.
type Page struct {
	After Cursor
	Limit int
}

// Attempt is an execution with its job and thing.
type Attempt struct {
	job.Execution
	Job   job.Job
	Thing fleet.Thing
}

// Retained is a retained message with what the store knows of it.
type Retained struct {
	mqtt.Message
	Size       int // bytes of the payload
	ModifiedAt time.Time
}

// ThingFilter restricts Things; empty members do not.
type ThingFilter struct {
	Type           string
	AttributeName  string
	AttributeValue string
	Prefix         bool // AttributeValue is a prefix
}

// GroupFilter restricts Groups. Parent 0 is no restriction.
type GroupFilter struct {
	NamePrefix string
	Parent     int64
	Recursive  bool // all descendants of Parent, not only its children
}

// JobFilter restricts JobsBy; zero members do not. Group is the id of a group
// that the job names as target.
type JobFilter struct {
	Status    job.Status
	Selection job.Selection
	Group     int64
	Namespace string
}

// ExecutionFilter restricts ExecutionsOfThing; zero members do not. Job and
// Namespace are not asked for together.
type ExecutionFilter struct {
	Job       int64
	State     job.State
	Namespace string // of the job
}

// Owed is what a persistent session has not acknowledged yet of one thing. If
// the head was another in between commits, Notice.Before is one that no list
// has, with job -1: the session may have been told any of them.
type Owed struct {
	Thing     string
	Namespace string
	Notice    job.Notice
	Seq       int64
	Listens   uint8 // bit i: the session listens to Options.Notices[i] of both
}

// ClockKind is which clock the times in a store are of.
type ClockKind uint8

// The kinds of clock. A store without a commit has none.
const (
	NoClock ClockKind = iota
	RealClock
	VirtualClock
)

// Options is what every store needs to know.
type Options struct {
	Clock clock.Clock
	// Virtual stores the clock's time in each commit, for Reader.Clock; else that
	// it is real is stored once. It is for the caller to see that an opened store
	// is of the same kind. A store
	// that several nodes share refuses it: errors.ErrUnsupported.
	Virtual bool
	// Notices are the topics that a persistent session is owed, each with one
	// hole for the thing: "$aws/things/{}/jobs/notify". A stored QoS 1 filter
	// that matches one makes its session a listener of the thing, or of all.
	Notices []string
	// Spaced is what stands between a notice's topic and a namespace in the
	// topic of that namespace's notice: "-namespace-". Empty: none has any.
	Spaced     string
	QueueLimit int // messages kept for a session; 0 is 1000
	Log        *slog.Logger
	// Turned is told of each transaction of the writer when those who waited
	// for it are awake, one after the other. It runs on a goroutine of the store's
	// and must not block.
	// Nil: nobody asks.
	Turned func(Turn)
}
