package iot

import "github.com/drover-iot/drover/internal/awsapi"

// membership are the rows that adding and removing share: a thing and a
// static group, each by name or by ARN.
func membership() awsapi.Shape {
	return awsapi.Shape{
		{Name: "thingGroupName", Rule: name},
		{Name: "thingGroupArn", Rule: target},
		{Name: "thingName", Rule: name},
		{Name: "thingArn", Rule: target},
	}
}

// AddThingToThingGroup puts a thing into a static group. Thing and
// group are each given by name, by ARN, or by both if they agree.
var AddThingToThingGroup = awsapi.MustLookup(awsapi.IoT, "AddThingToThingGroup")

// AddThingToThingGroupRequest is what AddThingToThingGroup takes.
type AddThingToThingGroupRequest struct {
	ThingGroupName        string `json:"thingGroupName,omitempty"`
	ThingGroupARN         string `json:"thingGroupArn,omitempty"`
	ThingName             string `json:"thingName,omitempty"`
	ThingARN              string `json:"thingArn,omitempty"`
	OverrideDynamicGroups bool   `json:"overrideDynamicGroups,omitempty"`
}

// Shape implements awsapi.Shaped.
func (AddThingToThingGroupRequest) Shape() awsapi.Shape {
	return append(membership(), awsapi.Member{Name: "overrideDynamicGroups"})
}

// RemoveThingFromThingGroup takes a thing out of a static group. The two
// are given as in AddThingToThingGroup.
var RemoveThingFromThingGroup = awsapi.MustLookup(awsapi.IoT, "RemoveThingFromThingGroup")

// RemoveThingFromThingGroupRequest is what RemoveThingFromThingGroup takes.
type RemoveThingFromThingGroupRequest struct {
	ThingGroupName string `json:"thingGroupName,omitempty"`
	ThingGroupARN  string `json:"thingGroupArn,omitempty"`
	ThingName      string `json:"thingName,omitempty"`
	ThingARN       string `json:"thingArn,omitempty"`
}

// Shape implements awsapi.Shaped.
func (RemoveThingFromThingGroupRequest) Shape() awsapi.Shape { return membership() }

// UpdateThingGroupsForThing moves a thing between static groups in one
// step.
var UpdateThingGroupsForThing = awsapi.MustLookup(awsapi.IoT, "UpdateThingGroupsForThing")

// UpdateThingGroupsForThingRequest is what UpdateThingGroupsForThing takes.
type UpdateThingGroupsForThingRequest struct {
	ThingName             string   `json:"thingName,omitempty"`
	ThingGroupsToAdd      []string `json:"thingGroupsToAdd,omitempty"`
	ThingGroupsToRemove   []string `json:"thingGroupsToRemove,omitempty"`
	OverrideDynamicGroups bool     `json:"overrideDynamicGroups,omitempty"`
}

// Shape implements awsapi.Shaped. The model does not require thingName, but
// without one there is nothing to do.
func (UpdateThingGroupsForThingRequest) Shape() awsapi.Shape {
	groups := awsapi.Rule{Item: &name}
	return awsapi.Shape{
		{Name: "thingName", Required: true, Rule: name},
		{Name: "thingGroupsToAdd", Rule: groups},
		{Name: "thingGroupsToRemove", Rule: groups},
		{Name: "overrideDynamicGroups"},
	}
}
