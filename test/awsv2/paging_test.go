package awsv2

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"

	"github.com/drover-iot/drover/test/node"
)

// pager is one of the client's paginators.
type pager[Out any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*iot.Options)) (*Out, error)
}

// names reads all pages, which must have two entries each, but for the last,
// and hold the names wanted.
func names[Out any](t *testing.T, p pager[Out], of func(*Out) []string, want ...string) {
	t.Helper()
	var all []string
	for p.HasMorePages() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, of(page)...)
		if p.HasMorePages() {
			equal(t, "entries of a page", len(of(page)), 2)
		}
	}
	if !slices.Equal(all, want) {
		t.Errorf("%T: got %q, want %q", p, all, want)
	}
}

// each picks a name out of every entry.
func each[E any](entries []E, name func(E) *string) []string {
	picked := make([]string, len(entries))
	for i, e := range entries {
		picked[i] = *name(e)
	}
	return picked
}

func TestPaginatorsOfTheRegistryReadEachEntryOnce(t *testing.T) {
	o := newOperator(t)
	two := aws.Int32(2)
	o.group("thing", 5)
	arn := aws.String(node.GroupARN("thing"))
	for _, name := range []string{"a", "b", "c"} {
		do(t, o.CreateThingGroup, &iot.CreateThingGroupInput{ThingGroupName: &name})
		do(t, o.CreateThingType, &iot.CreateThingTypeInput{ThingTypeName: &name})
		do(t, o.AddThingToThingGroup, &iot.AddThingToThingGroupInput{ThingGroupName: &name, ThingName: aws.String("thing-0")})
		do(t, o.TagResource, &iot.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: &name, Value: aws.String("")}}})
	}

	names(t, iot.NewListThingsPaginator(o, &iot.ListThingsInput{MaxResults: two}),
		func(p *iot.ListThingsOutput) []string {
			return each(p.Things, func(a types.ThingAttribute) *string { return a.ThingName })
		}, "thing-0", "thing-1", "thing-2", "thing-3", "thing-4")
	names(t, iot.NewListThingsInThingGroupPaginator(o, &iot.ListThingsInThingGroupInput{ThingGroupName: aws.String("thing"), MaxResults: two}),
		func(p *iot.ListThingsInThingGroupOutput) []string { return p.Things },
		"thing-0", "thing-1", "thing-2", "thing-3", "thing-4")
	names(t, iot.NewListThingGroupsPaginator(o, &iot.ListThingGroupsInput{MaxResults: two}),
		func(p *iot.ListThingGroupsOutput) []string { return each(p.ThingGroups, groupName) }, "a", "b", "c", "thing")
	names(t, iot.NewListThingGroupsForThingPaginator(o, &iot.ListThingGroupsForThingInput{ThingName: aws.String("thing-0"), MaxResults: two}),
		func(p *iot.ListThingGroupsForThingOutput) []string { return each(p.ThingGroups, groupName) }, "a", "b", "c", "thing")
	names(t, iot.NewListThingTypesPaginator(o, &iot.ListThingTypesInput{MaxResults: two}),
		func(p *iot.ListThingTypesOutput) []string {
			return each(p.ThingTypes, func(d types.ThingTypeDefinition) *string { return d.ThingTypeName })
		}, "a", "b", "c")
	names(t, iot.NewListTagsForResourcePaginator(o, &iot.ListTagsForResourceInput{ResourceArn: arn}),
		func(p *iot.ListTagsForResourceOutput) []string {
			return each(p.Tags, func(tag types.Tag) *string { return tag.Key })
		}, "a", "b", "c")
}

func groupName(g types.GroupNameAndArn) *string { return g.GroupName }

func TestPaginatorsOfJobsReadEachEntryOnce(t *testing.T) {
	o := newOperator(t)
	two := aws.Int32(2)
	things := o.group("fleet", 5)
	for i := range 5 {
		o.job(&iot.CreateJobInput{JobId: aws.String(fmt.Sprintf("job-%d", i)), Targets: []string{node.GroupARN("fleet")}})
		o.node.Advance(time.Minute)
	}
	newestFirst := []string{"job-4", "job-3", "job-2", "job-1", "job-0"}
	arns := make([]string, len(things))
	for i, name := range things {
		arns[i] = node.ThingARN(name)
	}

	names(t, iot.NewListJobsPaginator(o, &iot.ListJobsInput{MaxResults: two}),
		func(p *iot.ListJobsOutput) []string {
			return each(p.Jobs, func(j types.JobSummary) *string { return j.JobId })
		}, newestFirst...)
	names(t, iot.NewListJobExecutionsForThingPaginator(o, &iot.ListJobExecutionsForThingInput{ThingName: &things[0], MaxResults: two}),
		func(p *iot.ListJobExecutionsForThingOutput) []string {
			return each(p.ExecutionSummaries, func(e types.JobExecutionSummaryForThing) *string { return e.JobId })
		}, newestFirst...)
	names(t, iot.NewListJobExecutionsForJobPaginator(o, &iot.ListJobExecutionsForJobInput{JobId: aws.String("job-0"), MaxResults: two}),
		func(p *iot.ListJobExecutionsForJobOutput) []string {
			return each(p.ExecutionSummaries, func(e types.JobExecutionSummaryForJob) *string { return e.ThingArn })
		}, arns...)
}
