package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/store"
)

func (d *Door) describeEvents(ctx context.Context, _ *iot.DescribeEventConfigurationsRequest) (*iot.DescribeEventConfigurationsAnswer, error) {
	s, err := d.engine.EventSettings(ctx)
	if err != nil {
		return nil, err
	}
	out := &iot.DescribeEventConfigurationsAnswer{
		EventConfigurations: map[string]iot.Configuration{}, CreationDate: awsapi.At(s.CreatedAt), LastModifiedDate: awsapi.At(s.ChangedAt),
	}
	for _, kind := range store.AllEventKinds() {
		out.EventConfigurations[kind.String()] = iot.Configuration{Enabled: s.Kinds.Has(kind)}
	}
	return out, nil
}

func (d *Door) updateEvents(ctx context.Context, in *iot.UpdateEventConfigurationsRequest) (*iot.Empty, error) {
	on := map[store.EventKind]bool{}
	for _, kind := range store.AllEventKinds() { // the shape knows no other names
		if c, given := in.EventConfigurations[kind.String()]; given {
			on[kind] = c.Enabled
		}
	}
	return done(d.engine.SetEvents(ctx, on))
}
