package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
)

func (d *Door) createType(ctx context.Context, in *iot.CreateThingTypeRequest) (*iot.CreateThingTypeAnswer, error) {
	tags, err := iot.TagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	y, err := d.engine.CreateType(ctx, in.Type(), tags)
	return &iot.CreateThingTypeAnswer{
		ThingTypeName: y.Name, ThingTypeARN: d.scope.ARN(awsapi.ResourceThingType, y.Name), ThingTypeID: y.UID,
	}, d.inTheWay(err, awsapi.ResourceThingType, in.ThingTypeName)
}

func (d *Door) deprecateType(ctx context.Context, in *iot.DeprecateThingTypeRequest) (*iot.Empty, error) {
	return done(d.engine.DeprecateType(ctx, in.ThingTypeName, in.UndoDeprecate))
}

func (d *Door) deleteType(ctx context.Context, in *iot.DeleteThingTypeRequest) (*iot.Empty, error) {
	return done(d.engine.DeleteType(ctx, in.ThingTypeName))
}

func (d *Door) describeType(ctx context.Context, in *iot.DescribeThingTypeRequest) (*iot.DescribeThingTypeAnswer, error) {
	y, err := d.engine.Type(ctx, in.ThingTypeName)
	return iot.TypeOf(y, d.scope), err
}

func (d *Door) listTypes(ctx context.Context, in *iot.ListThingTypesRequest) (*iot.ListThingTypesAnswer, error) {
	p, err := open(iot.ListThingTypes, in.NextToken, in.MaxResults, in.ThingTypeName)
	if err != nil {
		return nil, err
	}
	types, cursor, err := d.engine.Types(ctx, in.ThingTypeName, p.store())
	if err != nil {
		return nil, err
	}
	out := &iot.ListThingTypesAnswer{}
	for _, y := range types {
		out.ThingTypes = append(out.ThingTypes, iot.TypeDefinitionOf(y, d.scope))
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}
