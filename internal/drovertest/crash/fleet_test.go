package crash

import (
	"math/rand/v2"
	"slices"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// registrar moves things into a group and out of it.
type registrar struct {
	t       *witness
	rand    *rand.Rand
	things  []string
	members map[string]*fact[bool]
	nudge   func(things ...string)
}

func (*registrar) name() string { return "registrar" }

func (r *registrar) work(l *life) error {
	for {
		thing := pick(r.rand, r.things)
		member := r.members[thing]
		member.ask(!member.is)
		if err := move(l, thing, member.wish); err != nil {
			return err
		}
		member.done()
		l.acknowledged("move")
		r.nudge(thing)
		l.pause(20) // each leaves an execution behind
	}
}

func move(l *life, thing string, in bool) error {
	if in {
		return l.call(iot.AddThingToThingGroup, iot.AddThingToThingGroupRequest{ThingGroupName: group, ThingName: thing}, nil)
	}
	return l.call(iot.RemoveThingFromThingGroup, iot.RemoveThingFromThingGroupRequest{ThingGroupName: group, ThingName: thing}, nil)
}

func (r *registrar) audit(n *node, _ bool) error {
	in := iot.ListThingsInThingGroupRequest{ThingGroupName: group, MaxResults: 100}
	var out iot.ListThingsInThingGroupAnswer
	if err := n.call(iot.ListThingsInThingGroup, in, &out); err != nil {
		return err
	}
	for thing, member := range r.members {
		member.found(r.t, "membership of "+thing, slices.Contains(out.Things, thing))
		if err := n.call(iot.DescribeThing, iot.DescribeThingRequest{ThingName: thing}, nil); err != nil {
			return err
		}
	}
	return nil
}
