package device

import (
	"context"
	"encoding/base64"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iotdata"
	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/store"
)

// dataRoutes are the operations of iot-data on messages.
func (d *Door) dataRoutes() []awsapi.Route {
	return []awsapi.Route{
		awsapi.Handle(iotdata.Publish, d.publish),
		awsapi.Handle(iotdata.GetRetainedMessage, d.getRetained),
		awsapi.Handle(iotdata.ListRetainedMessages, d.listRetained),
	}
}

// mostExpiry is the longest expiry of a message.
// spec: device-api.md#93-mqtt-5-connack-properties
const mostExpiry = 604800

// publish publishes a message as a client of MQTT could.
// spec: device-api.md#99-custom-authorizers-https-publish
func (d *Door) publish(ctx context.Context, in *iotdata.PublishRequest) (*iotdata.PublishAnswer, error) {
	m, err := messageOf(in)
	if err != nil {
		return nil, err
	}
	p := d.publisher.Load()
	switch {
	case p == nil:
		return nil, fault.New(fault.Unavailable, "The server is starting")
	case (*p).Verdict(m.Topic) == broker.Violation:
		return nil, fault.New(fault.Forbidden, "Topic %s is reserved", m.Topic)
	}
	if err := (*p).Publish(ctx, m); err != nil {
		return nil, err
	}
	return &iotdata.PublishAnswer{Message: "OK", TraceID: awsapi.NewRequestID()}, nil
}

// messageOf is the message of a request.
func messageOf(in *iotdata.PublishRequest) (mqtt.Message, error) {
	m := mqtt.Message{Topic: in.Topic, Payload: in.Payload, QoS: byte(in.QoS), Retain: in.Retain}
	if in.MessageExpiry > 0 {
		m.Expires = clock.Wall().Add(time.Duration(min(in.MessageExpiry, mostExpiry)) * time.Second)
	}
	props := mqtt.Properties{ContentType: in.ContentType, ResponseTopic: in.ResponseTopic}
	var err error
	if props.User, err = iotdata.UserProperties(in.UserProperties); err != nil {
		return m, err
	}
	if props.Correlation, err = base64.StdEncoding.DecodeString(in.CorrelationData); err != nil {
		return m, fault.New(fault.InvalidRequest, "Value at 'correlationData' failed to satisfy constraint: must be base64")
	}
	if mqtt.Wild(props.ResponseTopic) {
		return m, fault.New(fault.InvalidRequest, "Value at 'responseTopic' failed to satisfy constraint: must have no wildcards")
	}
	if in.PayloadFormatIndicator != "" {
		format := byte(0)
		if in.PayloadFormatIndicator == iotdata.UTF8Data {
			format = 1
		}
		props.Format = &format
	}
	if props.Format != nil || props.ContentType != "" || props.ResponseTopic != "" || len(props.Correlation) > 0 || len(props.User) > 0 {
		m.Props = &props
	}
	return m, nil
}

func (d *Door) getRetained(ctx context.Context, in *iotdata.GetRetainedMessageRequest) (*iotdata.RetainedMessageAnswer, error) {
	m, err := d.engine.RetainedMessage(ctx, in.Topic)
	if err != nil {
		return nil, err
	}
	out := &iotdata.RetainedMessageAnswer{
		Topic: m.Topic, Payload: m.Payload, QoS: int(m.QoS), LastModifiedTime: m.ModifiedAt.UnixMilli(),
	}
	if m.Props != nil {
		out.UserProperties = iotdata.WriteUserProperties(m.Props.User)
	}
	return out, nil
}

func (d *Door) listRetained(ctx context.Context, in *iotdata.ListRetainedMessagesRequest) (*iotdata.RetainedTopicsAnswer, error) {
	p, err := awsapi.Listing{Operation: iotdata.ListRetainedMessages}.Open(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	list, cursor, err := d.engine.RetainedMessages(ctx, storePage(p))
	if err != nil {
		return nil, err
	}
	out := &iotdata.RetainedTopicsAnswer{}
	for _, m := range list {
		out.RetainedTopics = append(out.RetainedTopics, iotdata.RetainedTopic{
			Topic: m.Topic, PayloadSize: m.Size, QoS: int(m.QoS), LastModifiedTime: m.ModifiedAt.UnixMilli(),
		})
	}
	out.NextToken, err = p.NextAt(string(cursor))
	return out, err
}

// storePage is a page as the store takes it.
func storePage(p awsapi.Page) store.Page {
	return store.Page{Limit: p.Size, After: store.Cursor(p.Cursor())}
}
