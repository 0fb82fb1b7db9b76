package iotdata

import "github.com/drover-iot/drover/internal/awsapi"

// The operations of iot-data.
var (
	GetThingShadow           = awsapi.MustLookup(awsapi.Data, "GetThingShadow")
	UpdateThingShadow        = awsapi.MustLookup(awsapi.Data, "UpdateThingShadow")
	DeleteThingShadow        = awsapi.MustLookup(awsapi.Data, "DeleteThingShadow")
	ListNamedShadowsForThing = awsapi.MustLookup(awsapi.Data, "ListNamedShadowsForThing")
	Publish                  = awsapi.MustLookup(awsapi.Data, "Publish")
	GetRetainedMessage       = awsapi.MustLookup(awsapi.Data, "GetRetainedMessage")
	ListRetainedMessages     = awsapi.MustLookup(awsapi.Data, "ListRetainedMessages")
)

// GetThingShadowRequest asks for a shadow.
type GetThingShadowRequest struct {
	ThingName  string `json:"thingName"`
	ShadowName string `json:"shadowName"` // "": the classic one
}

// Shape implements awsapi.Shaped.
func (GetThingShadowRequest) Shape() awsapi.Shape { return awsapi.Shape{thingName, shadowName} }

// DeleteThingShadowRequest deletes a shadow.
type DeleteThingShadowRequest struct {
	ThingName  string `json:"thingName"`
	ShadowName string `json:"shadowName"`
}

// Shape implements awsapi.Shaped.
func (DeleteThingShadowRequest) Shape() awsapi.Shape { return awsapi.Shape{thingName, shadowName} }

// UpdateThingShadowRequest changes a shadow; shadow.Parse reads the payload.
type UpdateThingShadowRequest struct {
	ThingName  string `json:"thingName"`
	ShadowName string `json:"shadowName"`
	Payload    []byte `json:"payload"`
}

// Shape implements awsapi.Shaped.
func (UpdateThingShadowRequest) Shape() awsapi.Shape {
	return awsapi.Shape{thingName, shadowName, {Name: "payload", In: awsapi.Whole, Required: true}}
}

// ListNamedShadowsForThingRequest asks for the names of a thing's shadows.
type ListNamedShadowsForThingRequest struct {
	ThingName string `json:"thingName"`
	NextToken string `json:"nextToken"`
	PageSize  int    `json:"pageSize"` // 0: absent
}

// Shape implements awsapi.Shaped.
func (ListNamedShadowsForThingRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		thingName,
		{Name: "nextToken", In: awsapi.Query},
		{Name: "pageSize", In: awsapi.Query, Rule: awsapi.Rule{Range: awsapi.Span{Min: 1, Max: 100}}},
	}
}

// PublishRequest publishes a message.
// spec: device-api.md#99-custom-authorizers-https-publish
type PublishRequest struct {
	Topic                  string `json:"topic"`
	QoS                    int    `json:"qos"`
	Retain                 bool   `json:"retain"`
	Payload                []byte `json:"payload"`
	UserProperties         string `json:"userProperties"`         // [UserProperties] reads them
	PayloadFormatIndicator string `json:"payloadFormatIndicator"` // "": absent
	ContentType            string `json:"contentType"`
	ResponseTopic          string `json:"responseTopic"`
	CorrelationData        string `json:"correlationData"` // base64
	MessageExpiry          int64  `json:"messageExpiry"`   // seconds; 0: never
}

// The values of PayloadFormatIndicator.
const (
	UnspecifiedBytes = "UNSPECIFIED_BYTES"
	UTF8Data         = "UTF8_DATA"
)

// Shape implements awsapi.Shaped.
func (PublishRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "topic", In: awsapi.Path, Required: true},
		{Name: "qos", In: awsapi.Query, Rule: awsapi.Rule{Range: awsapi.Span{Min: 0, Max: 1}}},
		{Name: "retain", In: awsapi.Query},
		{Name: "payload", In: awsapi.Whole},
		{Name: "userProperties", In: awsapi.Header, As: "x-amz-mqtt5-user-properties"},
		{
			Name: "payloadFormatIndicator", In: awsapi.Header, As: "x-amz-mqtt5-payload-format-indicator",
			Rule: awsapi.Rule{Enum: []string{UnspecifiedBytes, UTF8Data}},
		},
		{Name: "contentType", In: awsapi.Query},
		{Name: "responseTopic", In: awsapi.Query},
		{Name: "correlationData", In: awsapi.Header, As: "x-amz-mqtt5-correlation-data"},
		{Name: "messageExpiry", In: awsapi.Query, Rule: awsapi.Rule{Range: awsapi.Span{Min: 0, Max: 1<<63 - 1}}},
	}
}

// GetRetainedMessageRequest asks for the retained message of a topic.
type GetRetainedMessageRequest struct {
	Topic string `json:"topic"`
}

// Shape implements awsapi.Shaped.
func (GetRetainedMessageRequest) Shape() awsapi.Shape {
	return awsapi.Shape{{Name: "topic", In: awsapi.Path, Required: true}}
}

// ListRetainedMessagesRequest asks which topics have a retained message.
type ListRetainedMessagesRequest struct {
	NextToken  string `json:"nextToken"`
	MaxResults int    `json:"maxResults"` // 0: absent
}

// Shape implements awsapi.Shaped.
func (ListRetainedMessagesRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "nextToken", In: awsapi.Query},
		{Name: "maxResults", In: awsapi.Query, Rule: awsapi.Rule{Range: awsapi.Span{Min: 1, Max: 200}}},
	}
}

// ClassicShadow names a classic shadow as topics do.
type ClassicShadow struct {
	ThingName string `json:"thingName"`
}

// Shape implements awsapi.Shaped.
func (ClassicShadow) Shape() awsapi.Shape { return awsapi.Shape{thingName} }

// NamedShadow names a named shadow as topics do.
type NamedShadow struct {
	ThingName  string `json:"thingName"`
	ShadowName string `json:"shadowName"`
}

// Shape implements awsapi.Shaped.
func (NamedShadow) Shape() awsapi.Shape {
	return awsapi.Shape{thingName, {Name: "shadowName", In: awsapi.Path, Required: true, Rule: shadowName.Rule}}
}

// Members that the requests share.
var (
	thingName = awsapi.Member{
		Name: "thingName", In: awsapi.Path, Required: true,
		Rule: awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 128}, Pattern: awsapi.NamePattern},
	}
	shadowName = awsapi.Member{
		Name: "shadowName", In: awsapi.Query, As: "name",
		Rule: awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 64}, Pattern: awsapi.ShadowNamePattern},
	}
)
