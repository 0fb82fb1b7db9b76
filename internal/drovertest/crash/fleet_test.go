package crash

import (
	"math/rand/v2"
	"slices"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// groups are what CONTINUOUS jobs may follow; the first they follow from the
// beginning on.
var groups = []string{"line-a", "line-b", "line-c"}

// registrar moves things into groups and out of them.
type registrar struct {
	t       *witness
	rand    *rand.Rand
	things  []string
	members map[membership]*fact[bool]
	nudge   func(things ...string)
}

type membership struct{ thing, group string }

func (*registrar) name() string { return "registrar" }

func (r *registrar) work(l *life) error {
	for {
		m := membership{pick(r.rand, r.things), pick(r.rand, groups)}
		member := know(r.members, m)
		member.ask(!member.is)
		if err := move(l.node, m, member.wish); err != nil {
			return err
		}
		member.done()
		l.acknowledged("move")
		r.nudge(m.thing)
		l.pause(20) // each leaves an execution behind
	}
}

func move(n *node, m membership, in bool) error {
	if in {
		return n.call(iot.AddThingToThingGroup, iot.AddThingToThingGroupRequest{ThingGroupName: m.group, ThingName: m.thing}, nil)
	}
	return n.call(iot.RemoveThingFromThingGroup, iot.RemoveThingFromThingGroupRequest{ThingGroupName: m.group, ThingName: m.thing}, nil)
}

// inAny tells whether a thing is in any of the groups that a job follows.
func (r *registrar) inAny(thing string, followed map[string]*fact[bool]) bool {
	for group, f := range followed {
		if m := r.members[membership{thing, group}]; f.is && m != nil && m.is {
			return true
		}
	}
	return false
}

func (r *registrar) audit(n *node, _ bool) error {
	for _, group := range groups {
		all, err := membersOf(n, group)
		if err != nil {
			return err
		}
		for _, thing := range r.things {
			know(r.members, membership{thing, group}).found(r.t, "membership of "+thing+" in "+group, slices.Contains(all, thing))
		}
	}
	for _, thing := range r.things {
		if err := n.call(iot.DescribeThing, iot.DescribeThingRequest{ThingName: thing}, nil); err != nil {
			return err
		}
	}
	return nil
}

func membersOf(n *node, group string) ([]string, error) {
	in := iot.ListThingsInThingGroupRequest{ThingGroupName: group, MaxResults: 250}
	var out iot.ListThingsInThingGroupAnswer
	err := n.call(iot.ListThingsInThingGroup, in, &out)
	return out.Things, err
}
