package iot

import "github.com/drover-iot/drover/internal/awsapi"

// The operations of the control plane that have shapes here.
var (
	AssociateTargetsWithJob   = awsapi.MustLookup(awsapi.IoT, "AssociateTargetsWithJob")
	CancelJob                 = awsapi.MustLookup(awsapi.IoT, "CancelJob")
	CancelJobExecution        = awsapi.MustLookup(awsapi.IoT, "CancelJobExecution")
	CreateJob                 = awsapi.MustLookup(awsapi.IoT, "CreateJob")
	DeleteJob                 = awsapi.MustLookup(awsapi.IoT, "DeleteJob")
	DeleteJobExecution        = awsapi.MustLookup(awsapi.IoT, "DeleteJobExecution")
	DescribeJob               = awsapi.MustLookup(awsapi.IoT, "DescribeJob")
	DescribeJobExecution      = awsapi.MustLookup(awsapi.IoT, "DescribeJobExecution")
	GetJobDocument            = awsapi.MustLookup(awsapi.IoT, "GetJobDocument")
	ListJobExecutionsForJob   = awsapi.MustLookup(awsapi.IoT, "ListJobExecutionsForJob")
	ListJobExecutionsForThing = awsapi.MustLookup(awsapi.IoT, "ListJobExecutionsForThing")
	ListJobs                  = awsapi.MustLookup(awsapi.IoT, "ListJobs")
	UpdateJob                 = awsapi.MustLookup(awsapi.IoT, "UpdateJob")

	CreateThing   = awsapi.MustLookup(awsapi.IoT, "CreateThing")
	DeleteThing   = awsapi.MustLookup(awsapi.IoT, "DeleteThing")
	DescribeThing = awsapi.MustLookup(awsapi.IoT, "DescribeThing")
	ListThings    = awsapi.MustLookup(awsapi.IoT, "ListThings")
	UpdateThing   = awsapi.MustLookup(awsapi.IoT, "UpdateThing")

	CreateThingType    = awsapi.MustLookup(awsapi.IoT, "CreateThingType")
	DeleteThingType    = awsapi.MustLookup(awsapi.IoT, "DeleteThingType")
	DeprecateThingType = awsapi.MustLookup(awsapi.IoT, "DeprecateThingType")
	DescribeThingType  = awsapi.MustLookup(awsapi.IoT, "DescribeThingType")
	ListThingTypes     = awsapi.MustLookup(awsapi.IoT, "ListThingTypes")

	AddThingToThingGroup      = awsapi.MustLookup(awsapi.IoT, "AddThingToThingGroup")
	CreateThingGroup          = awsapi.MustLookup(awsapi.IoT, "CreateThingGroup")
	DeleteThingGroup          = awsapi.MustLookup(awsapi.IoT, "DeleteThingGroup")
	DescribeThingGroup        = awsapi.MustLookup(awsapi.IoT, "DescribeThingGroup")
	ListThingGroups           = awsapi.MustLookup(awsapi.IoT, "ListThingGroups")
	ListThingGroupsForThing   = awsapi.MustLookup(awsapi.IoT, "ListThingGroupsForThing")
	ListThingsInThingGroup    = awsapi.MustLookup(awsapi.IoT, "ListThingsInThingGroup")
	RemoveThingFromThingGroup = awsapi.MustLookup(awsapi.IoT, "RemoveThingFromThingGroup")
	UpdateThingGroup          = awsapi.MustLookup(awsapi.IoT, "UpdateThingGroup")
	UpdateThingGroupsForThing = awsapi.MustLookup(awsapi.IoT, "UpdateThingGroupsForThing")

	TagResource         = awsapi.MustLookup(awsapi.IoT, "TagResource")
	UntagResource       = awsapi.MustLookup(awsapi.IoT, "UntagResource")
	ListTagsForResource = awsapi.MustLookup(awsapi.IoT, "ListTagsForResource")
	DescribeEndpoint    = awsapi.MustLookup(awsapi.IoT, "DescribeEndpoint")
)

// Empty is the answer of an operation that answers nothing.
type Empty struct{}
