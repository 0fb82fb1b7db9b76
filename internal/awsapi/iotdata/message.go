package iotdata

import (
	"encoding/base64"
	"encoding/json"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/mqtt"
)

// PublishAnswer says that a message was taken.
type PublishAnswer struct {
	Message string `json:"message"`
	TraceID string `json:"traceId"`
}

// NamedShadowsAnswer is the names of a thing's shadows.
type NamedShadowsAnswer struct {
	Results   []string       `json:"results"`
	NextToken string         `json:"nextToken,omitempty"`
	Timestamp awsapi.Seconds `json:"timestamp"`
}

// RetainedTopicsAnswer is which topics have a retained message.
type RetainedTopicsAnswer struct {
	RetainedTopics []RetainedTopic `json:"retainedTopics"`
	NextToken      string          `json:"nextToken,omitempty"`
}

// RetainedTopic is a retained message without its payload.
type RetainedTopic struct {
	Topic            string `json:"topic"`
	PayloadSize      int    `json:"payloadSize"`
	QoS              int    `json:"qos"`
	LastModifiedTime int64  `json:"lastModifiedTime"` // milliseconds since 1970
}

// RetainedMessageAnswer is a retained message; bytes are base64.
type RetainedMessageAnswer struct {
	Topic            string `json:"topic"`
	Payload          []byte `json:"payload"`
	QoS              int    `json:"qos"`
	LastModifiedTime int64  `json:"lastModifiedTime"`
	UserProperties   []byte `json:"userProperties,omitempty"`
}

// UserProperties reads the header of that name: a JSON array of objects with a
// member each, in base64; "" is none. botocore takes the array as text and wraps
// that in JSON once more. The error is of kind InvalidRequest.
func UserProperties(header string) ([]mqtt.UserProperty, error) {
	if header == "" {
		return nil, nil
	}
	text, err := base64.StdEncoding.DecodeString(header)
	var list []map[string]string
	var wrapped string
	if err == nil && json.Unmarshal(text, &wrapped) == nil {
		text = []byte(wrapped)
	}
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	var properties []mqtt.UserProperty
	for _, pair := range list {
		if len(pair) != 1 {
			err = fault.New(fault.InvalidRequest, "")
		}
		for name, value := range pair {
			properties = append(properties, mqtt.UserProperty{Name: name, Value: value})
		}
	}
	if err != nil {
		return nil, fault.New(fault.InvalidRequest,
			"Value at 'userProperties' failed to satisfy constraint: must be a JSON array of objects with one string each, in base64")
	}
	return properties, nil
}

// WriteUserProperties is properties as GetRetainedMessage shows them, before
// base64; nil for none.
func WriteUserProperties(properties []mqtt.UserProperty) []byte {
	if len(properties) == 0 {
		return nil
	}
	list := make([]map[string]string, len(properties))
	for i, p := range properties {
		list[i] = map[string]string{p.Name: p.Value}
	}
	return shadow.Append(nil, list)
}
