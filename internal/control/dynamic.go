package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/fault"
)

func (d *Door) createDynamicGroup(ctx context.Context, in *iot.CreateDynamicThingGroupRequest) (*iot.CreateDynamicThingGroupAnswer, error) {
	if err := asked(in.Asked(), fault.InvalidRequest); err != nil {
		return nil, err
	}
	tags, err := iot.TagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	g, err := d.engine.CreateDynamicGroup(ctx, in.Group(), tags)
	return iot.CreatedDynamicGroup(g, d.scope), d.inTheWay(err, awsapi.ResourceThingGroup, in.ThingGroupName)
}

func (d *Door) updateDynamicGroup(ctx context.Context, in *iot.UpdateDynamicThingGroupRequest) (*iot.UpdateDynamicThingGroupAnswer, error) {
	if err := asked(in.Asked(), fault.InvalidRequest); err != nil {
		return nil, err
	}
	version, err := d.engine.UpdateDynamicGroup(ctx, in.ThingGroupName, in.Patch())
	return &iot.UpdateDynamicThingGroupAnswer{Version: version}, err
}

func (d *Door) deleteDynamicGroup(ctx context.Context, in *iot.DeleteDynamicThingGroupRequest) (*iot.Empty, error) {
	return done(d.engine.DeleteDynamicGroup(ctx, in.ThingGroupName, in.ExpectedVersion))
}
