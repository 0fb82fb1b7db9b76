package awsv2

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"

	"github.com/drover-iot/drover/internal/control"
	"github.com/drover-iot/drover/test/node"
)

func TestEveryOperationAnswersWhatTheClientReads(t *testing.T) {
	o := newOperator(t)
	for _, part := range []func(*testing.T, *operator){
		typesOfThings, things, groups, memberships, tags, endpoint, jobs, targets, executions,
		index, dynamicGroups, templates, managedTemplates, events, packages,
	} {
		part(t, o)
	}
	for _, r := range control.New(control.Config{}).Routes() {
		if !o.called[r.Operation.Name] {
			t.Errorf("%s was not called", r.Operation.Name)
		}
	}
}

func typesOfThings(t *testing.T, o *operator) {
	press := aws.String("press")
	made := do(t, o.CreateThingType, &iot.CreateThingTypeInput{
		ThingTypeName: press,
		ThingTypeProperties: &types.ThingTypeProperties{
			ThingTypeDescription: aws.String("hydraulic"), SearchableAttributes: []string{"site"},
		},
	})
	equal(t, "ARN", *made.ThingTypeArn, node.TypeARN("press"))

	shown := do(t, o.DescribeThingType, &iot.DescribeThingTypeInput{ThingTypeName: press})
	equal(t, "id", *shown.ThingTypeId, *made.ThingTypeId)
	equal(t, "description", *shown.ThingTypeProperties.ThingTypeDescription, "hydraulic")
	equal(t, "created", shown.ThingTypeMetadata.CreationDate.Unix(), o.node.Now().Unix())

	do(t, o.DeprecateThingType, &iot.DeprecateThingTypeInput{ThingTypeName: press})
	listed := do(t, o.ListThingTypes, &iot.ListThingTypesInput{})
	equal(t, "types", len(listed.ThingTypes), 1)
	equal(t, "deprecated", listed.ThingTypes[0].ThingTypeMetadata.Deprecated, true)

	o.node.Advance(5 * time.Minute)
	do(t, o.DeleteThingType, &iot.DeleteThingTypeInput{ThingTypeName: press})
	equal(t, "types", len(do(t, o.ListThingTypes, &iot.ListThingTypesInput{}).ThingTypes), 0)
}

func things(t *testing.T, o *operator) {
	press := aws.String("press:07")
	made := do(t, o.CreateThing, &iot.CreateThingInput{ThingName: press, AttributePayload: &types.AttributePayload{
		Attributes: map[string]string{"site": "north", "line": "2"},
	}})
	equal(t, "ARN", *made.ThingArn, node.ThingARN("press:07"))

	do(t, o.UpdateThing, &iot.UpdateThingInput{ThingName: press, ExpectedVersion: aws.Int64(1), AttributePayload: &types.AttributePayload{
		Attributes: map[string]string{"site": "south", "line": ""}, Merge: true,
	}})
	shown := do(t, o.DescribeThing, &iot.DescribeThingInput{ThingName: press})
	equal(t, "id", *shown.ThingId, *made.ThingId)
	equal(t, "client id", *shown.DefaultClientId, "press:07")
	equal(t, "version", shown.Version, 2)
	equal(t, "attributes", len(shown.Attributes), 1)
	equal(t, "site", shown.Attributes["site"], "south")

	seen := do(t, o.GetThingConnectivityData, &iot.GetThingConnectivityDataInput{ThingName: press})
	equal(t, "connected", *seen.Connected, false)
	equal(t, "reason", seen.DisconnectReason, types.DisconnectReasonValueUnknown)

	found := do(t, o.ListThings, &iot.ListThingsInput{AttributeName: aws.String("site"), AttributeValue: aws.String("south")})
	equal(t, "things", len(found.Things), 1)
	equal(t, "name", *found.Things[0].ThingName, "press:07")

	do(t, o.DeleteThing, &iot.DeleteThingInput{ThingName: press})
	equal(t, "things", len(do(t, o.ListThings, &iot.ListThingsInput{}).Things), 0)
}

func groups(t *testing.T, o *operator) {
	site, hall := aws.String("site"), aws.String("hall")
	made := do(t, o.CreateThingGroup, &iot.CreateThingGroupInput{ThingGroupName: site})
	equal(t, "ARN", *made.ThingGroupArn, node.GroupARN("site"))
	do(t, o.CreateThingGroup, &iot.CreateThingGroupInput{ThingGroupName: hall, ParentGroupName: site})

	changed := do(t, o.UpdateThingGroup, &iot.UpdateThingGroupInput{
		ThingGroupName: hall, ThingGroupProperties: &types.ThingGroupProperties{ThingGroupDescription: aws.String("east")},
	})
	equal(t, "version", changed.Version, 2)
	shown := do(t, o.DescribeThingGroup, &iot.DescribeThingGroupInput{ThingGroupName: hall})
	equal(t, "version", shown.Version, 2)
	equal(t, "description", *shown.ThingGroupProperties.ThingGroupDescription, "east")
	equal(t, "parent", *shown.ThingGroupMetadata.ParentGroupName, "site")
	equal(t, "root", *shown.ThingGroupMetadata.RootToParentThingGroups[0].GroupArn, node.GroupARN("site"))

	below := do(t, o.ListThingGroups, &iot.ListThingGroupsInput{ParentGroup: site})
	equal(t, "children", len(below.ThingGroups), 1)
	equal(t, "child", *below.ThingGroups[0].GroupName, "hall")

	do(t, o.DeleteThingGroup, &iot.DeleteThingGroupInput{ThingGroupName: hall})
	do(t, o.DeleteThingGroup, &iot.DeleteThingGroupInput{ThingGroupName: site})
	equal(t, "groups", len(do(t, o.ListThingGroups, &iot.ListThingGroupsInput{}).ThingGroups), 0)
}

func memberships(t *testing.T, o *operator) {
	parent, child, thing := aws.String("plant"), aws.String("bay"), aws.String("mill-1")
	do(t, o.CreateThingGroup, &iot.CreateThingGroupInput{ThingGroupName: parent})
	do(t, o.CreateThingGroup, &iot.CreateThingGroupInput{ThingGroupName: child, ParentGroupName: parent})
	do(t, o.CreateThing, &iot.CreateThingInput{ThingName: thing})

	do(t, o.AddThingToThingGroup, &iot.AddThingToThingGroupInput{ThingGroupName: child, ThingName: thing})
	inside := do(t, o.ListThingsInThingGroup, &iot.ListThingsInThingGroupInput{ThingGroupName: parent, Recursive: true})
	equal(t, "things below", len(inside.Things), 1)
	inside = do(t, o.ListThingsInThingGroup, &iot.ListThingsInThingGroupInput{ThingGroupName: parent})
	equal(t, "things in the group itself", len(inside.Things), 0)

	do(t, o.UpdateThingGroupsForThing, &iot.UpdateThingGroupsForThingInput{
		ThingName: thing, ThingGroupsToRemove: []string{"bay"}, ThingGroupsToAdd: []string{"plant"},
	})
	of := do(t, o.ListThingGroupsForThing, &iot.ListThingGroupsForThingInput{ThingName: thing})
	equal(t, "groups", len(of.ThingGroups), 1)
	equal(t, "group", *of.ThingGroups[0].GroupArn, node.GroupARN("plant"))

	do(t, o.RemoveThingFromThingGroup, &iot.RemoveThingFromThingGroupInput{ThingGroupName: parent, ThingName: thing})
	equal(t, "groups", len(do(t, o.ListThingGroupsForThing, &iot.ListThingGroupsForThingInput{ThingName: thing}).ThingGroups), 0)
}

func tags(t *testing.T, o *operator) {
	do(t, o.CreateThingGroup, &iot.CreateThingGroupInput{
		ThingGroupName: aws.String("tagged"), Tags: []types.Tag{{Key: aws.String("owner"), Value: aws.String("ops")}},
	})
	arn := aws.String(node.GroupARN("tagged"))
	do(t, o.TagResource, &iot.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("cost"), Value: aws.String("7")}}})
	equal(t, "tags", len(do(t, o.ListTagsForResource, &iot.ListTagsForResourceInput{ResourceArn: arn}).Tags), 2)
	do(t, o.UntagResource, &iot.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"owner"}})
	left := do(t, o.ListTagsForResource, &iot.ListTagsForResourceInput{ResourceArn: arn}).Tags
	equal(t, "tags", len(left), 1)
	equal(t, "tag", *left[0].Key+"="+*left[0].Value, "cost=7")
}

func endpoint(t *testing.T, o *operator) {
	for _, kind := range []string{"iot:Data-ATS", "iot:Jobs"} {
		at := do(t, o.DescribeEndpoint, &iot.DescribeEndpointInput{EndpointType: aws.String(kind)})
		equal(t, kind, "http://"+*at.EndpointAddress, o.node.URL)
	}
}

func jobs(t *testing.T, o *operator) {
	o.things("lathe", 1)
	id := aws.String("jobs")
	document := `{"op":"flash","size":18446744073709551616,"to":"<&>"}`
	made := do(t, o.CreateJob, &iot.CreateJobInput{
		JobId: id, Targets: []string{node.ThingARN("lathe-0")}, Document: &document, Description: aws.String("first"),
	})
	equal(t, "ARN", *made.JobArn, node.JobARN("jobs"))
	equal(t, "description", *made.Description, "first")
	equal(t, "document", *do(t, o.GetJobDocument, &iot.GetJobDocumentInput{JobId: id}).Document, document)

	do(t, o.UpdateJob, &iot.UpdateJobInput{JobId: id, Description: aws.String("second")})
	shown := o.describeJob("jobs")
	equal(t, "description", *shown.Description, "second")
	equal(t, "status", shown.Status, types.JobStatusInProgress)
	equal(t, "selection", shown.TargetSelection, types.TargetSelectionSnapshot)
	equal(t, "created", shown.CreatedAt.Unix(), o.node.Now().Unix())

	listed := do(t, o.ListJobs, &iot.ListJobsInput{Status: types.JobStatusInProgress})
	equal(t, "jobs", len(listed.Jobs), 1)
	equal(t, "job", *listed.Jobs[0].JobId, "jobs")

	do(t, o.CancelJob, &iot.CancelJobInput{JobId: id, ReasonCode: aws.String("SUPERSEDED"), Comment: aws.String("see jobs-2")})
	shown = o.describeJob("jobs")
	equal(t, "status", shown.Status, types.JobStatusCanceled)
	equal(t, "reason", *shown.ReasonCode, "SUPERSEDED")
	equal(t, "comment", *shown.Comment, "see jobs-2")

	do(t, o.DeleteJob, &iot.DeleteJobInput{JobId: id})
	o.node.Advance(time.Second)
	equal(t, "jobs", len(do(t, o.ListJobs, &iot.ListJobsInput{}).Jobs), 0)
}

func targets(t *testing.T, o *operator) {
	o.group("north", 1)
	o.group("south", 2)
	o.job(&iot.CreateJobInput{
		JobId: aws.String("targets"), Targets: []string{node.GroupARN("north")}, TargetSelection: types.TargetSelectionContinuous,
	})
	do(t, o.AssociateTargetsWithJob, &iot.AssociateTargetsWithJobInput{
		JobId: aws.String("targets"), Targets: []string{node.GroupARN("south")}, Comment: aws.String("the south too"),
	})
	o.node.Advance(time.Minute)
	shown := o.describeJob("targets")
	equal(t, "targets", slices.Equal(shown.Targets, []string{node.GroupARN("north"), node.GroupARN("south")}), true)
	equal(t, "queued", *shown.JobProcessDetails.NumberOfQueuedThings, 3)
	equal(t, "comment", *shown.Comment, "the south too")
}

func executions(t *testing.T, o *operator) {
	names := o.things("saw", 2)
	id := aws.String("executions")
	o.job(&iot.CreateJobInput{JobId: id, Targets: []string{node.ThingARN(names[0]), node.ThingARN(names[1])}})
	o.node.Advance(time.Minute)
	o.node.StartNext("saw-0")

	shown := o.describeExecution("saw-0", "executions")
	equal(t, "thing", *shown.ThingArn, node.ThingARN("saw-0"))
	equal(t, "status", shown.Status, types.JobExecutionStatusInProgress)
	equal(t, "version", shown.VersionNumber, 2)
	equal(t, "number", *shown.ExecutionNumber, 1)
	equal(t, "started", shown.StartedAt.Unix(), o.node.Now().Unix())

	ofJob := do(t, o.ListJobExecutionsForJob, &iot.ListJobExecutionsForJobInput{JobId: id, Status: types.JobExecutionStatusInProgress})
	equal(t, "executions", len(ofJob.ExecutionSummaries), 1)
	equal(t, "thing", *ofJob.ExecutionSummaries[0].ThingArn, node.ThingARN("saw-0"))
	ofThing := do(t, o.ListJobExecutionsForThing, &iot.ListJobExecutionsForThingInput{ThingName: aws.String("saw-0")})
	equal(t, "executions", len(ofThing.ExecutionSummaries), 1)
	equal(t, "job", *ofThing.ExecutionSummaries[0].JobId, "executions")

	do(t, o.CancelJobExecution, &iot.CancelJobExecutionInput{
		JobId: id, ThingName: aws.String("saw-0"), Force: true, ExpectedVersion: aws.Int64(2), StatusDetails: map[string]string{"why": "recalled"},
	})
	shown = o.describeExecution("saw-0", "executions")
	equal(t, "status", shown.Status, types.JobExecutionStatusCanceled)
	equal(t, "forced", *shown.ForceCanceled, true)
	equal(t, "why", shown.StatusDetails.DetailsMap["why"], "recalled")

	do(t, o.DeleteJobExecution, &iot.DeleteJobExecutionInput{JobId: id, ThingName: aws.String("saw-0"), ExecutionNumber: aws.Int64(1)})
	equal(t, "executions", len(do(t, o.ListJobExecutionsForJob, &iot.ListJobExecutionsForJobInput{JobId: id}).ExecutionSummaries), 1)
}
