package drovertest

import (
	"fmt"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// registryVerbs are about things and groups:
//
//	create-thing NAME...             register things, in this order
//	delete-thing NAME
//	create-group NAME [parent=GROUP] [things=N] [members=A,B]
//	                                 N things NAME-001 and so on are registered for it, in this order up to 100; members exist
//	create-group NAME query=QUERY    a dynamic group
//	delete-group NAME
//	join GROUP THING...              add things to a group
//	leave GROUP THING...             take them out
//	move THING to=A from=B           both in one request
func registryVerbs() map[string]verb {
	return map[string]verb{
		"create-thing": func(p *player, c command) error {
			return c.each(0, func(name string) error {
				return p.node.Call(iot.CreateThing, iot.CreateThingRequest{ThingName: name}, nil)
			})
		},
		"delete-thing": func(p *player, c command) error {
			return p.node.Call(iot.DeleteThing, iot.DeleteThingRequest{ThingName: c.arg(0)}, nil)
		},
		"create-group": (*player).createGroup,
		"delete-group": func(p *player, c command) error {
			return p.node.Call(iot.DeleteThingGroup, iot.DeleteThingGroupRequest{ThingGroupName: c.arg(0)}, nil)
		},
		"join": func(p *player, c command) error {
			return c.each(1, func(name string) error {
				return p.node.Call(iot.AddThingToThingGroup, iot.AddThingToThingGroupRequest{ThingGroupName: c.arg(0), ThingName: name}, nil)
			})
		},
		"leave": func(p *player, c command) error {
			return c.each(1, func(name string) error {
				return p.node.Call(iot.RemoveThingFromThingGroup, iot.RemoveThingFromThingGroupRequest{ThingGroupName: c.arg(0), ThingName: name}, nil)
			})
		},
		"move": func(p *player, c command) error {
			return p.node.Call(iot.UpdateThingGroupsForThing, iot.UpdateThingGroupsForThingRequest{
				ThingName: c.arg(0), ThingGroupsToAdd: list(c.opts["to"]), ThingGroupsToRemove: list(c.opts["from"]),
			}, nil)
		},
	}
}

func (p *player) createGroup(c command) error {
	name := c.arg(0)
	if query, ok := c.opts["query"]; ok {
		p.groups[name] = true
		return p.node.Call(iot.CreateDynamicThingGroup, iot.CreateDynamicThingGroupRequest{ThingGroupName: name, QueryString: query}, nil)
	}
	many, err := c.int("things", 0)
	if err != nil {
		return err
	}
	if err := p.node.Call(iot.CreateThingGroup, iot.CreateThingGroupRequest{ThingGroupName: name, ParentGroupName: c.opts["parent"]}, nil); err != nil {
		return err
	}
	p.groups[name] = true
	p.node.fill(name, numbered(name, many)...)
	for _, thing := range list(c.opts["members"]) {
		if err := p.node.Call(iot.AddThingToThingGroup, iot.AddThingToThingGroupRequest{ThingGroupName: name, ThingName: thing}, nil); err != nil {
			return err
		}
	}
	return nil
}

func numbered(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%03d", prefix, i+1)
	}
	return names
}

// each does something for the arguments from one on.
func (c command) each(from int, do func(string) error) error {
	for _, name := range c.args[from:] {
		if err := do(name); err != nil {
			return err
		}
	}
	return nil
}
