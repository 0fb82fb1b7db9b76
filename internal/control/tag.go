package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/engine"
)

// tagged is the resource that an ARN names.
func (d *Door) tagged(arn string) (engine.Resource, error) {
	a, err := d.resource(arn, "resourceArn")
	return engine.Resource{Kind: a.Kind, Name: a.ID}, err
}

func (d *Door) tag(ctx context.Context, in *iot.TagResourceRequest) (*iot.Empty, error) {
	tags, err := iot.TagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	r, err := d.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return done(d.engine.Tag(ctx, r, tags))
}

func (d *Door) untag(ctx context.Context, in *iot.UntagResourceRequest) (*iot.Empty, error) {
	r, err := d.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return done(d.engine.Untag(ctx, r, in.TagKeys))
}

func (d *Door) listTags(ctx context.Context, in *iot.ListTagsForResourceRequest) (*iot.ListTagsForResourceAnswer, error) {
	r, err := d.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	p, err := open(iot.ListTagsForResource, in.NextToken, 0, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	tags, cursor, err := d.engine.Tags(ctx, r, p.store())
	if err != nil {
		return nil, err
	}
	out := &iot.ListTagsForResourceAnswer{}
	for _, t := range tags {
		out.Tags = append(out.Tags, iot.Tag(t))
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}
