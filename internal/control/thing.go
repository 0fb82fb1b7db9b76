package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/fleet"
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
	f := store.ThingFilter{
		Type: in.ThingTypeName, AttributeName: in.AttributeName, AttributeValue: in.AttributeValue, Prefix: in.UsePrefixAttributeValue,
	}
	things, cursor, err := d.things(ctx, f, p.store())
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

// A page of things ends behind pageBytes of attributes, which may be 12 MiB of
// a page; so many things are read at once.
const (
	pageBytes = 1 << 20
	pageStep  = 25
)

// things reads a page in steps, until it is long enough. A step that comes
// short is the last: the store has looked at as much as it may.
func (d *Door) things(ctx context.Context, f store.ThingFilter, p store.Page) ([]fleet.Thing, store.Cursor, error) {
	var all []fleet.Thing
	for size := 0; ; {
		asked := min(pageStep, p.Limit-len(all))
		step, cursor, err := d.engine.Things(ctx, f, store.Page{After: p.After, Limit: asked})
		if err != nil {
			return nil, "", err
		}
		for _, t := range step {
			size += sizeOf(t)
		}
		all = append(all, step...)
		if len(step) < asked || len(all) == p.Limit || size >= pageBytes || cursor == "" {
			return all, cursor, nil
		}
		p.After = cursor
	}
}

// sizeOf is about what the attributes of t take.
func sizeOf(t fleet.Thing) int {
	n := 0
	for name, value := range t.Attributes {
		n += len(name) + len(value)
	}
	return n
}

// flag is a filter of a listing that is true or not.
func flag(on bool) string {
	if on {
		return "true"
	}
	return ""
}
