package bench

import (
	"context"
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/clock"
)

// releasedJob goes out while it is measured.
const releasedJob = "release"

// runRelease measures how a job reaches a fleet, from the request to create it.
func runRelease(ctx context.Context, st *stand) (figures []figure, err error) {
	things := st.things(1_000_000, 20_000)
	n, err := st.start(ctx, fleet{things: things})
	if err != nil {
		return nil, err
	}
	defer st.closing(n, &err)
	began, before := clock.Wall(), n.cost()
	if err := n.createJob(ctx, releasedJob); err != nil {
		return nil, err
	}
	answered := clock.Wall().Sub(began)
	if err := n.awaitQueued(ctx, releasedJob, things); err != nil {
		return nil, err
	}
	all, spent := clock.Wall().Sub(began), n.cost().minus(before)
	wal, err := n.walSize()
	if err != nil {
		return nil, err
	}
	return slices.Concat([]figure{
		{Name: "release", Value: float64(things) / all.Seconds(), Unit: "things/s"},
		{Name: "release.answer", Value: milliseconds(answered), Unit: "ms"},
		{Name: "release.all", Value: all.Seconds(), Unit: "s"},
		{Name: "release.wal", Value: wal / 1e6, Unit: "MB"},
	}, st.memoryFigures("release", n), spent.figures("release", "thing", things)), nil
}

// awaitQueued waits until so many things have a queued execution of a job.
func (n *node) awaitQueued(ctx context.Context, id string, things int) error {
	every := min(max(time.Duration(things)*100, time.Millisecond), pollEvery) // little of what it takes
	return poll(ctx, every, func() (bool, error) {
		a, err := n.describeJob(ctx, id)
		return a.JobProcessDetails.NumberOfQueuedThings >= things, err
	})
}

func (n *node) describeJob(ctx context.Context, id string) (iot.Job, error) {
	a, err := awsapi.Call[iot.DescribeJobAnswer](ctx, n.api, iot.DescribeJob, iot.DescribeJobRequest{JobID: id})
	return a.Job, err
}
