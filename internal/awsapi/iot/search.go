package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
)

// Members that all questions to the index share.
var (
	indexName    = awsapi.Member{Name: "indexName", Rule: name}
	queryString  = awsapi.Member{Name: "queryString", Required: true, Rule: awsapi.Rule{Length: awsapi.Span{Min: 1}}}
	queryVersion = awsapi.Member{Name: "queryVersion"}
)

// Asked is what all questions to the index share.
type Asked struct{ Index, Version string }

// SearchIndex asks for a page of the things that a query means.
var SearchIndex = awsapi.MustLookup(awsapi.IoT, "SearchIndex")

// SearchIndexRequest is what SearchIndex takes.
type SearchIndexRequest struct {
	IndexName    string `json:"indexName,omitempty"`
	QueryString  string `json:"queryString"`
	NextToken    string `json:"nextToken,omitempty"`
	MaxResults   int    `json:"maxResults,omitempty"` // 0: absent
	QueryVersion string `json:"queryVersion,omitempty"`
}

// Shape implements awsapi.Shaped.
func (SearchIndexRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		indexName,
		queryString,
		{Name: "nextToken"},
		{Name: "maxResults", Rule: awsapi.Rule{Range: awsapi.Span{Min: 1}}},
		queryVersion,
	}
}

// Asked is the index and the language that the request means.
func (r SearchIndexRequest) Asked() Asked { return Asked{r.IndexName, r.QueryVersion} }

// SearchIndexAnswer is a page of things.
type SearchIndexAnswer struct {
	Things    []ThingDocument `json:"things"`
	NextToken string          `json:"nextToken,omitempty"`
}

// ThingDocument is a thing as the index knows it.
// spec: api-shapes.md#thingdocument
type ThingDocument struct {
	ThingName       string             `json:"thingName"`
	ThingID         string             `json:"thingId"`
	ThingTypeName   string             `json:"thingTypeName,omitempty"`
	ThingGroupNames []string           `json:"thingGroupNames,omitempty"`
	Attributes      map[string]string  `json:"attributes,omitempty"`
	Shadow          string             `json:"shadow,omitempty"` // JSON
	Connectivity    *ThingConnectivity `json:"connectivity,omitempty"`
}

// ThingConnectivity is whether a thing is connected.
// spec: api-shapes.md#thingconnectivity
type ThingConnectivity struct {
	Connected        bool   `json:"connected"`
	Timestamp        int64  `json:"timestamp,omitempty"` // milliseconds
	DisconnectReason string `json:"disconnectReason,omitempty"`
}

// DescribeIndex asks for the state of an index.
var DescribeIndex = awsapi.MustLookup(awsapi.IoT, "DescribeIndex")

// DescribeIndexRequest is what DescribeIndex takes.
type DescribeIndexRequest struct {
	IndexName string `json:"indexName"`
}

// Shape implements awsapi.Shaped.
func (DescribeIndexRequest) Shape() awsapi.Shape {
	return awsapi.Shape{{Name: "indexName", In: awsapi.Path, Required: true, Rule: name}}
}

// DescribeIndexAnswer is an index.
type DescribeIndexAnswer struct {
	IndexName   string `json:"indexName"`
	IndexStatus string `json:"indexStatus"`
	Schema      string `json:"schema"`
}

// ListIndices asks for the indexes that are on.
var ListIndices = awsapi.MustLookup(awsapi.IoT, "ListIndices")

// ListIndicesRequest is what ListIndices takes.
type ListIndicesRequest struct {
	NextToken  string `json:"nextToken,omitempty"`
	MaxResults int    `json:"maxResults,omitempty"` // 0: absent
}

// Shape implements awsapi.Shaped.
func (ListIndicesRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		nextToken,
		{Name: "maxResults", In: awsapi.Query, Rule: awsapi.Rule{Range: awsapi.Span{Min: 1, Max: 500}}},
	}
}

// ListIndicesAnswer is names of indexes.
type ListIndicesAnswer struct {
	IndexNames []string `json:"indexNames"`
	NextToken  string   `json:"nextToken,omitempty"`
}
