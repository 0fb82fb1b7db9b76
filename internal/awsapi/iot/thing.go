package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet"
)

// AttributePayload is attributes to set; with Merge an empty value deletes
// its key, without it all are replaced.
// spec: wire-protocol.md#9-registry-behaviours-that-jobs-depend-on
type AttributePayload struct {
	Attributes map[string]string `json:"attributes,omitempty"`
	Merge      bool              `json:"merge,omitempty"`
}

// Shape implements awsapi.Shaped.
func (AttributePayload) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "attributes", Rule: awsapi.Rule{Key: &attributeKey, Item: &attribute}},
		{Name: "merge"},
	}
}

// domain is the attributes given, nil if none were.
func (p *AttributePayload) domain() *fleet.Attributes {
	if p == nil {
		return nil
	}
	return &fleet.Attributes{Values: p.Attributes, Merge: p.Merge}
}

// CreateThing registers a thing.
var CreateThing = awsapi.MustLookup(awsapi.IoT, "CreateThing")

// CreateThingRequest is what CreateThing takes.
type CreateThingRequest struct {
	ThingName        string            `json:"thingName"`
	ThingTypeName    string            `json:"thingTypeName,omitempty"`
	AttributePayload *AttributePayload `json:"attributePayload,omitempty"`
}

// Shape implements awsapi.Shaped.
func (CreateThingRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		thingNameLabel,
		{Name: "billingGroupName", NotBuilt: true},
		{Name: "thingTypeName", Rule: name},
		{Name: "attributePayload"},
	}
}

// Thing is the thing that a request describes.
func (r CreateThingRequest) Thing() fleet.Thing {
	t := fleet.Thing{Name: r.ThingName, Type: r.ThingTypeName}
	if r.AttributePayload != nil {
		t.Attributes = r.AttributePayload.Attributes
	}
	return t
}

// CreateThingAnswer names the thing.
type CreateThingAnswer struct {
	ThingName string `json:"thingName"`
	ThingARN  string `json:"thingArn"`
	ThingID   string `json:"thingId"`
}

// UpdateThing changes a thing's attributes or type.
var UpdateThing = awsapi.MustLookup(awsapi.IoT, "UpdateThing")

// UpdateThingRequest is what UpdateThing takes.
type UpdateThingRequest struct {
	ThingName        string            `json:"thingName"`
	ThingTypeName    string            `json:"thingTypeName,omitempty"`
	AttributePayload *AttributePayload `json:"attributePayload,omitempty"`
	ExpectedVersion  *int64            `json:"expectedVersion,omitempty"`
	RemoveThingType  bool              `json:"removeThingType,omitempty"`
}

// Shape implements awsapi.Shaped.
func (UpdateThingRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		thingNameLabel,
		{Name: "thingTypeName", Rule: name},
		{Name: "attributePayload"},
		expected,
		{Name: "removeThingType"},
	}
}

// Patch is what a request changes of its thing.
func (r UpdateThingRequest) Patch() fleet.ThingPatch {
	return fleet.ThingPatch{
		Expected: r.ExpectedVersion, Type: r.ThingTypeName, RemoveType: r.RemoveThingType,
		Attributes: r.AttributePayload.domain(),
	}
}

// DeleteThing deletes a thing.
var DeleteThing = awsapi.MustLookup(awsapi.IoT, "DeleteThing")

// DeleteThingRequest is what DeleteThing takes.
type DeleteThingRequest struct {
	ThingName       string `json:"thingName"`
	ExpectedVersion *int64 `json:"expectedVersion,omitempty"`
}

// Shape implements awsapi.Shaped.
func (DeleteThingRequest) Shape() awsapi.Shape {
	return awsapi.Shape{thingNameLabel, {Name: "expectedVersion", In: awsapi.Query}}
}

// DescribeThing asks for a thing.
var DescribeThing = awsapi.MustLookup(awsapi.IoT, "DescribeThing")

// DescribeThingRequest is what DescribeThing takes.
type DescribeThingRequest struct {
	ThingName string `json:"thingName"`
}

// Shape implements awsapi.Shaped.
func (DescribeThingRequest) Shape() awsapi.Shape { return awsapi.Shape{thingNameLabel} }

// DescribeThingAnswer is a thing.
type DescribeThingAnswer struct {
	DefaultClientID string            `json:"defaultClientId"` // the thing's name
	ThingName       string            `json:"thingName"`
	ThingID         string            `json:"thingId"`
	ThingARN        string            `json:"thingArn"`
	ThingTypeName   string            `json:"thingTypeName,omitempty"`
	Attributes      map[string]string `json:"attributes,omitempty"`
	Version         int64             `json:"version"`
}

// ThingOf is t as DescribeThing shows it.
func ThingOf(t fleet.Thing, s awsapi.Scope) *DescribeThingAnswer {
	return &DescribeThingAnswer{
		DefaultClientID: t.Name, ThingName: t.Name, ThingID: t.UID, ThingARN: s.ARN(awsapi.ResourceThing, t.Name),
		ThingTypeName: t.Type, Attributes: t.Attributes, Version: t.Version,
	}
}

// ListThings asks for a page of things.
var ListThings = awsapi.MustLookup(awsapi.IoT, "ListThings")

// ListThingsRequest is what ListThings takes.
type ListThingsRequest struct {
	AttributeName           string `json:"attributeName,omitempty"`
	AttributeValue          string `json:"attributeValue,omitempty"`
	ThingTypeName           string `json:"thingTypeName,omitempty"`
	UsePrefixAttributeValue bool   `json:"usePrefixAttributeValue,omitempty"`
	MaxResults              int    `json:"maxResults,omitempty"` // 0: absent
	NextToken               string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListThingsRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "attributeName", In: awsapi.Query, Rule: attributeKey},
		{Name: "attributeValue", In: awsapi.Query, Rule: attribute},
		{Name: "thingTypeName", In: awsapi.Query, Rule: name},
		{Name: "usePrefixAttributeValue", In: awsapi.Query},
		maxResults,
		nextToken,
	}
}

// ListThingsAnswer is a page of things.
type ListThingsAnswer struct {
	Things    []ThingAttribute `json:"things"`
	NextToken string           `json:"nextToken,omitempty"`
}

// ThingAttribute is a thing in a list. spec: api-shapes.md#thingattribute
type ThingAttribute struct {
	ThingName     string            `json:"thingName"`
	ThingTypeName string            `json:"thingTypeName,omitempty"`
	ThingARN      string            `json:"thingArn"`
	Attributes    map[string]string `json:"attributes,omitempty"`
	Version       int64             `json:"version"`
}

// ThingAttributeOf is t in a list.
func ThingAttributeOf(t fleet.Thing, s awsapi.Scope) ThingAttribute {
	return ThingAttribute{
		ThingName: t.Name, ThingTypeName: t.Type, ThingARN: s.ARN(awsapi.ResourceThing, t.Name),
		Attributes: t.Attributes, Version: t.Version,
	}
}
