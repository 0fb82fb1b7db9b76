package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
)

func (d *Door) createJob(ctx context.Context, in *iot.CreateJobRequest) (*iot.JobAnswer, error) {
	targets, err := d.targets(in.Targets)
	if err != nil {
		return nil, err
	}
	tags, err := iot.TagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	settings := in.Settings()
	if settings.Origin, err = d.origin(in.JobTemplateARN, in.DocumentParameters); err != nil {
		return nil, err
	}
	if settings.Packages, err = d.destinations(in.DestinationPackageVersions); err != nil {
		return nil, err
	}
	selection, _ := job.ParseSelection(in.TargetSelection) // the shape knows the words
	j, err := d.engine.CreateJob(ctx, engine.CreateJob{
		Name: in.JobID, Namespace: in.NamespaceID, Selection: selection, Settings: settings, Targets: targets,
		Document: []byte(in.Document), Tags: tags, By: in.By, Paused: in.Paused, Hides: in.HideQueued,
	})
	return iot.JobAnswerOf(j, d.scope), d.inTheWay(err, awsapi.ResourceJob, in.JobID)
}

// targets are the things and groups that ARNs name.
func (d *Door) targets(arns []string) ([]job.Target, error) {
	targets := make([]job.Target, 0, len(arns))
	for _, text := range arns {
		a, err := d.resource(text, "targets")
		if err != nil {
			return nil, err
		}
		if a.Kind != awsapi.ResourceThing && a.Kind != awsapi.ResourceThingGroup {
			return nil, fault.New(fault.InvalidRequest, "Value '%s' at 'targets' failed to satisfy constraint: must be a thing or a thing group", text)
		}
		targets = append(targets, job.Target{Group: a.Kind == awsapi.ResourceThingGroup, Name: a.ID})
	}
	return targets, nil
}

// destinations are the package versions that ARNs name.
func (d *Door) destinations(arns []string) ([]job.Destination, error) {
	var list []job.Destination
	for _, text := range arns {
		a, err := d.resource(text, "destinationPackageVersions")
		if err != nil {
			return nil, err
		}
		pkg, version := a.PackageVersion()
		if a.Kind != awsapi.ResourcePackage || version == "" {
			return nil, fault.New(fault.InvalidRequest, "Value '%s' at 'destinationPackageVersions' failed to satisfy constraint: must be a version of a package", text)
		}
		to := job.Destination{Package: pkg, Version: version}
		switch version {
		case iot.DefaultVersion:
			to.Version, to.Default = "", true
		case iot.NullVersion:
			to.Version = ""
		}
		list = append(list, to)
	}
	return list, nil
}

func (d *Door) updateJob(ctx context.Context, in *iot.UpdateJobRequest) (*iot.UpdateJobAnswer, error) {
	a, err := askedOf(in.By, in.IfMatch, in.JobID, in.NamespaceID)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		r, err := d.engine.TryUpdateJob(ctx, a, in.Patch())
		if err != nil {
			return nil, d.present(err)
		}
		told, err := iot.DryRunOf(r, d.scope)
		return &iot.UpdateJobAnswer{Tagged: r.Before.Version, DryRun: told}, err
	}
	j, err := d.engine.UpdateJob(ctx, a, in.Patch())
	return &iot.UpdateJobAnswer{Tagged: j.Version}, d.present(err)
}

// askedOf is who asks for a change of a job, and at which of its versions.
func askedOf(by, ifMatch, jobID, namespace string) (engine.Asked, error) {
	versions, err := awsapi.IfMatch(ifMatch)
	return engine.Asked{Job: jobID, Namespace: namespace, By: by, Versions: versions}, err
}

// present shows the job as it is, if that is why it was not changed.
func (d *Door) present(err error) error {
	if e := fault.As(err); e != nil {
		if j, ok := e.Detail.(job.Job); ok {
			e.Detail = awsapi.Present{Version: j.Version, Job: iot.JobOf(j, d.scope, d.engine.Now())}
		}
	}
	return err
}

func (d *Door) describeJob(ctx context.Context, in *iot.DescribeJobRequest) (*iot.DescribeJobAnswer, error) {
	j, err := d.engine.Job(ctx, in.JobID)
	if err != nil {
		return nil, err
	}
	shown := iot.JobOf(j, d.scope, d.engine.Now())
	shown.DestinationPackageVersions = iot.DestinationsOf(j.Settings, d.scope, in.BeforeSubstitution)
	return &iot.DescribeJobAnswer{DocumentSource: j.Settings.Source, Job: shown, Version: j.Version}, nil
}

func (d *Door) getJobDocument(ctx context.Context, in *iot.GetJobDocumentRequest) (*iot.GetJobDocumentAnswer, error) {
	read := d.engine.JobDocument
	if in.BeforeSubstitution {
		read = d.engine.GivenDocument
	}
	text, err := read(ctx, in.JobID)
	return &iot.GetJobDocumentAnswer{Document: string(text)}, err
}

func (d *Door) listJobs(ctx context.Context, in *iot.ListJobsRequest) (*iot.ListJobsAnswer, error) {
	p, err := open(iot.ListJobs, in.NextToken, in.MaxResults,
		in.Status, in.TargetSelection, in.ThingGroupName, in.ThingGroupID, in.NamespaceID)
	if err != nil {
		return nil, err
	}
	f := engine.JobFilter{GroupName: in.ThingGroupName, GroupUID: in.ThingGroupID, Namespace: in.NamespaceID}
	f.Status, _ = job.ParseStatus(in.Status) // the shape knows the words
	f.Selection, _ = job.ParseSelection(in.TargetSelection)
	jobs, cursor, err := d.engine.Jobs(ctx, f, p.store())
	if err != nil {
		return nil, err
	}
	out := &iot.ListJobsAnswer{}
	for _, j := range jobs {
		out.Jobs = append(out.Jobs, iot.SummaryOf(j, d.scope))
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}

func (d *Door) cancelJob(ctx context.Context, in *iot.CancelJobRequest) (*iot.JobAnswer, error) {
	a, err := askedOf(in.By, in.IfMatch, in.JobID, "")
	if err != nil {
		return nil, err
	}
	j, err := d.engine.CancelJob(ctx, a, job.Cancel{Force: in.Force, Reason: in.ReasonCode, Comment: in.Comment})
	return iot.JobAnswerOf(j, d.scope), d.present(err)
}

func (d *Door) deleteJob(ctx context.Context, in *iot.DeleteJobRequest) (*iot.Empty, error) {
	a, err := askedOf(in.By, in.IfMatch, in.JobID, in.NamespaceID)
	if err != nil {
		return nil, err
	}
	return done(d.present(d.engine.DeleteJob(ctx, a, in.Force)))
}

func (d *Door) associateTargets(ctx context.Context, in *iot.AssociateTargetsWithJobRequest) (*iot.JobAnswer, error) {
	targets, err := d.targets(in.Targets)
	if err != nil {
		return nil, err
	}
	a, err := askedOf(in.By, in.IfMatch, in.JobID, in.NamespaceID)
	if err != nil {
		return nil, err
	}
	j, err := d.engine.AssociateTargets(ctx, a, targets, in.Comment)
	return iot.JobAnswerOf(j, d.scope), d.present(err)
}
