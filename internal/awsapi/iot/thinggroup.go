package iot

import "github.com/drover-iot/drover/internal/awsapi"

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

// CreateThingGroupRequest makes a static group.
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
		{Name: "tags", Rule: tagList},
	}
}

// Check implements awsapi.Checked.
func (r *CreateThingGroupRequest) Check(string) error { return checkTags(r.Tags) }

// CreateThingGroupAnswer names the group.
type CreateThingGroupAnswer struct {
	ThingGroupName string `json:"thingGroupName"`
	ThingGroupARN  string `json:"thingGroupArn"`
	ThingGroupID   string `json:"thingGroupId"`
}

// UpdateThingGroupRequest changes a group's description or attributes.
type UpdateThingGroupRequest struct {
	ThingGroupName       string                `json:"thingGroupName"`
	ThingGroupProperties *ThingGroupProperties `json:"thingGroupProperties"`
	ExpectedVersion      *int64                `json:"expectedVersion,omitempty"`
}

// Shape implements awsapi.Shaped.
func (UpdateThingGroupRequest) Shape() awsapi.Shape {
	return awsapi.Shape{thingGroupLabel, {Name: "thingGroupProperties", Required: true}, expected}
}

// UpdateThingGroupAnswer is the group's new version.
type UpdateThingGroupAnswer struct {
	Version int64 `json:"version"`
}

// DeleteThingGroupRequest deletes a static group.
type DeleteThingGroupRequest struct {
	ThingGroupName  string `json:"thingGroupName"`
	ExpectedVersion *int64 `json:"expectedVersion,omitempty"`
}

// Shape implements awsapi.Shaped.
func (DeleteThingGroupRequest) Shape() awsapi.Shape {
	return awsapi.Shape{thingGroupLabel, {Name: "expectedVersion", In: awsapi.Query}}
}

// DescribeThingGroupRequest asks for a group.
type DescribeThingGroupRequest struct {
	ThingGroupName string `json:"thingGroupName"`
}

// Shape implements awsapi.Shaped.
func (DescribeThingGroupRequest) Shape() awsapi.Shape { return awsapi.Shape{thingGroupLabel} }

// DescribeThingGroupAnswer is a static group.
type DescribeThingGroupAnswer struct {
	ThingGroupName       string               `json:"thingGroupName"`
	ThingGroupID         string               `json:"thingGroupId"`
	ThingGroupARN        string               `json:"thingGroupArn"`
	Version              int64                `json:"version"`
	ThingGroupProperties ThingGroupProperties `json:"thingGroupProperties"`
	ThingGroupMetadata   ThingGroupMetadata   `json:"thingGroupMetadata"`
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

// ListThingGroupsRequest asks for a page of groups.
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

// ListThingGroupsForThingRequest asks for a page of a thing's groups.
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

// ListThingsInThingGroupRequest asks for a page of a group's things.
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
