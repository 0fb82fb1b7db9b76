package awsv2

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"

	"github.com/drover-iot/drover/test/node"
)

func templates(t *testing.T, o *operator) {
	o.things("drill", 1)
	id, document := aws.String("reboot"), aws.String(`{"op":"reboot"}`)
	made := do(t, o.CreateJobTemplate, &iot.CreateJobTemplateInput{
		JobTemplateId: id, Description: aws.String("Reboot"), Document: document,
		JobExecutionsRolloutConfig: &types.JobExecutionsRolloutConfig{MaximumPerMinute: aws.Int32(7)},
		TimeoutConfig:              &types.TimeoutConfig{InProgressTimeoutInMinutes: aws.Int64(30)},
		Tags:                       []types.Tag{{Key: aws.String("owner"), Value: aws.String("ops")}},
	})
	equal(t, "ARN", *made.JobTemplateArn, node.TemplateARN("reboot"))
	shown := do(t, o.DescribeJobTemplate, &iot.DescribeJobTemplateInput{JobTemplateId: id})
	equal(t, "document", *shown.Document, *document)
	equal(t, "rate", *shown.JobExecutionsRolloutConfig.MaximumPerMinute, 7)
	equal(t, "created", shown.CreatedAt.Unix(), o.node.Now().Unix())
	listed := do(t, o.ListJobTemplates, &iot.ListJobTemplatesInput{}).JobTemplates
	equal(t, "templates", len(listed), 1)
	equal(t, "description", *listed[0].Description, "Reboot")
	equal(t, "tags", len(do(t, o.ListTagsForResource, &iot.ListTagsForResourceInput{ResourceArn: made.JobTemplateArn}).Tags), 1)

	job := do(t, o.CreateJob, &iot.CreateJobInput{
		JobId: aws.String("from-template"), Targets: []string{node.ThingARN("drill-0")}, JobTemplateArn: made.JobTemplateArn,
		TimeoutConfig: &types.TimeoutConfig{InProgressTimeoutInMinutes: aws.Int64(60)},
	})
	equal(t, "description", *job.Description, "Reboot")
	of := o.describeJob("from-template")
	equal(t, "template", *of.JobTemplateArn, *made.JobTemplateArn)
	equal(t, "rate", *of.JobExecutionsRolloutConfig.MaximumPerMinute, 7)
	equal(t, "timeout", *of.TimeoutConfig.InProgressTimeoutInMinutes, 60)

	do(t, o.CreateJobTemplate, &iot.CreateJobTemplateInput{JobTemplateId: aws.String("from-job"), Description: aws.String("As it went"), JobArn: job.JobArn})
	shown = do(t, o.DescribeJobTemplate, &iot.DescribeJobTemplateInput{JobTemplateId: aws.String("from-job")})
	equal(t, "document", *shown.Document, *document)
	equal(t, "timeout", *shown.TimeoutConfig.InProgressTimeoutInMinutes, 60)

	for _, t := range []string{"reboot", "from-job"} {
		do(o.t, o.DeleteJobTemplate, &iot.DeleteJobTemplateInput{JobTemplateId: &t})
	}
	equal(t, "templates", len(do(t, o.ListJobTemplates, &iot.ListJobTemplatesInput{}).JobTemplates), 0)
	equal(t, "document", *do(t, o.GetJobDocument, &iot.GetJobDocumentInput{JobId: aws.String("from-template")}).Document, *document)
}

func managedTemplates(t *testing.T, o *operator) {
	o.things("mixer", 1)
	listed := do(t, o.ListManagedJobTemplates, &iot.ListManagedJobTemplatesInput{}).ManagedJobTemplates
	equal(t, "managed templates", len(listed), 8)
	shown := do(t, o.DescribeManagedJobTemplate, &iot.DescribeManagedJobTemplateInput{TemplateName: aws.String("AWS-Run-Command"), TemplateVersion: aws.String("1.0")})
	equal(t, "ARN", *shown.TemplateArn, "arn:aws:iot:us-east-1::jobtemplate/AWS-Run-Command:1.0")
	equal(t, "environments", slices.Equal(shown.Environments, []string{"LINUX"}), true)
	equal(t, "parameters", len(shown.DocumentParameters), 2)
	equal(t, "parameter", *shown.DocumentParameters[0].Key, "command")
	equal(t, "optional", shown.DocumentParameters[0].Optional, false)

	made := do(t, o.CreateJob, &iot.CreateJobInput{
		JobId: aws.String("managed"), Targets: []string{node.ThingARN("mixer-0")}, JobTemplateArn: shown.TemplateArn,
		DocumentParameters: map[string]string{"command": `echo,"<&>"`},
	})
	equal(t, "description", *made.Description, *shown.Description)
	equal(t, "parameter", o.describeJob("managed").DocumentParameters["command"], `echo,"<&>"`)
	o.node.Advance(time.Minute)
	want := strings.NewReplacer("${aws:iot:parameter:command}", `echo,\"<&>\"`, "${aws:iot:parameter:runAsUser}", "").Replace(*shown.Document)
	equal(t, "job", o.node.StartNext("mixer-0"), "managed")
	equal(t, "document", *do(t, o.GetJobDocument, &iot.GetJobDocumentInput{JobId: aws.String("managed")}).Document, want)
}

func TestRefusalsOfTemplatesHaveTheTypesOfTheModel(t *testing.T) {
	o := newOperator(t)
	thing := []string{node.ThingARN(o.things("saw", 1)[0])}
	id, unknown := aws.String("t"), aws.String("unknown")
	template := &iot.CreateJobTemplateInput{JobTemplateId: id, Description: aws.String("T"), Document: aws.String("{}")}
	made := do(t, o.CreateJobTemplate, template)
	exists := refused[*types.ConflictException](t, o.CreateJobTemplate, template)
	equal(t, "id", aws.ToString(exists.ResourceId), "t")
	refused[*types.InvalidRequestException](t, o.CreateJobTemplate, &iot.CreateJobTemplateInput{JobTemplateId: unknown, Description: aws.String("T")})
	refused[*types.ResourceNotFoundException](t, o.CreateJobTemplate, &iot.CreateJobTemplateInput{
		JobTemplateId: unknown, Description: aws.String("T"), JobArn: aws.String(node.JobARN("unknown")),
	})
	refused[*types.ResourceNotFoundException](t, o.DescribeJobTemplate, &iot.DescribeJobTemplateInput{JobTemplateId: unknown})
	refused[*types.ResourceNotFoundException](t, o.DeleteJobTemplate, &iot.DeleteJobTemplateInput{JobTemplateId: unknown})
	refused[*types.ResourceNotFoundException](t, o.DescribeManagedJobTemplate, &iot.DescribeManagedJobTemplateInput{TemplateName: unknown})
	refused[*types.InvalidRequestException](t, o.ListJobTemplates, &iot.ListJobTemplatesInput{NextToken: unknown})
	refused[*types.ResourceNotFoundException](t, o.CreateJob, &iot.CreateJobInput{
		JobId: unknown, Targets: thing, JobTemplateArn: aws.String(node.TemplateARN("unknown")),
	})
	refused[*types.InvalidRequestException](t, o.CreateJob, &iot.CreateJobInput{
		JobId: unknown, Targets: thing, JobTemplateArn: made.JobTemplateArn, DocumentParameters: map[string]string{"a": "b"},
	})
	refused[*types.InvalidRequestException](t, o.CreateJob, &iot.CreateJobInput{
		JobId: unknown, Targets: thing, JobTemplateArn: aws.String("arn:aws:iot:us-east-1::jobtemplate/AWS-Run-Command:1.0"),
	})
}

func TestPaginatorsReadEachTemplateOnce(t *testing.T) {
	o := newOperator(t)
	var want []string
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		want = append(want, name)
		do(t, o.CreateJobTemplate, &iot.CreateJobTemplateInput{JobTemplateId: &name, Description: aws.String("T"), Document: aws.String("{}")})
	}
	names(t, iot.NewListJobTemplatesPaginator(o, &iot.ListJobTemplatesInput{MaxResults: aws.Int32(2)}), func(p *iot.ListJobTemplatesOutput) []string {
		return each(p.JobTemplates, func(m types.JobTemplateSummary) *string { return m.JobTemplateId })
	}, want...)
	names(t, iot.NewListManagedJobTemplatesPaginator(o, &iot.ListManagedJobTemplatesInput{MaxResults: aws.Int32(2)}), func(p *iot.ListManagedJobTemplatesOutput) []string {
		return each(p.ManagedJobTemplates, func(m types.ManagedJobTemplateSummary) *string { return m.TemplateName })
	}, "AWS-Download-File", "AWS-Install-Application", "AWS-Reboot", "AWS-Remove-Application",
		"AWS-Restart-Application", "AWS-Run-Command", "AWS-Start-Application", "AWS-Stop-Application")
}
