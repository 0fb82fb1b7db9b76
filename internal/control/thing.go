package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/store"
)

func (d *Door) createThing(ctx context.Context, in *iot.CreateThingRequest) (*iot.CreateThingAnswer, error) {
	t, err := d.engine.CreateThing(ctx, in.Thing())
	return &iot.CreateThingAnswer{
		ThingName: t.Name, ThingARN: d.scope.ARN(awsapi.ResourceThing, t.Name), ThingID: t.UID,
	}, d.inTheWay(err, awsapi.ResourceThing, in.ThingName)
}

func (d *Door) updateThing(ctx context.Context, in *iot.UpdateThingRequest) (*iot.Empty, error) {
	return done(d.engine.UpdateThing(ctx, in.ThingName, in.Patch()))
}

func (d *Door) deleteThing(ctx context.Context, in *iot.DeleteThingRequest) (*iot.Empty, error) {
	return done(d.engine.DeleteThing(ctx, in.ThingName, in.ExpectedVersion))
}

func (d *Door) describeThing(ctx context.Context, in *iot.DescribeThingRequest) (*iot.DescribeThingAnswer, error) {
	t, err := d.engine.Thing(ctx, in.ThingName)
	return iot.ThingOf(t, d.scope), err
}

func (d *Door) listThings(ctx context.Context, in *iot.ListThingsRequest) (*iot.ListThingsAnswer, error) {
	p, err := open(iot.ListThings, in.NextToken, in.MaxResults,
		in.AttributeName, in.AttributeValue, in.ThingTypeName, flag(in.UsePrefixAttributeValue))
	if err != nil {
		return nil, err
	}
	things, cursor, err := d.engine.Things(ctx, store.ThingFilter{
		Type: in.ThingTypeName, AttributeName: in.AttributeName, AttributeValue: in.AttributeValue, Prefix: in.UsePrefixAttributeValue,
	}, p.store())
	if err != nil {
		return nil, err
	}
	out := &iot.ListThingsAnswer{}
	for _, t := range things {
		out.Things = append(out.Things, iot.ThingAttributeOf(t, d.scope))
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}

// flag is a filter of a listing that is true or not.
func flag(on bool) string {
	if on {
		return "true"
	}
	return ""
}
