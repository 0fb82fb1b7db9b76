package iot

import (
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
)

// requests are all operations of the package with the shape of their
// request and whether fields and shape go together.
var requests = []struct {
	op    awsapi.Operation
	shape awsapi.Shape
	marry func()
}{
	row[AssociateTargetsWithJobRequest](AssociateTargetsWithJob),
	row[CancelJobRequest](CancelJob),
	row[CancelJobExecutionRequest](CancelJobExecution),
	row[CreateJobRequest](CreateJob),
	row[DeleteJobRequest](DeleteJob),
	row[DeleteJobExecutionRequest](DeleteJobExecution),
	row[DescribeEventConfigurationsRequest](DescribeEventConfigurations),
	row[DescribeJobRequest](DescribeJob),
	row[UpdateEventConfigurationsRequest](UpdateEventConfigurations),
	row[DescribeJobExecutionRequest](DescribeJobExecution),
	row[GetJobDocumentRequest](GetJobDocument),
	row[ListJobExecutionsForJobRequest](ListJobExecutionsForJob),
	row[ListJobExecutionsForThingRequest](ListJobExecutionsForThing),
	row[ListJobsRequest](ListJobs),
	row[UpdateJobRequest](UpdateJob),
	row[CreateJobTemplateRequest](CreateJobTemplate),
	row[DeleteJobTemplateRequest](DeleteJobTemplate),
	row[DescribeJobTemplateRequest](DescribeJobTemplate),
	row[ListJobTemplatesRequest](ListJobTemplates),
	row[DescribeManagedJobTemplateRequest](DescribeManagedJobTemplate),
	row[ListManagedJobTemplatesRequest](ListManagedJobTemplates),
	row[CreateThingRequest](CreateThing),
	row[DeleteThingRequest](DeleteThing),
	row[DescribeThingRequest](DescribeThing),
	row[ListThingsRequest](ListThings),
	row[UpdateThingRequest](UpdateThing),
	row[GetThingConnectivityDataRequest](GetThingConnectivityData),
	row[CreateThingTypeRequest](CreateThingType),
	row[DeleteThingTypeRequest](DeleteThingType),
	row[DeprecateThingTypeRequest](DeprecateThingType),
	row[DescribeThingTypeRequest](DescribeThingType),
	row[ListThingTypesRequest](ListThingTypes),
	row[AddThingToThingGroupRequest](AddThingToThingGroup),
	row[CreateThingGroupRequest](CreateThingGroup),
	row[DeleteThingGroupRequest](DeleteThingGroup),
	row[DescribeThingGroupRequest](DescribeThingGroup),
	row[ListThingGroupsRequest](ListThingGroups),
	row[ListThingGroupsForThingRequest](ListThingGroupsForThing),
	row[ListThingsInThingGroupRequest](ListThingsInThingGroup),
	row[RemoveThingFromThingGroupRequest](RemoveThingFromThingGroup),
	row[UpdateThingGroupRequest](UpdateThingGroup),
	row[UpdateThingGroupsForThingRequest](UpdateThingGroupsForThing),
	row[CreateDynamicThingGroupRequest](CreateDynamicThingGroup),
	row[UpdateDynamicThingGroupRequest](UpdateDynamicThingGroup),
	row[DeleteDynamicThingGroupRequest](DeleteDynamicThingGroup),
	row[SearchIndexRequest](SearchIndex),
	row[DescribeIndexRequest](DescribeIndex),
	row[ListIndicesRequest](ListIndices),
	row[GetIndexingConfigurationRequest](GetIndexingConfiguration),
	row[UpdateIndexingConfigurationRequest](UpdateIndexingConfiguration),
	row[GetCardinalityRequest](GetCardinality),
	row[GetStatisticsRequest](GetStatistics),
	row[GetPercentilesRequest](GetPercentiles),
	row[GetBucketsAggregationRequest](GetBucketsAggregation),
	row[TagResourceRequest](TagResource),
	row[UntagResourceRequest](UntagResource),
	row[ListTagsForResourceRequest](ListTagsForResource),
	row[DescribeEndpointRequest](DescribeEndpoint),
	row[CreatePackageRequest](CreatePackage),
	row[GetPackageRequest](GetPackage),
	row[ListPackagesRequest](ListPackages),
	row[UpdatePackageRequest](UpdatePackage),
	row[DeletePackageRequest](DeletePackage),
	row[CreatePackageVersionRequest](CreatePackageVersion),
	row[GetPackageVersionRequest](GetPackageVersion),
	row[ListPackageVersionsRequest](ListPackageVersions),
	row[UpdatePackageVersionRequest](UpdatePackageVersion),
	row[DeletePackageVersionRequest](DeletePackageVersion),
	row[GetPackageConfigurationRequest](GetPackageConfiguration),
	row[UpdatePackageConfigurationRequest](UpdatePackageConfiguration),
}

func row[T awsapi.Shaped](op awsapi.Operation) (r struct {
	op    awsapi.Operation
	shape awsapi.Shape
	marry func()
},
) {
	var zero T
	r.op, r.shape, r.marry = op, zero.Shape(), func() { awsapi.NewDecoder[T]() }
	return r
}

func TestEveryRequestHasTheFieldsOfItsShape(t *testing.T) {
	for _, r := range requests {
		t.Run(r.op.Name, func(*testing.T) { r.marry() }) // panics if not
	}
}
