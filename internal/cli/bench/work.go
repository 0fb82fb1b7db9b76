package bench

import (
	"context"
	"fmt"
	"sync/atomic"
)

// work is what a crew is to do.
type work interface {
	// next is what member i takes from its start to its end next; false if
	// there is nothing at present. It is called by one goroutine for each i.
	next(i int) (execution, bool)
	// follow brings more work until ctx ends.
	follow(ctx context.Context, c crew)
	// spent is an error if there was too little of it.
	spent() error
}

// crew is who works.
type crew interface {
	wake()          // there is more to do
	fail(err error) // there will be no more
}

// execution names one by its thing and job.
type execution struct{ thing, job string }

// report is a request of a device: how its topic goes on behind jobs/, with JOB
// for the job, and the payload.
type report struct {
	topic   string
	payload []byte
}

// reports are those of an execution's life.
var reports = []report{
	{"start-next", []byte(`{"clientToken":"s"}`)},
	{"JOB/update", []byte(`{"status":"IN_PROGRESS","statusDetails":{"progress":"50"},"clientToken":"p"}`)},
	{"JOB/update", []byte(`{"status":"SUCCEEDED","clientToken":"f"}`)},
}

// once is all executions of loadedJob, each taken once, in no order of things.
type once struct {
	things int
	taken  atomic.Int64
}

func (o *once) next(int) (execution, bool) {
	i := int(o.taken.Add(1)) - 1
	return execution{thing: thing(scattered(i, o.things)), job: loadedJob}, i < o.things
}

func (o *once) follow(context.Context, crew) {}

func (o *once) spent() error {
	if taken := o.taken.Load(); taken > int64(o.things) {
		return fmt.Errorf("%d executions were too few for this machine", o.things)
	}
	return nil
}

// scattered is the i-th of n numbers in an order that is none: each comes once
// for i below n.
func scattered(i, n int) int {
	const step = 7_368_787 // a prime that divides no n here
	return int(int64(i) * step % int64(n))
}
