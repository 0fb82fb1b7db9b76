package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet"
)

var thingTypeLabel = awsapi.Member{Name: "thingTypeName", In: awsapi.Path, Required: true, Rule: name}

// ThingTypeProperties describes a kind of thing.
// spec: api-shapes.md#thingtypeproperties
type ThingTypeProperties struct {
	ThingTypeDescription string   `json:"thingTypeDescription,omitempty"`
	SearchableAttributes []string `json:"searchableAttributes,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ThingTypeProperties) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "mqtt5Configuration", NotBuilt: true},
		{Name: "thingTypeDescription", Rule: description},
		{Name: "searchableAttributes", Rule: awsapi.Rule{Item: &attributeKey}},
	}
}

// CreateThingType makes a thing type.
var CreateThingType = awsapi.MustLookup(awsapi.IoT, "CreateThingType")

// CreateThingTypeRequest is what CreateThingType takes.
type CreateThingTypeRequest struct {
	ThingTypeName       string               `json:"thingTypeName"`
	ThingTypeProperties *ThingTypeProperties `json:"thingTypeProperties,omitempty"`
	Tags                []Tag                `json:"tags,omitempty"`
}

// Shape implements awsapi.Shaped.
func (CreateThingTypeRequest) Shape() awsapi.Shape {
	return awsapi.Shape{thingTypeLabel, {Name: "thingTypeProperties"}, {Name: "tags"}}
}

// Type is the thing type that a request describes.
func (r CreateThingTypeRequest) Type() fleet.Type {
	y := fleet.Type{Name: r.ThingTypeName}
	if p := r.ThingTypeProperties; p != nil {
		y.Description, y.Searchable = p.ThingTypeDescription, p.SearchableAttributes
	}
	return y
}

// CreateThingTypeAnswer names the thing type.
type CreateThingTypeAnswer struct {
	ThingTypeName string `json:"thingTypeName"`
	ThingTypeARN  string `json:"thingTypeArn"`
	ThingTypeID   string `json:"thingTypeId"`
}

// DescribeThingType asks for a thing type.
var DescribeThingType = awsapi.MustLookup(awsapi.IoT, "DescribeThingType")

// DescribeThingTypeRequest is what DescribeThingType takes.
type DescribeThingTypeRequest struct {
	ThingTypeName string `json:"thingTypeName"`
}

// Shape implements awsapi.Shaped.
func (DescribeThingTypeRequest) Shape() awsapi.Shape { return awsapi.Shape{thingTypeLabel} }

// DescribeThingTypeAnswer is a thing type.
type DescribeThingTypeAnswer struct {
	ThingTypeName       string              `json:"thingTypeName"`
	ThingTypeID         string              `json:"thingTypeId"`
	ThingTypeARN        string              `json:"thingTypeArn"`
	ThingTypeProperties ThingTypeProperties `json:"thingTypeProperties"`
	ThingTypeMetadata   ThingTypeMetadata   `json:"thingTypeMetadata"`
}

// TypeOf is y as DescribeThingType shows it.
func TypeOf(y fleet.Type, s awsapi.Scope) *DescribeThingTypeAnswer {
	shown := TypeDefinitionOf(y, s)
	return &DescribeThingTypeAnswer{
		ThingTypeName: shown.ThingTypeName, ThingTypeID: y.UID, ThingTypeARN: shown.ThingTypeARN,
		ThingTypeProperties: shown.ThingTypeProperties, ThingTypeMetadata: shown.ThingTypeMetadata,
	}
}

// ThingTypeMetadata is the life of a thing type.
// spec: api-shapes.md#thingtypemetadata
type ThingTypeMetadata struct {
	Deprecated      bool        `json:"deprecated"`
	DeprecationDate awsapi.Time `json:"deprecationDate,omitzero"`
	CreationDate    awsapi.Time `json:"creationDate"`
}

// ListThingTypes asks for a page of thing types.
var ListThingTypes = awsapi.MustLookup(awsapi.IoT, "ListThingTypes")

// ListThingTypesRequest is what ListThingTypes takes.
type ListThingTypesRequest struct {
	ThingTypeName string `json:"thingTypeName,omitempty"`
	MaxResults    int    `json:"maxResults,omitempty"` // 0: absent
	NextToken     string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListThingTypesRequest) Shape() awsapi.Shape {
	return awsapi.Shape{{Name: "thingTypeName", In: awsapi.Query, Rule: name}, maxResults, nextToken}
}

// ListThingTypesAnswer is a page of thing types.
type ListThingTypesAnswer struct {
	ThingTypes []ThingTypeDefinition `json:"thingTypes"`
	NextToken  string                `json:"nextToken,omitempty"`
}

// ThingTypeDefinition is a thing type in a list.
// spec: api-shapes.md#thingtypedefinition
type ThingTypeDefinition struct {
	ThingTypeName       string              `json:"thingTypeName"`
	ThingTypeARN        string              `json:"thingTypeArn"`
	ThingTypeProperties ThingTypeProperties `json:"thingTypeProperties"`
	ThingTypeMetadata   ThingTypeMetadata   `json:"thingTypeMetadata"`
}

// TypeDefinitionOf is y in a list.
func TypeDefinitionOf(y fleet.Type, s awsapi.Scope) ThingTypeDefinition {
	return ThingTypeDefinition{
		ThingTypeName: y.Name, ThingTypeARN: s.ARN(awsapi.ResourceThingType, y.Name),
		ThingTypeProperties: ThingTypeProperties{ThingTypeDescription: y.Description, SearchableAttributes: y.Searchable},
		ThingTypeMetadata: ThingTypeMetadata{
			Deprecated: !y.DeprecatedAt.IsZero(), DeprecationDate: awsapi.At(y.DeprecatedAt), CreationDate: awsapi.At(y.CreatedAt),
		},
	}
}

// DeprecateThingType takes a thing type out of use, or back into it.
var DeprecateThingType = awsapi.MustLookup(awsapi.IoT, "DeprecateThingType")

// DeprecateThingTypeRequest is what DeprecateThingType takes.
type DeprecateThingTypeRequest struct {
	ThingTypeName string `json:"thingTypeName"`
	UndoDeprecate bool   `json:"undoDeprecate,omitempty"`
}

// Shape implements awsapi.Shaped.
func (DeprecateThingTypeRequest) Shape() awsapi.Shape {
	return awsapi.Shape{thingTypeLabel, {Name: "undoDeprecate"}}
}

// DeleteThingType deletes a thing type.
var DeleteThingType = awsapi.MustLookup(awsapi.IoT, "DeleteThingType")

// DeleteThingTypeRequest is what DeleteThingType takes.
type DeleteThingTypeRequest struct {
	ThingTypeName string `json:"thingTypeName"`
}

// Shape implements awsapi.Shaped.
func (DeleteThingTypeRequest) Shape() awsapi.Shape { return awsapi.Shape{thingTypeLabel} }
