package awsv2

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/iot/types"
	mqtt "github.com/eclipse/paho.mqtt.golang"

	"github.com/drover-iot/drover/test/node"
)

// document is what the job of these tests is made of.
type document struct{ Op, Get, Put string }

// overHTTP is the document that a device is described over HTTP.
func (o *operator) overHTTP(thing string) (d document) {
	o.t.Helper()
	var answer struct{ Execution struct{ JobDocument string } }
	_, body := o.fetch(http.MethodGet, o.node.URL+"/things/"+thing+"/jobs/$next", nil)
	if err := json.Unmarshal(body, &answer); err != nil {
		o.t.Fatalf("described %s: %v", body, err)
	}
	if err := json.Unmarshal([]byte(answer.Execution.JobDocument), &d); err != nil {
		o.t.Fatalf("described %s: %v", body, err)
	}
	return d
}

// overMQTT is the document that a device is given over MQTT.
func (o *operator) overMQTT(thing string) document {
	o.t.Helper()
	client := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("mqtt://" + o.node.MQTT).SetClientID(thing))
	settle := func(token mqtt.Token) {
		if !token.WaitTimeout(node.Patience) || token.Error() != nil {
			o.t.Fatal(token.Error())
		}
	}
	settle(client.Connect())
	defer client.Disconnect(0)
	got := make(chan []byte, 1)
	below := "$aws/things/" + thing + "/jobs/start-next"
	settle(client.Subscribe(below+"/accepted", 1, func(_ mqtt.Client, m mqtt.Message) { got <- m.Payload() }))
	settle(client.Publish(below, 1, false, "{}"))
	select {
	case payload := <-got:
		var answer struct {
			Execution struct{ JobDocument document }
		}
		if err := json.Unmarshal(payload, &answer); err != nil {
			o.t.Fatalf("given %s: %v", payload, err)
		}
		return answer.Execution.JobDocument
	case <-time.After(node.Patience):
		o.t.Fatal("given nothing")
		return document{}
	}
}

func (o *operator) fetch(method, url string, body io.Reader, fields ...string) (status int, answer []byte) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(o.t.Context(), method, url, body)
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=drover/20260131/us-east-1/iot-jobs-data/aws4_request")
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	if len(fields) > 0 {
		r.Header.Del("Authorization")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, err = io.ReadAll(resp.Body); err != nil {
		o.t.Fatal(err)
	}
	return resp.StatusCode, answer
}

func TestADocumentOfTheStoreReachesDevicesWithSignedURLs(t *testing.T) {
	o := newOperator(t)
	o.node.Things("press-1")
	o.node.Object("firmware", "fw-3.bin", "0123456789")
	o.node.Object("documents", "fw-3.json", `{"op":"flash","get":"${aws:iot:s3-presigned-url:https://s3.amazonaws.com/firmware/fw-3.bin}",`+
		`"put":"${aws:iot:s3-presigned-url-upload:https://firmware.s3.us-east-1.amazonaws.com/logs/${thingName}}"}`)
	const source = "https://documents.s3.us-east-1.amazonaws.com/fw-3.json"
	do(t, o.CreateJob, &iot.CreateJobInput{
		JobId: aws.String("fw-3"), Targets: []string{node.ThingARN("press-1")}, DocumentSource: aws.String(source),
		PresignedUrlConfig: &types.PresignedUrlConfig{RoleArn: aws.String("arn:aws:iam::000000000000:role/s3"), ExpiresInSec: aws.Int64(600)},
	})
	o.node.Advance(time.Second)
	shown := do(t, o.DescribeJob, &iot.DescribeJobInput{JobId: aws.String("fw-3")})
	equal(t, "source", *shown.DocumentSource, source)
	equal(t, "life", *shown.Job.PresignedUrlConfig.ExpiresInSec, 600)

	described := o.overHTTP("press-1")
	started := o.overMQTT("press-1")
	equal(t, "document over HTTP and MQTT", described, started)
	_, rest := o.fetch(http.MethodGet, started.Get, nil, "Range", "bytes=4-")
	equal(t, "rest of a download", string(rest), "456789")
	o.node.Kill()
	again := o.overHTTP("press-1")
	equal(t, "document after a kill", again, started)
	o.node.Advance(5 * time.Minute)
	if later := o.overHTTP("press-1"); later.Get == started.Get {
		t.Errorf("after half of its life it is still %s", later.Get)
	}
	o.node.Advance(5*time.Minute + time.Second)
	status, _ := o.fetch(http.MethodGet, started.Get, nil, "Range", "bytes=4-")
	equal(t, "status after its life", status, http.StatusForbidden)
}
