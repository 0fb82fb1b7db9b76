package awsv2

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"

	"github.com/drover-iot/drover/test/node"
)

// wired registers a thing with a voltage.
func (o *operator) wired(name, volt string) {
	o.t.Helper()
	do(o.t, o.CreateThing, &iot.CreateThingInput{
		ThingName: &name, AttributePayload: &types.AttributePayload{Attributes: map[string]string{"volt": volt}},
	})
}

// turnOnIndex waits until all is in the index.
func (o *operator) turnOnIndex() {
	o.t.Helper()
	do(o.t, o.UpdateIndexingConfiguration, &iot.UpdateIndexingConfigurationInput{
		ThingIndexingConfiguration: &types.ThingIndexingConfiguration{
			ThingIndexingMode: types.ThingIndexingModeRegistry,
			CustomFields:      []types.Field{{Name: aws.String("attributes.volt"), Type: types.FieldTypeNumber}},
		},
	})
	o.node.Advance(time.Second)
}

func index(t *testing.T, o *operator) {
	o.wired("motor-1", "24")
	o.turnOnIndex()
	o.wired("motor-2", "230")
	query := aws.String("thingName:motor*")

	config := do(t, o.GetIndexingConfiguration, &iot.GetIndexingConfigurationInput{})
	equal(t, "mode", config.ThingIndexingConfiguration.ThingIndexingMode, types.ThingIndexingModeRegistry)
	equal(t, "custom field", *config.ThingIndexingConfiguration.CustomFields[0].Name, "attributes.volt")
	equal(t, "groups", config.ThingGroupIndexingConfiguration.ThingGroupIndexingMode, types.ThingGroupIndexingModeOff)
	equal(t, "indexes", slices.Equal(do(t, o.ListIndices, &iot.ListIndicesInput{}).IndexNames, []string{"AWS_Things"}), true)
	described := do(t, o.DescribeIndex, &iot.DescribeIndexInput{IndexName: aws.String("AWS_Things")})
	equal(t, "status", described.IndexStatus, types.IndexStatusActive)
	equal(t, "schema", *described.Schema, "REGISTRY")

	first := do(t, o.SearchIndex, &iot.SearchIndexInput{QueryString: query, MaxResults: aws.Int32(1)})
	equal(t, "first", *first.Things[0].ThingName, "motor-1")
	second := do(t, o.SearchIndex, &iot.SearchIndexInput{QueryString: query, MaxResults: aws.Int32(1), NextToken: first.NextToken})
	equal(t, "second", *second.Things[0].ThingName, "motor-2")
	equal(t, "volt", second.Things[0].Attributes["volt"], "230")

	volt := aws.String("attributes.volt")
	equal(t, "cardinality", do(t, o.GetCardinality, &iot.GetCardinalityInput{QueryString: query, AggregationField: volt}).Cardinality, 2)
	statistics := do(t, o.GetStatistics, &iot.GetStatisticsInput{QueryString: query, AggregationField: volt}).Statistics
	equal(t, "count", statistics.Count, 2)
	equal(t, "average", *statistics.Average, 127)
	percentiles := do(t, o.GetPercentiles, &iot.GetPercentilesInput{QueryString: query, AggregationField: volt, Percents: []float64{50, 99.9}})
	equal(t, "median", percentiles.Percentiles[0].Value, 24)
	equal(t, "percent", percentiles.Percentiles[1].Percent, 99.9)
	buckets := do(t, o.GetBucketsAggregation, &iot.GetBucketsAggregationInput{
		QueryString: query, AggregationField: volt,
		BucketsAggregationType: &types.BucketsAggregationType{TermsAggregation: &types.TermsAggregation{MaxBuckets: aws.Int32(5)}},
	})
	equal(t, "total", buckets.TotalCount, 2)
	equal(t, "bucket", *buckets.Buckets[0].KeyValue, "230")
}

func dynamicGroups(t *testing.T, o *operator) {
	name := aws.String("strong")
	made := do(t, o.CreateDynamicThingGroup, &iot.CreateDynamicThingGroupInput{
		ThingGroupName: name, QueryString: aws.String("thingName:motor* attributes.volt > 100"),
	})
	equal(t, "ARN", *made.ThingGroupArn, node.GroupARN("strong"))
	equal(t, "index", *made.IndexName, "AWS_Things")
	o.node.Advance(time.Second)
	shown := do(t, o.DescribeThingGroup, &iot.DescribeThingGroupInput{ThingGroupName: name})
	equal(t, "status", shown.Status, types.DynamicGroupStatusActive)
	equal(t, "query", *shown.QueryString, "thingName:motor* attributes.volt > 100")
	members := func() []string {
		return do(t, o.ListThingsInThingGroup, &iot.ListThingsInThingGroupInput{ThingGroupName: name}).Things
	}
	equal(t, "members", slices.Equal(members(), []string{"motor-2"}), true)

	changed := do(t, o.UpdateDynamicThingGroup, &iot.UpdateDynamicThingGroupInput{
		ThingGroupName: name, QueryString: aws.String("thingName:motor* attributes.volt > 20"), ThingGroupProperties: &types.ThingGroupProperties{},
	})
	equal(t, "version", changed.Version, 2)
	o.node.Advance(time.Second)
	equal(t, "members", slices.Equal(members(), []string{"motor-1", "motor-2"}), true)
	do(t, o.DeleteDynamicThingGroup, &iot.DeleteDynamicThingGroupInput{ThingGroupName: name})
	equal(t, "groups", len(do(t, o.ListThingGroupsForThing, &iot.ListThingGroupsForThingInput{ThingName: aws.String("motor-1")}).ThingGroups), 0)
}

// TestAContinuousJobFollowsADynamicGroup: a thing gets the job when its
// attributes come to fit, and loses it when they cease to, also behind a power
// cut while the group is being built.
func TestAContinuousJobFollowsADynamicGroup(t *testing.T) {
	o := newOperator(t)
	o.wired("pump-1", "24")
	o.wired("pump-2", "230")
	o.turnOnIndex()
	do(t, o.CreateDynamicThingGroup, &iot.CreateDynamicThingGroupInput{
		ThingGroupName: aws.String("strong"), QueryString: aws.String("attributes.volt > 100"),
	})
	o.node.Kill()
	o.node.Advance(time.Second)
	o.job(&iot.CreateJobInput{
		JobId: aws.String("follow"), Targets: []string{node.GroupARN("strong")}, TargetSelection: types.TargetSelectionContinuous,
	})
	o.node.Advance(time.Minute)
	equal(t, "status", o.describeExecution("pump-2", "follow").Status, types.JobExecutionStatusQueued)

	rewire := func(name, volt string) {
		do(t, o.UpdateThing, &iot.UpdateThingInput{
			ThingName: &name, AttributePayload: &types.AttributePayload{Attributes: map[string]string{"volt": volt}},
		})
	}
	rewire("pump-1", "400")
	rewire("pump-2", "12")
	equal(t, "status", o.describeExecution("pump-1", "follow").Status, types.JobExecutionStatusQueued)
	equal(t, "status", o.describeExecution("pump-2", "follow").Status, types.JobExecutionStatusRemoved)
}

func TestAQueryThatCannotBeReadIsRefusedByItsClass(t *testing.T) {
	o := newOperator(t)
	_, err := o.SearchIndex(t.Context(), &iot.SearchIndexInput{QueryString: aws.String("thingName:")})
	if _, ok := errors.AsType[*types.InvalidQueryException](err); !ok {
		t.Errorf("the search answers %v", err)
	}
	_, err = o.SearchIndex(t.Context(), &iot.SearchIndexInput{QueryString: aws.String("thingName:a")})
	if _, ok := errors.AsType[*types.IndexNotReadyException](err); !ok {
		t.Errorf("the search answers %v", err)
	}
}
