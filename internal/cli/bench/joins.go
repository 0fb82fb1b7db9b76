package bench

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/clock"
)

// The small group, and its members.
const (
	smallGroup = "small"
	fewMembers = 10
)

func runJoins(ctx context.Context, st *stand) ([]figure, error) {
	large, small, err := st.joins(ctx, st.things(100_000, 10_000))
	if err != nil {
		return nil, err
	}
	figures, others := large.medianFirst("joins"), small.medianFirst("joins-10")
	figures[0] = figures[0].against(others[0])
	return append(figures, others...), nil
}

// joins has things join a group of many and one of few in turns, one after the
// other. Each group has a CONTINUOUS job, of which a join gives an execution.
// Who has joined leaves, so that the groups keep their sizes.
func (st *stand) joins(ctx context.Context, things int) (large, small latencies, err error) {
	n, err := st.start(ctx, fleet{things: things})
	if err != nil {
		return nil, nil, err
	}
	defer st.closing(n, &err)
	turns := st.num(500, 50)
	if err := n.prepareJoins(ctx, things, 2*turns); err != nil {
		return nil, nil, err
	}
	for i := range turns {
		if err := n.join(ctx, allThings, newcomer(2*i), &large); err != nil {
			return nil, nil, err
		}
		if err := n.join(ctx, smallGroup, newcomer(2*i+1), &small); err != nil {
			return nil, nil, err
		}
	}
	return large, small, nil
}

// newcomer is a thing that is in no group.
func newcomer(i int) string { return fmt.Sprintf("newcomer-%d", i) }

// prepareJoins makes the small group, gives each group its job, and registers
// those who are to join.
func (n *node) prepareJoins(ctx context.Context, things, newcomers int) error {
	if _, err := awsapi.Call[struct{}](ctx, n.api, iot.CreateThingGroup, iot.CreateThingGroupRequest{ThingGroupName: smallGroup}); err != nil {
		return err
	}
	for i := range fewMembers {
		if err := n.addThing(ctx, smallGroup, thing(i)); err != nil {
			return err
		}
	}
	if err := n.createThings(ctx, newcomers); err != nil {
		return err
	}
	if err := n.createContinuous(ctx, smallGroup, fewMembers); err != nil {
		return err
	}
	return n.createContinuous(ctx, allThings, things)
}

func (n *node) createThings(ctx context.Context, newcomers int) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i := range newcomers {
		g.Go(func() error {
			_, err := awsapi.Call[struct{}](ctx, n.api, iot.CreateThing, iot.CreateThingRequest{ThingName: newcomer(i)})
			return err
		})
	}
	return g.Wait()
}

// createContinuous creates the job of a group, which bears its name, and waits
// until all members have it.
func (n *node) createContinuous(ctx context.Context, group string, members int) error {
	_, err := awsapi.Call[struct{}](ctx, n.api, iot.CreateJob, iot.CreateJobRequest{
		JobID: group, Targets: []string{groupARN(group)}, Document: document, TargetSelection: "CONTINUOUS",
		JobExecutionsRolloutConfig: &iot.JobExecutionsRolloutConfig{MaximumPerMinute: unlimited},
	})
	if err != nil {
		return err
	}
	return n.awaitQueued(ctx, group, members)
}

func (n *node) addThing(ctx context.Context, group, name string) error {
	_, err := awsapi.Call[struct{}](ctx, n.api, iot.AddThingToThingGroup,
		iot.AddThingToThingGroupRequest{ThingGroupName: group, ThingName: name})
	return err
}

// join measures how a thing joins a group, and has it leave.
func (n *node) join(ctx context.Context, group, name string, took *latencies) error {
	sent := clock.Wall()
	if err := n.addThing(ctx, group, name); err != nil {
		return err
	}
	*took = append(*took, clock.Wall().Sub(sent))
	_, err := awsapi.Call[struct{}](ctx, n.api, iot.RemoveThingFromThingGroup,
		iot.RemoveThingFromThingGroupRequest{ThingGroupName: group, ThingName: name})
	return err
}
