package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/fleet"
)

func (d *Door) createType(ctx context.Context, in *iot.CreateThingTypeRequest) (*iot.CreateThingTypeAnswer, error) {
	y, err := d.engine.CreateType(ctx, in.Type(), iot.TagsOf(in.Tags))
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
	shown := d.typeOf(y)
	return &iot.DescribeThingTypeAnswer{
		ThingTypeName: shown.ThingTypeName, ThingTypeID: y.UID, ThingTypeARN: shown.ThingTypeARN,
		ThingTypeProperties: shown.ThingTypeProperties, ThingTypeMetadata: shown.ThingTypeMetadata,
	}, err
}

func (d *Door) typeOf(y fleet.Type) iot.ThingTypeDefinition {
	return iot.ThingTypeDefinition{
		ThingTypeName: y.Name, ThingTypeARN: d.scope.ARN(awsapi.ResourceThingType, y.Name),
		ThingTypeProperties: iot.ThingTypeProperties{ThingTypeDescription: y.Description, SearchableAttributes: y.Searchable},
		ThingTypeMetadata: iot.ThingTypeMetadata{
			Deprecated: !y.DeprecatedAt.IsZero(), DeprecationDate: awsapi.At(y.DeprecatedAt), CreationDate: awsapi.At(y.CreatedAt),
		},
	}
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
		out.ThingTypes = append(out.ThingTypes, d.typeOf(y))
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}
