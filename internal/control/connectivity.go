package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

func (d *Door) getConnectivity(ctx context.Context, in *iot.GetThingConnectivityDataRequest) (*iot.ThingConnectivityAnswer, error) {
	c, err := d.engine.Connection(ctx, in.ThingName)
	if err != nil {
		return nil, err
	}
	return iot.ConnectivityOf(in.ThingName, c), nil
}
