package iot

import "github.com/drover-iot/drover/internal/awsapi"

var eventType = awsapi.Rule{Enum: []string{
	"THING", "THING_GROUP", "THING_TYPE", "THING_GROUP_MEMBERSHIP", "THING_GROUP_HIERARCHY", "THING_TYPE_ASSOCIATION",
	"JOB", "JOB_EXECUTION", "POLICY", "CERTIFICATE", "CA_CERTIFICATE",
}}

// Configuration tells whether events of a type are told.
// spec: api-shapes.md#configuration
type Configuration struct {
	Enabled bool `json:"Enabled"`
}

// Shape implements awsapi.Shaped.
func (Configuration) Shape() awsapi.Shape { return awsapi.Shape{{Name: "Enabled"}} }

// DescribeEventConfigurations asks which events are told.
// spec: wire-protocol.md#12-event-configurations
var DescribeEventConfigurations = awsapi.MustLookup(awsapi.IoT, "DescribeEventConfigurations")

// DescribeEventConfigurationsRequest is what DescribeEventConfigurations takes:
// nothing.
type DescribeEventConfigurationsRequest struct{}

// Shape implements awsapi.Shaped.
func (DescribeEventConfigurationsRequest) Shape() awsapi.Shape { return nil }

// DescribeEventConfigurationsAnswer says of all types whether they are told.
type DescribeEventConfigurationsAnswer struct {
	EventConfigurations map[string]Configuration `json:"eventConfigurations"`
	CreationDate        awsapi.Time              `json:"creationDate,omitzero"`
	LastModifiedDate    awsapi.Time              `json:"lastModifiedDate,omitzero"`
}

// UpdateEventConfigurations switches types of event on or off.
var UpdateEventConfigurations = awsapi.MustLookup(awsapi.IoT, "UpdateEventConfigurations")

// UpdateEventConfigurationsRequest is what UpdateEventConfigurations takes.
type UpdateEventConfigurationsRequest struct {
	EventConfigurations map[string]Configuration `json:"eventConfigurations,omitempty"`
}

// Shape implements awsapi.Shaped.
func (UpdateEventConfigurationsRequest) Shape() awsapi.Shape {
	return awsapi.Shape{{Name: "eventConfigurations", Rule: awsapi.Rule{Key: &eventType}}}
}
