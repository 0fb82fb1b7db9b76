package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
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

// TagResourceRequest sticks tags on a resource.
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

// UntagResourceRequest takes tags off a resource.
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

// ListTagsForResourceRequest asks for a page of a resource's tags.
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

// DescribeEndpointRequest asks where a service listens.
// spec: wire-protocol.md#1-services-hosts-signing
type DescribeEndpointRequest struct {
	EndpointType string `json:"endpointType,omitempty"` // "": iot:Data
	Host         string `json:"-"`                      // as the client called, with the port if it gave one
}

// Shape implements awsapi.Shaped. An unknown type is refused, and so is
// iot:CredentialProvider, which Drover is not.
func (DescribeEndpointRequest) Shape() awsapi.Shape {
	types := awsapi.Rule{Enum: []string{"iot:Jobs", "iot:Data", "iot:Data-ATS"}}
	return awsapi.Shape{
		{Name: "endpointType", In: awsapi.Query, Rule: types},
		{Name: "-", In: awsapi.Header, As: "Host"},
	}
}

// DescribeEndpointAnswer is a host, and a port if it is not the standard one.
type DescribeEndpointAnswer struct {
	EndpointAddress string `json:"endpointAddress"`
}
