package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fleet"
)

// tagKey refuses aws: in front, which is the service's own on AWS.
var tagKey = awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 128}, Pattern: awsapi.TagKeyPattern, NotPrefix: "aws:"}

// Tag is a label that an operator sticks on a resource.
// spec: api-shapes.md#tag
type Tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// Shape implements awsapi.Shaped.
func (Tag) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "Key", Required: true, Rule: tagKey},
		{Name: "Value", Rule: awsapi.Rule{Length: awsapi.Span{Max: 256}}},
	}
}

// TagsOf are the tags of one request as the domain has them, and what the
// domain says of them: it is asked before anything is looked up.
// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func TagsOf(tags []Tag) ([]fleet.Tag, error) {
	var list []fleet.Tag
	for _, t := range tags {
		list = append(list, fleet.Tag(t))
	}
	return list, fleet.CheckTags(list)
}

// TagResource sticks tags on a resource.
var TagResource = awsapi.MustLookup(awsapi.IoT, "TagResource")

// TagResourceRequest is what TagResource takes.
type TagResourceRequest struct {
	ResourceARN string `json:"resourceArn"`
	Tags        []Tag  `json:"tags"`
}

// Shape implements awsapi.Shaped.
func (TagResourceRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "resourceArn", Required: true},
		{Name: "tags", Required: true},
	}
}

// UntagResource takes tags off a resource.
var UntagResource = awsapi.MustLookup(awsapi.IoT, "UntagResource")

// UntagResourceRequest is what UntagResource takes.
type UntagResourceRequest struct {
	ResourceARN string   `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

// Shape implements awsapi.Shaped.
func (UntagResourceRequest) Shape() awsapi.Shape {
	key := awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 128}, Pattern: awsapi.TagKeyPattern}
	return awsapi.Shape{
		{Name: "resourceArn", Required: true},
		{Name: "tagKeys", Required: true, Rule: awsapi.Rule{Item: &key}},
	}
}

// ListTagsForResource asks for a page of a resource's tags.
var ListTagsForResource = awsapi.MustLookup(awsapi.IoT, "ListTagsForResource")

// ListTagsForResourceRequest is what ListTagsForResource takes.
type ListTagsForResourceRequest struct {
	ResourceARN string `json:"resourceArn"`
	NextToken   string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListTagsForResourceRequest) Shape() awsapi.Shape {
	return awsapi.Shape{{Name: "resourceArn", In: awsapi.Query, Required: true}, nextToken}
}

// ListTagsForResourceAnswer is a page of tags.
type ListTagsForResourceAnswer struct {
	Tags      []Tag  `json:"tags"`
	NextToken string `json:"nextToken,omitempty"`
}
