package bench

import (
	"context"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/clock"
)

// runUpdateJob has an operator change a job, one request after the other, while
// it goes out to a fleet.
func runUpdateJob(ctx context.Context, st *stand) (figures []figure, err error) {
	things := st.things(1_000_000, 20_000)
	n, err := st.start(ctx, fleet{things: things})
	if err != nil {
		return nil, err
	}
	defer st.closing(n, &err)
	began := clock.Wall()
	if err := n.createJob(ctx, releasedJob); err != nil {
		return nil, err
	}
	took, err := n.updateUntil(ctx, releasedJob, func(ctx context.Context) error {
		return n.awaitQueued(ctx, releasedJob, things)
	})
	if err != nil {
		return nil, err
	}
	all := clock.Wall().Sub(began)
	return append([]figure{
		{Name: "update-job", Value: float64(len(took)) / all.Seconds(), Unit: "updates/s"},
		{Name: "update-job.release", Value: float64(things) / all.Seconds(), Unit: "things/s"},
	}, took.figures("update-job")...), nil
}

// updateUntil updates a job until something beside is over.
func (n *node) updateUntil(ctx context.Context, id string, beside func(context.Context) error) (took latencies, err error) {
	g, ctx := errgroup.WithContext(ctx)
	var over atomic.Bool
	g.Go(func() error {
		defer over.Store(true)
		return beside(ctx)
	})
	g.Go(func() error {
		for i := 0; !over.Load(); i++ {
			sent := clock.Wall()
			if err := n.updateJob(ctx, id, i); err != nil {
				return err
			}
			took = append(took, clock.Wall().Sub(sent))
		}
		return nil
	})
	err = g.Wait()
	return took, err
}

// updateJob is the i-th change of a job: of its description, and of a rate that
// lets all out all the same.
func (n *node) updateJob(ctx context.Context, id string, i int) error {
	_, err := awsapi.Call[struct{}](ctx, n.api, iot.UpdateJob, iot.UpdateJobRequest{
		JobID: id, Description: fmt.Sprintf("update %d", i),
		JobExecutionsRolloutConfig: &iot.JobExecutionsRolloutConfig{MaximumPerMinute: unlimited - i%2},
	})
	return err
}
