package device

import (
	"context"
	"slices"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
)

// Routes are the HTTPS twins of the requests, and the rest of iot-data.
// spec: device-api.md#12-iot-jobs-data-over-http
func (d *Door) Routes() []awsapi.Route {
	return slices.Concat(d.jobsRoutes(), d.shadowRoutes(), d.dataRoutes())
}

func (d *Door) jobsRoutes() []awsapi.Route {
	return []awsapi.Route{
		awsapi.Handle(jobsdata.GetPendingJobExecutions, serve(d, d.getPending)),
		awsapi.HandleWithin(d.limits, jobsdata.StartNextPendingJobExecution, serve(d, d.startNext)),
		awsapi.Handle(jobsdata.DescribeJobExecution, serve(d, d.describe)),
		awsapi.HandleWithin(d.limits, jobsdata.UpdateJobExecution, serve(d, d.update)),
	}
}

// serve makes an HTTP handler of an operation.
func serve[In, Out any](d *Door, op func(In) result[Out]) func(context.Context, *In) (*Out, error) {
	return func(ctx context.Context, in *In) (*Out, error) {
		out, changes, err := op(*in).wait(ctx)
		if err != nil {
			return nil, err
		}
		d.Changed(changes)
		return out, nil
	}
}
