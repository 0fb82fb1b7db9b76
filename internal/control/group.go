package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fault"
)

func (d *Door) createGroup(ctx context.Context, in *iot.CreateThingGroupRequest) (*iot.CreateThingGroupAnswer, error) {
	tags, err := iot.TagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	g, err := d.engine.CreateGroup(ctx, in.Group(), tags)
	return &iot.CreateThingGroupAnswer{
		ThingGroupName: g.Name, ThingGroupARN: d.scope.ARN(awsapi.ResourceThingGroup, g.Name), ThingGroupID: g.UID,
	}, d.inTheWay(err, awsapi.ResourceThingGroup, in.ThingGroupName)
}

func (d *Door) updateGroup(ctx context.Context, in *iot.UpdateThingGroupRequest) (*iot.UpdateThingGroupAnswer, error) {
	version, err := d.engine.UpdateGroup(ctx, in.ThingGroupName, in.Patch())
	return &iot.UpdateThingGroupAnswer{Version: version}, err
}

func (d *Door) deleteGroup(ctx context.Context, in *iot.DeleteThingGroupRequest) (*iot.Empty, error) {
	return done(d.engine.DeleteGroup(ctx, in.ThingGroupName, in.ExpectedVersion))
}

func (d *Door) describeGroup(ctx context.Context, in *iot.DescribeThingGroupRequest) (*iot.DescribeThingGroupAnswer, error) {
	g, above, err := d.engine.Group(ctx, in.ThingGroupName)
	if err != nil {
		return nil, err
	}
	return iot.GroupOf(g, above, d.scope), nil
}

// listGroups: below a parent all descendants are listed, unless the request
// says otherwise. spec: wire-protocol.md#9-registry-behaviours-that-jobs-depend-on
func (d *Door) listGroups(ctx context.Context, in *iot.ListThingGroupsRequest) (*iot.ListThingGroupsAnswer, error) {
	recursive := in.Recursive == nil || *in.Recursive
	p, err := open(iot.ListThingGroups, in.NextToken, in.MaxResults, in.ParentGroup, in.NamePrefixFilter, flag(recursive))
	if err != nil {
		return nil, err
	}
	groups, cursor, err := d.engine.Groups(ctx, engine.GroupFilter{
		NamePrefix: in.NamePrefixFilter, Parent: in.ParentGroup, Recursive: recursive,
	}, p.store())
	if err != nil {
		return nil, err
	}
	token, err := p.next(cursor)
	return &iot.ListThingGroupsAnswer{ThingGroups: iot.GroupNamesOf(groups, d.scope), NextToken: token}, err
}

func (d *Door) listGroupsForThing(ctx context.Context, in *iot.ListThingGroupsForThingRequest) (*iot.ListThingGroupsAnswer, error) {
	p, err := open(iot.ListThingGroupsForThing, in.NextToken, in.MaxResults, in.ThingName)
	if err != nil {
		return nil, err
	}
	groups, cursor, err := d.engine.GroupsOfThing(ctx, in.ThingName, p.store())
	if err != nil {
		return nil, err
	}
	token, err := p.next(cursor)
	return &iot.ListThingGroupsAnswer{ThingGroups: iot.GroupNamesOf(groups, d.scope), NextToken: token}, err
}

func (d *Door) listThingsInGroup(ctx context.Context, in *iot.ListThingsInThingGroupRequest) (*iot.ListThingsInThingGroupAnswer, error) {
	p, err := open(iot.ListThingsInThingGroup, in.NextToken, in.MaxResults, in.ThingGroupName, flag(in.Recursive))
	if err != nil {
		return nil, err
	}
	things, cursor, err := d.engine.Members(ctx, in.ThingGroupName, in.Recursive, p.store())
	if err != nil {
		return nil, err
	}
	out := &iot.ListThingsInThingGroupAnswer{}
	for _, t := range things {
		out.Things = append(out.Things, t.Name)
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}

func (d *Door) addThing(ctx context.Context, in *iot.AddThingToThingGroupRequest) (*iot.Empty, error) {
	thing, group, err := d.member(in.ThingName, in.ThingARN, in.ThingGroupName, in.ThingGroupARN)
	if err != nil {
		return nil, err
	}
	return done(d.engine.ChangeGroups(ctx, thing, engine.Regroup{Add: []string{group}, Override: in.OverrideDynamicGroups}))
}

func (d *Door) removeThing(ctx context.Context, in *iot.RemoveThingFromThingGroupRequest) (*iot.Empty, error) {
	thing, group, err := d.member(in.ThingName, in.ThingARN, in.ThingGroupName, in.ThingGroupARN)
	if err != nil {
		return nil, err
	}
	return done(d.engine.RemoveThing(ctx, thing, group))
}

// member is a thing and a group, each told by its name or its ARN.
func (d *Door) member(thingName, thingARN, groupName, groupARN string) (thing, group string, err error) {
	if thing, err = d.named(thingName, thingARN, awsapi.ResourceThing, "thing"); err != nil {
		return "", "", err
	}
	group, err = d.named(groupName, groupARN, awsapi.ResourceThingGroup, "thingGroup")
	return thing, group, err
}

// named is the name that a request tells, by itself or within an ARN of the
// kind; where it tells both they must agree.
func (d *Door) named(name, arn, kind, member string) (string, error) {
	if arn == "" {
		if name == "" {
			return "", fault.New(fault.InvalidRequest, "Value null at '%sName' is not allowed: the name or the ARN must be given", member)
		}
		return name, nil
	}
	a, err := d.resource(arn, member+"Arn")
	if err != nil {
		return "", err
	}
	if a.Kind != kind {
		return "", fault.New(fault.InvalidRequest, "Value '%s' at '%sArn' is not the ARN of a %s", arn, member, kind)
	}
	if name != "" && name != a.ID {
		return "", fault.New(fault.InvalidRequest, "Values at '%sName' and '%sArn' differ", member, member)
	}
	return a.ID, nil
}

func (d *Door) changeGroups(ctx context.Context, in *iot.UpdateThingGroupsForThingRequest) (*iot.Empty, error) {
	return done(d.engine.ChangeGroups(ctx, in.ThingName, engine.Regroup{
		Add: in.ThingGroupsToAdd, Remove: in.ThingGroupsToRemove, Override: in.OverrideDynamicGroups,
	}))
}
