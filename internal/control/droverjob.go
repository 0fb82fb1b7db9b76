package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

func (d *Door) getDroverJob(ctx context.Context, in *iot.GetDroverJobRequest) (*iot.DroverJob, error) {
	j, err := d.engine.Job(ctx, in.JobID)
	if err != nil {
		return nil, err
	}
	return iot.DroverJobOf(j, d.scope, d.engine.Now()), nil
}

func (d *Door) listJobChanges(ctx context.Context, in *iot.ListJobChangesRequest) (*iot.ListJobChangesAnswer, error) {
	p, err := open(iot.ListJobChanges, in.NextToken, in.MaxResults, in.JobID)
	if err != nil {
		return nil, err
	}
	changes, cursor, err := d.engine.History(ctx, in.JobID, p.store())
	if err != nil {
		return nil, err
	}
	out := &iot.ListJobChangesAnswer{}
	for _, c := range changes {
		shown, err := iot.JobChangeOf(c, d.scope)
		if err != nil {
			return nil, err
		}
		out.Changes = append(out.Changes, shown)
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}
