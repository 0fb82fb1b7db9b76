package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
)

var thingGroupLabel = awsapi.Member{Name: "thingGroupName", In: awsapi.Path, Required: true, Rule: name}

// ThingGroupProperties describes a group.
// spec: api-shapes.md#thinggroupproperties
type ThingGroupProperties struct {
	ThingGroupDescription *string           `json:"thingGroupDescription,omitempty"` // nil: absent; "" is allowed
	AttributePayload      *AttributePayload `json:"attributePayload,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ThingGroupProperties) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "thingGroupDescription", Rule: description},
		{Name: "attributePayload"},
	}
}

// CreateThingGroup makes a static group.
var CreateThingGroup = awsapi.MustLookup(awsapi.IoT, "CreateThingGroup")

// CreateThingGroupRequest is what CreateThingGroup takes.
type CreateThingGroupRequest struct {
	ThingGroupName       string                `json:"thingGroupName"`
	ParentGroupName      string                `json:"parentGroupName,omitempty"`
	ThingGroupProperties *ThingGroupProperties `json:"thingGroupProperties,omitempty"`
	Tags                 []Tag                 `json:"tags,omitempty"`
}

// Shape implements awsapi.Shaped.
func (CreateThingGroupRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		thingGroupLabel,
		{Name: "parentGroupName", Rule: name},
		{Name: "thingGroupProperties"},
		{Name: "tags"},
	}
}

// Group is the group that a request describes.
func (r CreateThingGroupRequest) Group() fleet.Group {
	g := fleet.Group{Name: r.ThingGroupName, ParentName: r.ParentGroupName}
	if p := r.ThingGroupProperties; p != nil {
		if p.ThingGroupDescription != nil {
			g.Description = *p.ThingGroupDescription
		}
		if p.AttributePayload != nil {
			g.Attributes = p.AttributePayload.Attributes
		}
	}
	return g
}

// CreateThingGroupAnswer names the group.
type CreateThingGroupAnswer struct {
	ThingGroupName string `json:"thingGroupName"`
	ThingGroupARN  string `json:"thingGroupArn"`
	ThingGroupID   string `json:"thingGroupId"`
}

// UpdateThingGroup changes a group's description or attributes.
var UpdateThingGroup = awsapi.MustLookup(awsapi.IoT, "UpdateThingGroup")

// UpdateThingGroupRequest is what UpdateThingGroup takes.
type UpdateThingGroupRequest struct {
	ThingGroupName       string                `json:"thingGroupName"`
	ThingGroupProperties *ThingGroupProperties `json:"thingGroupProperties"`
	ExpectedVersion      *int64                `json:"expectedVersion,omitempty"`
}

// Shape implements awsapi.Shaped.
func (UpdateThingGroupRequest) Shape() awsapi.Shape {
	return awsapi.Shape{thingGroupLabel, {Name: "thingGroupProperties", Required: true}, expected}
}

// Patch is what a request changes of its group.
func (r UpdateThingGroupRequest) Patch() fleet.GroupPatch {
	return fleet.GroupPatch{
		Expected:    r.ExpectedVersion,
		Description: r.ThingGroupProperties.ThingGroupDescription,
		Attributes:  r.ThingGroupProperties.AttributePayload.domain(),
	}
}

// UpdateThingGroupAnswer is the group's new version.
type UpdateThingGroupAnswer struct {
	Version int64 `json:"version"`
}

// DeleteThingGroup deletes a static group.
var DeleteThingGroup = awsapi.MustLookup(awsapi.IoT, "DeleteThingGroup")

// DeleteThingGroupRequest is what DeleteThingGroup takes.
type DeleteThingGroupRequest struct {
	ThingGroupName  string `json:"thingGroupName"`
	ExpectedVersion *int64 `json:"expectedVersion,omitempty"`
}

// Shape implements awsapi.Shaped.
func (DeleteThingGroupRequest) Shape() awsapi.Shape {
	return awsapi.Shape{thingGroupLabel, {Name: "expectedVersion", In: awsapi.Query}}
}

// DescribeThingGroup asks for a group.
var DescribeThingGroup = awsapi.MustLookup(awsapi.IoT, "DescribeThingGroup")

// DescribeThingGroupRequest is what DescribeThingGroup takes.
type DescribeThingGroupRequest struct {
	ThingGroupName string `json:"thingGroupName"`
}

// Shape implements awsapi.Shaped.
func (DescribeThingGroupRequest) Shape() awsapi.Shape { return awsapi.Shape{thingGroupLabel} }

// DescribeThingGroupAnswer is a group; a static one has no members from
// IndexName on.
type DescribeThingGroupAnswer struct {
	ThingGroupName       string               `json:"thingGroupName"`
	ThingGroupID         string               `json:"thingGroupId"`
	ThingGroupARN        string               `json:"thingGroupArn"`
	Version              int64                `json:"version"`
	ThingGroupProperties ThingGroupProperties `json:"thingGroupProperties"`
	ThingGroupMetadata   ThingGroupMetadata   `json:"thingGroupMetadata"`
	IndexName            string               `json:"indexName,omitempty"`
	QueryString          string               `json:"queryString,omitempty"`
	QueryVersion         string               `json:"queryVersion,omitempty"`
	Status               string               `json:"status,omitempty"`
}

// GroupOf is g, below the groups given, as DescribeThingGroup shows it.
func GroupOf(g fleet.Group, above []fleet.Group, s awsapi.Scope) *DescribeThingGroupAnswer {
	shown := &DescribeThingGroupAnswer{
		ThingGroupName: g.Name, ThingGroupID: g.UID, ThingGroupARN: s.ARN(awsapi.ResourceThingGroup, g.Name), Version: g.Version,
		ThingGroupMetadata: ThingGroupMetadata{
			ParentGroupName: g.ParentName, RootToParentThingGroups: GroupNamesOf(above, s), CreationDate: awsapi.At(g.CreatedAt),
		},
	}
	if g.Description != "" {
		shown.ThingGroupProperties.ThingGroupDescription = &g.Description
	}
	if len(g.Attributes) > 0 {
		shown.ThingGroupProperties.AttributePayload = &AttributePayload{Attributes: g.Attributes}
	}
	if g.IsDynamic() {
		shown.IndexName, shown.QueryString, shown.QueryVersion = query.Index, g.Query, query.Version
		shown.Status = g.Build.Status.String()
	}
	return shown
}

// ThingGroupMetadata is where a group stands in its hierarchy.
// spec: api-shapes.md#thinggroupmetadata
type ThingGroupMetadata struct {
	ParentGroupName         string            `json:"parentGroupName,omitempty"`
	RootToParentThingGroups []GroupNameAndARN `json:"rootToParentThingGroups,omitempty"`
	CreationDate            awsapi.Time       `json:"creationDate"`
}

// GroupNameAndARN is a group in a list. spec: api-shapes.md#groupnameandarn
type GroupNameAndARN struct {
	GroupName string `json:"groupName"`
	GroupARN  string `json:"groupArn"`
}

// GroupNamesOf are groups in a list.
func GroupNamesOf(groups []fleet.Group, s awsapi.Scope) []GroupNameAndARN {
	var names []GroupNameAndARN
	for _, g := range groups {
		names = append(names, GroupNameAndARN{GroupName: g.Name, GroupARN: s.ARN(awsapi.ResourceThingGroup, g.Name)})
	}
	return names
}

// ListThingGroups asks for a page of groups.
var ListThingGroups = awsapi.MustLookup(awsapi.IoT, "ListThingGroups")

// ListThingGroupsRequest is what ListThingGroups takes.
type ListThingGroupsRequest struct {
	ParentGroup      string `json:"parentGroup,omitempty"`
	NamePrefixFilter string `json:"namePrefixFilter,omitempty"`
	Recursive        *bool  `json:"recursive,omitempty"` // nil: true if a parent is given
	MaxResults       int    `json:"maxResults,omitempty"`
	NextToken        string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListThingGroupsRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "parentGroup", In: awsapi.Query, Rule: name},
		{Name: "namePrefixFilter", In: awsapi.Query, Rule: name},
		{Name: "recursive", In: awsapi.Query},
		maxResults,
		nextToken,
	}
}

// ListThingGroupsForThing asks for a page of a thing's groups.
var ListThingGroupsForThing = awsapi.MustLookup(awsapi.IoT, "ListThingGroupsForThing")

// ListThingGroupsForThingRequest is what ListThingGroupsForThing takes.
type ListThingGroupsForThingRequest struct {
	ThingName  string `json:"thingName"`
	MaxResults int    `json:"maxResults,omitempty"` // 0: absent
	NextToken  string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListThingGroupsForThingRequest) Shape() awsapi.Shape {
	return awsapi.Shape{thingNameLabel, maxResults, nextToken}
}

// ListThingGroupsAnswer is a page of groups, of all or of a thing's.
type ListThingGroupsAnswer struct {
	ThingGroups []GroupNameAndARN `json:"thingGroups"`
	NextToken   string            `json:"nextToken,omitempty"`
}

// ListThingsInThingGroup asks for a page of a group's things.
var ListThingsInThingGroup = awsapi.MustLookup(awsapi.IoT, "ListThingsInThingGroup")

// ListThingsInThingGroupRequest is what ListThingsInThingGroup takes.
type ListThingsInThingGroupRequest struct {
	ThingGroupName string `json:"thingGroupName"`
	Recursive      bool   `json:"recursive,omitempty"`
	MaxResults     int    `json:"maxResults,omitempty"` // 0: absent
	NextToken      string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListThingsInThingGroupRequest) Shape() awsapi.Shape {
	return awsapi.Shape{thingGroupLabel, {Name: "recursive", In: awsapi.Query}, maxResults, nextToken}
}

// ListThingsInThingGroupAnswer is a page of names of things.
type ListThingsInThingGroupAnswer struct {
	Things    []string `json:"things"`
	NextToken string   `json:"nextToken,omitempty"`
}
