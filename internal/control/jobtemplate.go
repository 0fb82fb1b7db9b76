package control

import (
	"context"
	"strings"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
)

// origin is the template that an ARN names, one of the account or a managed
// one. spec: wire-protocol.md#6-arns
func (d *Door) origin(arn string, parameters map[string]string) (job.Origin, error) {
	o := job.Origin{Parameters: parameters}
	if arn == "" {
		return o, nil
	}
	if a, ok := awsapi.ParseARN(arn); ok && d.scope.Provider().Holds(a) && a.Kind == awsapi.ResourceJobTemplate {
		if o.Template, o.Version, _ = strings.Cut(a.ID, ":"); o.Version != "" {
			return o, nil
		}
	}
	a, err := d.resourceOf(awsapi.ResourceJobTemplate, arn, "jobTemplateArn")
	o.Template = a.ID
	return o, err
}

// resourceOf is resource for a member that names one kind.
func (d *Door) resourceOf(kind, arn, member string) (awsapi.ARN, error) {
	a, err := d.resource(arn, member)
	if err == nil && a.Kind != kind {
		err = fault.New(fault.InvalidRequest, "Value '%s' at '%s' failed to satisfy constraint: must be the ARN of a %s", arn, member, kind)
	}
	return a, err
}

func (d *Door) createJobTemplate(ctx context.Context, in *iot.CreateJobTemplateRequest) (*iot.CreateJobTemplateAnswer, error) {
	tags, err := iot.TagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	c := engine.CreateTemplate{Name: in.JobTemplateID, Settings: in.Settings(), Document: []byte(in.Document), Tags: tags}
	if c.Settings.Packages, err = d.destinations(in.DestinationPackageVersions); err != nil {
		return nil, err
	}
	if in.JobARN != "" {
		from, err := d.resourceOf(awsapi.ResourceJob, in.JobARN, "jobArn")
		if err != nil {
			return nil, err
		}
		c.Job = from.ID
	}
	made, err := d.engine.CreateTemplate(ctx, c)
	if err != nil {
		return nil, d.inTheWay(err, awsapi.ResourceJobTemplate, in.JobTemplateID)
	}
	return &iot.CreateJobTemplateAnswer{
		JobTemplateARN: d.scope.ARN(awsapi.ResourceJobTemplate, made.Name), JobTemplateID: made.Name,
	}, nil
}

func (d *Door) describeJobTemplate(ctx context.Context, in *iot.DescribeJobTemplateRequest) (*iot.DescribeJobTemplateAnswer, error) {
	t, err := d.engine.Template(ctx, in.JobTemplateID)
	if err != nil {
		return nil, err
	}
	return iot.JobTemplateOf(t, d.scope), nil
}

func (d *Door) deleteJobTemplate(ctx context.Context, in *iot.DeleteJobTemplateRequest) (*iot.Empty, error) {
	return done(d.engine.DeleteTemplate(ctx, in.JobTemplateID))
}

func (d *Door) listJobTemplates(ctx context.Context, in *iot.ListJobTemplatesRequest) (*iot.ListJobTemplatesAnswer, error) {
	p, err := open(iot.ListJobTemplates, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	templates, cursor, err := d.engine.Templates(ctx, p.store())
	if err != nil {
		return nil, err
	}
	out := &iot.ListJobTemplatesAnswer{}
	for _, t := range templates {
		out.JobTemplates = append(out.JobTemplates, iot.JobTemplateSummaryOf(t, d.scope))
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}

func (d *Door) describeManagedTemplate(_ context.Context, in *iot.DescribeManagedJobTemplateRequest) (*iot.DescribeManagedJobTemplateAnswer, error) {
	t, err := d.engine.ManagedTemplate(in.TemplateName, in.TemplateVersion)
	if err != nil {
		return nil, err
	}
	return iot.ManagedTemplateOf(t, d.scope), nil
}

func (d *Door) listManagedTemplates(_ context.Context, in *iot.ListManagedJobTemplatesRequest) (*iot.ListManagedJobTemplatesAnswer, error) {
	p, err := open(iot.ListManagedJobTemplates, in.NextToken, in.MaxResults, in.TemplateName)
	if err != nil {
		return nil, err
	}
	templates, cursor := d.engine.ManagedTemplates(in.TemplateName, p.store())
	out := &iot.ListManagedJobTemplatesAnswer{}
	for _, t := range templates {
		out.ManagedJobTemplates = append(out.ManagedJobTemplates, iot.ManagedJobTemplateSummaryOf(t, d.scope))
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}
