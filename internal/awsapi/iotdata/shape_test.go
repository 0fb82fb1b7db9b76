package iotdata

import (
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
)

func TestRequestsAreTheSpecification(t *testing.T) {
	text, err := os.ReadFile("../../../docs/spec/api-operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, service, _ := strings.Cut(string(text), "\n## IoT data plane\n")
	for _, c := range []struct {
		op    awsapi.Operation
		shape awsapi.Shape
		marry func()
	}{
		{GetThingShadow, GetThingShadowRequest{}.Shape(), func() { awsapi.NewDecoder[GetThingShadowRequest]() }},
		{UpdateThingShadow, UpdateThingShadowRequest{}.Shape(), func() { awsapi.NewDecoder[UpdateThingShadowRequest]() }},
		{DeleteThingShadow, DeleteThingShadowRequest{}.Shape(), func() { awsapi.NewDecoder[DeleteThingShadowRequest]() }},
		{ListNamedShadowsForThing, ListNamedShadowsForThingRequest{}.Shape(), func() { awsapi.NewDecoder[ListNamedShadowsForThingRequest]() }},
		{Publish, PublishRequest{}.Shape(), func() { awsapi.NewDecoder[PublishRequest]() }},
		{GetRetainedMessage, GetRetainedMessageRequest{}.Shape(), func() { awsapi.NewDecoder[GetRetainedMessageRequest]() }},
		{ListRetainedMessages, ListRetainedMessagesRequest{}.Shape(), func() { awsapi.NewDecoder[ListRetainedMessagesRequest]() }},
	} {
		t.Run(c.op.Name, func(t *testing.T) {
			c.marry()
			_, section, _ := strings.Cut(service, "\n### "+c.op.Name+"\n")
			section, _, _ = strings.Cut(section, "\nResponse")
			if got, want := len(c.shape), strings.Count(section, "\n| `"); got != want {
				t.Errorf("%d members, the specification has %d", got, want)
			}
			for _, m := range c.shape {
				if row := "| `" + m.Name + "` | " + placeOf(m) + " |"; !strings.Contains(section, row) {
					t.Errorf("the specification has no row %s", row)
				}
			}
		})
	}
}

// placeOf is where a member travels, as the specification writes it.
func placeOf(m awsapi.Member) string {
	name := m.Name
	if m.As != "" {
		name = m.As
	}
	return map[awsapi.Place]string{
		awsapi.Path: "path", awsapi.Query: "query `" + name + "`", awsapi.Header: "header `" + name + "`", awsapi.Whole: "whole body",
	}[m.In]
}

// FuzzUserProperties: what is read is written back as it was.
func FuzzUserProperties(f *testing.F) {
	for _, seed := range []string{`[{"a":"1"},{"a":"2"}]`, `[]`, `[{}]`, `[{"a":1}]`, `{}`, ``, `[{"a":"1","b":"2"}]`, `"[{\"a\":\"1\"}]"`} {
		f.Add(base64.StdEncoding.EncodeToString([]byte(seed)))
	}
	f.Fuzz(func(t *testing.T, header string) {
		list, err := UserProperties(header)
		if err != nil {
			if !fault.Is(err, fault.InvalidRequest) {
				t.Fatal(err)
			}
			return
		}
		again, err := UserProperties(base64.StdEncoding.EncodeToString(WriteUserProperties(list)))
		if err != nil || len(again) != len(list) {
			t.Fatalf("%v comes back as %v: %v", list, again, err)
		}
		for i := range list {
			if list[i] != again[i] {
				t.Fatalf("%v comes back as %v", list, again)
			}
		}
	})
}
