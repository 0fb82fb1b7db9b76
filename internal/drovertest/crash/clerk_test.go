package crash

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// clerk registers spare things, changes them and deletes them, and does the
// same with groups that no job follows. No name comes twice.
type clerk struct {
	t      *witness
	rand   *rand.Rand
	made   int
	things map[string]*spare
	groups map[string]*fact[string] // their description; "": not there
}

// spare is a thing for which no device works.
type spare struct {
	attribute fact[string] // "": not there
	member    fact[bool]   // of the first group, as long as it is there
}

// mostSpares is how many of each there are at a time.
const mostSpares = 3

func (*clerk) name() string { return "clerk" }

func (c *clerk) work(l *life) error {
	for !l.killed.Load() {
		c.made++
		step := pick(c.rand, []func(*life, string) error{c.registerThing, c.changeThing, c.changeThing, c.deleteThing, c.makeGroup, c.deleteGroup})
		if err := step(l, fmt.Sprint(c.made)); err != nil {
			return err
		}
		l.pause(10)
	}
	return nil
}

func (c *clerk) registerThing(l *life, made string) error {
	if len(c.things) >= mostSpares {
		return nil
	}
	name, s := "spare-"+made, &spare{}
	c.things[name] = s
	s.attribute.ask(made)
	err := l.call(iot.CreateThing, iot.CreateThingRequest{ThingName: name, AttributePayload: attribute(made)}, nil)
	if err != nil {
		return err
	}
	s.attribute.done()
	l.acknowledged("thing")
	s.member.ask(true)
	if err := move(l.node, membership{name, groups[0]}, true); err != nil {
		return err
	}
	s.member.done()
	l.acknowledged("move")
	return nil
}

func attribute(value string) *iot.AttributePayload {
	return &iot.AttributePayload{Attributes: map[string]string{"made": value}}
}

func (c *clerk) changeThing(l *life, made string) error {
	for name, s := range c.things {
		if s.attribute.is == "" {
			continue
		}
		s.attribute.ask(made)
		if err := l.call(iot.UpdateThing, iot.UpdateThingRequest{ThingName: name, AttributePayload: attribute(made)}, nil); err != nil {
			return err
		}
		s.attribute.done()
		l.acknowledged("thing")
		return nil
	}
	return nil
}

func (c *clerk) deleteThing(l *life, _ string) error {
	for name, s := range c.things {
		if s.attribute.is == "" {
			continue
		}
		s.attribute.ask("")
		if err := l.call(iot.DeleteThing, iot.DeleteThingRequest{ThingName: name}, nil); err != nil {
			return err
		}
		s.attribute.done()
		l.acknowledged("thing")
		return nil
	}
	return nil
}

func (c *clerk) makeGroup(l *life, made string) error {
	if len(c.groups) >= mostSpares {
		return nil
	}
	name, f := "shed-"+made, &fact[string]{}
	c.groups[name] = f
	f.ask(made)
	in := iot.CreateThingGroupRequest{ThingGroupName: name, ThingGroupProperties: &iot.ThingGroupProperties{ThingGroupDescription: &made}}
	if err := l.call(iot.CreateThingGroup, in, nil); err != nil {
		return err
	}
	f.done()
	l.acknowledged("group")
	return nil
}

func (c *clerk) deleteGroup(l *life, _ string) error {
	for name, f := range c.groups {
		if f.is == "" {
			continue
		}
		f.ask("")
		if err := l.call(iot.DeleteThingGroup, iot.DeleteThingGroupRequest{ThingGroupName: name}, nil); err != nil {
			return err
		}
		f.done()
		l.acknowledged("group")
		return nil
	}
	return nil
}

func (c *clerk) audit(n *node, _ bool) error {
	members, err := membersOf(n, groups[0])
	if err != nil {
		return err
	}
	for name, s := range c.things {
		var out iot.DescribeThingAnswer
		if err := n.call(iot.DescribeThing, iot.DescribeThingRequest{ThingName: name}, &out); err != nil && !refused(err) {
			return err
		}
		s.attribute.found(c.t, "attribute of "+name, out.Attributes["made"])
		if s.attribute.is == "" {
			s.member = fact[bool]{}
			delete(c.things, name)
		}
		s.member.found(c.t, "membership of "+name, slices.Contains(members, name))
	}
	for name, f := range c.groups {
		var out iot.DescribeThingGroupAnswer
		if err := n.call(iot.DescribeThingGroup, iot.DescribeThingGroupRequest{ThingGroupName: name}, &out); err != nil && !refused(err) {
			return err
		}
		description := ""
		if d := out.ThingGroupProperties.ThingGroupDescription; d != nil {
			description = *d
		}
		if f.found(c.t, "description of "+name, description); f.is == "" {
			delete(c.groups, name)
		}
	}
	return nil
}
