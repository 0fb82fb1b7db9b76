package iot

import "github.com/drover-iot/drover/internal/awsapi"

// DescribeEndpoint asks where a service listens.
// spec: wire-protocol.md#1-services-hosts-signing
var DescribeEndpoint = awsapi.MustLookup(awsapi.IoT, "DescribeEndpoint")

// DescribeEndpointRequest is what DescribeEndpoint takes.
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
