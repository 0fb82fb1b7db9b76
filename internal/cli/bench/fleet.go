package bench

import (
	"context"
	"errors"

	"github.com/dustin/go-humanize"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/engine"
	registry "github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// fleet is what a folder holds before a measurement begins.
type fleet struct {
	things int  // bear the names of thing and are all in the group allThings
	queued bool // each has an execution of loadedJob, which is QUEUED
}

const (
	allThings = "all"
	loadedJob = "loaded"
	document  = `{"operation":"install","version":"2.1.0","url":"https://updates.example.net/press-2.1.0.bin"}`
	// unlimited is the rate of jobs that are to go out at once, in things a
	// minute; the nodes allow it.
	unlimited = 60_000_000
)

// thing is the name of the i-th thing.
func thing(i int) string { return sqlite.LoadedThing(i) }

func (f fleet) String() string {
	text := humanize.Comma(int64(f.things)) + " things"
	if f.queued {
		text += ", each with an execution"
	}
	return text
}

// load makes the folder that others are copied from.
func (st *stand) load(ctx context.Context, f fleet) (string, error) {
	if f.queued {
		return st.loadQueued(ctx, f)
	}
	dir, err := st.empty()
	if err != nil {
		return "", err
	}
	group := int64(0)
	err = operate(ctx, dir, func(e *engine.Engine) error {
		g, err := e.CreateGroup(ctx, registry.Group{Name: allThings}, nil)
		group = g.ID
		return err
	})
	if err != nil || f.things == 0 {
		return dir, err
	}
	return dir, sqlite.Loader{Dir: dir, Now: clock.Wall()}.Things(ctx, f.things, group)
}

// loadQueued adds executions to the fleet that has none.
func (st *stand) loadQueued(ctx context.Context, f fleet) (string, error) {
	dir, err := st.folder(ctx, fleet{things: f.things})
	if err != nil {
		return "", err
	}
	err = operate(ctx, dir, func(e *engine.Engine) error {
		_, err := e.CreateJob(ctx, jobForAll(loadedJob))
		return err
	})
	if err != nil {
		return "", err
	}
	return dir, sqlite.Loader{Dir: dir, Now: clock.Wall()}.Executions(ctx, loadedJob)
}

// jobForAll is a job for all things that goes out at once.
func jobForAll(name string) engine.CreateJob {
	return engine.CreateJob{
		Name: name, Targets: []job.Target{{Group: true, Name: allThings}}, Document: []byte(document),
		Settings: job.Settings{Rollout: job.RolloutConfig{MaximumPerMinute: unlimited}},
	}
}

// operate does something by the operations of a node, without a node: nothing
// that becomes due is done.
func operate(ctx context.Context, dir string, do func(*engine.Engine) error) error {
	now := clock.NewReal()
	s, err := sqlite.Open(ctx, sqlite.Config{Dir: dir, Volatile: true, Options: store.Options{Clock: now}})
	if err != nil {
		return err
	}
	return errors.Join(do(engine.New(engine.Config{Store: s, Clock: now})), s.Close())
}
