package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
)

// CreateDynamicThingGroup makes a group of the things that a query means.
var CreateDynamicThingGroup = awsapi.MustLookup(awsapi.IoT, "CreateDynamicThingGroup")

// CreateDynamicThingGroupRequest is what CreateDynamicThingGroup takes.
type CreateDynamicThingGroupRequest struct {
	ThingGroupName       string                `json:"thingGroupName"`
	ThingGroupProperties *ThingGroupProperties `json:"thingGroupProperties,omitempty"`
	IndexName            string                `json:"indexName,omitempty"`
	QueryString          string                `json:"queryString"`
	QueryVersion         string                `json:"queryVersion,omitempty"`
	Tags                 []Tag                 `json:"tags,omitempty"`
}

// Shape implements awsapi.Shaped.
func (CreateDynamicThingGroupRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		thingGroupLabel,
		{Name: "thingGroupProperties"},
		indexName,
		queryString,
		queryVersion,
		{Name: "tags"},
	}
}

// Asked is the index and the language that the request means.
func (r CreateDynamicThingGroupRequest) Asked() Asked { return Asked{r.IndexName, r.QueryVersion} }

// Group is the group that a request describes.
func (r CreateDynamicThingGroupRequest) Group() fleet.Group {
	g := CreateThingGroupRequest{ThingGroupName: r.ThingGroupName, ThingGroupProperties: r.ThingGroupProperties}.Group()
	g.Query = r.QueryString
	return g
}

// CreateDynamicThingGroupAnswer names the group and its query.
type CreateDynamicThingGroupAnswer struct {
	ThingGroupName string `json:"thingGroupName"`
	ThingGroupARN  string `json:"thingGroupArn"`
	ThingGroupID   string `json:"thingGroupId"`
	IndexName      string `json:"indexName"`
	QueryString    string `json:"queryString"`
	QueryVersion   string `json:"queryVersion"`
}

// CreatedDynamicGroup is g as CreateDynamicThingGroup answers it.
func CreatedDynamicGroup(g fleet.Group, s awsapi.Scope) *CreateDynamicThingGroupAnswer {
	return &CreateDynamicThingGroupAnswer{
		ThingGroupName: g.Name, ThingGroupARN: s.ARN(awsapi.ResourceThingGroup, g.Name), ThingGroupID: g.UID,
		IndexName: query.Index, QueryString: g.Query, QueryVersion: query.Version,
	}
}

// UpdateDynamicThingGroup changes a dynamic group's properties or query.
var UpdateDynamicThingGroup = awsapi.MustLookup(awsapi.IoT, "UpdateDynamicThingGroup")

// UpdateDynamicThingGroupRequest is what UpdateDynamicThingGroup takes.
type UpdateDynamicThingGroupRequest struct {
	ThingGroupName       string                `json:"thingGroupName"`
	ThingGroupProperties *ThingGroupProperties `json:"thingGroupProperties"`
	ExpectedVersion      *int64                `json:"expectedVersion,omitempty"`
	IndexName            string                `json:"indexName,omitempty"`
	QueryString          string                `json:"queryString,omitempty"` // empty: absent
	QueryVersion         string                `json:"queryVersion,omitempty"`
}

// Shape implements awsapi.Shaped.
func (UpdateDynamicThingGroupRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		thingGroupLabel,
		{Name: "thingGroupProperties", Required: true},
		expected,
		indexName,
		{Name: "queryString", Rule: queryString.Rule},
		queryVersion,
	}
}

// Asked is the index and the language that the request means.
func (r UpdateDynamicThingGroupRequest) Asked() Asked { return Asked{r.IndexName, r.QueryVersion} }

// Patch is what a request changes of its group.
func (r UpdateDynamicThingGroupRequest) Patch() fleet.GroupPatch {
	p := UpdateThingGroupRequest{ThingGroupProperties: r.ThingGroupProperties, ExpectedVersion: r.ExpectedVersion}.Patch()
	p.Query = r.QueryString
	return p
}

// UpdateDynamicThingGroupAnswer is the group's new version.
type UpdateDynamicThingGroupAnswer struct {
	Version int64 `json:"version"`
}

// DeleteDynamicThingGroup deletes a dynamic group.
var DeleteDynamicThingGroup = awsapi.MustLookup(awsapi.IoT, "DeleteDynamicThingGroup")

// DeleteDynamicThingGroupRequest is what DeleteDynamicThingGroup takes.
type DeleteDynamicThingGroupRequest struct {
	ThingGroupName  string `json:"thingGroupName"`
	ExpectedVersion *int64 `json:"expectedVersion,omitempty"`
}

// Shape implements awsapi.Shaped.
func (DeleteDynamicThingGroupRequest) Shape() awsapi.Shape {
	return awsapi.Shape{thingGroupLabel, {Name: "expectedVersion", In: awsapi.Query}}
}
