package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/job"
)

func (d *Door) getDroverJob(ctx context.Context, in *iot.GetDroverJobRequest) (*iot.DroverJob, error) {
	j, err := d.engine.Job(ctx, in.JobID)
	if err != nil {
		return nil, err
	}
	return d.droverJob(j), nil
}

func (d *Door) updateDroverJob(ctx context.Context, in *iot.UpdateDroverJobRequest) (*iot.DroverJob, error) {
	a, err := askedOf(in.By, in.IfMatch, in.JobID, "")
	if err != nil {
		return nil, err
	}
	j, err := d.engine.LimitJob(ctx, a, in.MaximumInProgress)
	return d.droverJob(j), d.present(err)
}

func (d *Door) pauseJob(ctx context.Context, in *iot.PauseJobRequest) (*iot.DroverJob, error) {
	a, err := askedOf(in.By, in.IfMatch, in.JobID, "")
	if err != nil {
		return nil, err
	}
	hides, err := in.Hides()
	if err != nil {
		return nil, err
	}
	j, err := d.engine.PauseJob(ctx, a, hides)
	return d.droverJob(j), d.present(err)
}

func (d *Door) resumeJob(ctx context.Context, in *iot.ResumeJobRequest) (*iot.DroverJob, error) {
	a, err := askedOf(in.By, in.IfMatch, in.JobID, "")
	if err != nil {
		return nil, err
	}
	j, err := d.engine.ResumeJob(ctx, a)
	return d.droverJob(j), d.present(err)
}

func (d *Door) droverJob(j job.Job) *iot.DroverJob {
	return iot.DroverJobOf(j, d.scope, d.engine.Now())
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
