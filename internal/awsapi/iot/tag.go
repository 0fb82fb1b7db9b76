package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
)

// maxTags is how many tags a resource may have.
// spec: wire-protocol.md#11-certificates-policies
const maxTags = 50

var (
	tagList = awsapi.Rule{List: awsapi.Span{Max: maxTags}}
	// tagKey refuses aws: in front, which is the service's own on AWS.
	tagKey = awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 128}, Pattern: awsapi.TagKeyPattern, NotPrefix: "aws:"}
)

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

// TagsOf are tags as the domain has them.
func TagsOf(tags []Tag) []fleet.Tag {
	var list []fleet.Tag
	for _, t := range tags {
		list = append(list, fleet.Tag(t))
	}
	return list
}

// checkTags refuses a key that comes twice: which value was meant?
func checkTags(tags []Tag) error {
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		if seen[t.Key] {
			return fault.New(fault.InvalidRequest, "Value at 'tags' failed to satisfy constraint: key %q comes twice", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
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
		{Name: "tags", Required: true, Rule: tagList},
	}
}

// Check implements awsapi.Checked.
func (r *TagResourceRequest) Check(string) error { return checkTags(r.Tags) }

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
