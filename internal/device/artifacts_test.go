package device_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
)

const (
	role       = "arn:aws:iam::000000000000:role/s3"
	withURLs   = `{"get":"${aws:iot:s3-presigned-url:https://s3.amazonaws.com/firmware/fw-3.bin}","put":"${aws:iot:s3-presigned-url-upload:https://firmware.s3.eu-central-1.amazonaws.com/logs/${thingName}/${jobId}-${executionNumber}}"}`
	firmware   = "0123456789"
	anyURLs    = `http://[^"\\\\]+`
	placeholds = "${aws:iot"
)

var urls = regexp.MustCompile(anyURLs)

// urlsOf are the two URLs of a document that was told.
func (d testDevice) urlsOf(raw string) (get, put string) {
	d.t.Helper()
	found := urls.FindAllString(raw, -1)
	if len(found) != 2 || strings.Contains(raw, placeholds) {
		d.t.Fatalf("told %s, want two URLs", raw)
	}
	return found[0], found[1]
}

// want asks for an artifact.
func (d testDevice) want(status int, body, method, url, sent string, fields ...string) {
	d.t.Helper()
	if got, answer := d.node.Artifact(method, url, sent, fields...); got != status || !strings.Contains(answer, body) {
		d.t.Errorf("%s %s is answered with %d %s, want %d %q", method, url, got, answer, status, body)
	}
}

// spec: device-api.md#81-placeholders
func TestPresignedURLsOfADocument(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.node.PutArtifact("firmware", "fw-3.bin", firmware)
		d.Listen()
		d.node.CreateJob(iot.CreateJobRequest{JobID: "fw-3", Document: withURLs, PresignedURLConfig: &iot.PresignedURLConfig{RoleARN: role}}, d.Thing)
		told := d.Notices()
		get, put := d.urlsOf(told[len(told)-1].Raw)

		d.want(200, firmware, "GET", get, "")
		d.want(206, "456789", "GET", get, "", "Range: bytes=4-")
		d.want(403, "SignatureDoesNotMatch", "PUT", get, "x")
		d.want(200, "", "PUT", put, "it works")
		d.want(200, "it works", "GET", "/firmware/logs/press-01/fw-3-1", "")

		same := func(when string) {
			d.t.Helper()
			for _, a := range []drovertest.Answer{d.Describe("$next", "{}"), d.Describe("fw-3", "{}"), d.StartNext("{}"), d.Update("fw-3", `{"status":"IN_PROGRESS","includeJobDocument":true}`)} {
				d.wantAccepted(a)
				if g, p := d.urlsOf(a.Raw); g != get || p != put {
					t.Errorf("%s it is %s\nand was %s", when, g, get)
				}
			}
		}
		same("at once")
		d.node.Advance(30*time.Minute - time.Second)
		same("before half of its life is over")
		d.node.Do(iot.UpdateJob, iot.UpdateJobRequest{JobID: "fw-3", PresignedURLConfig: &iot.PresignedURLConfig{RoleARN: role, ExpiresInSec: 60}}, nil)
		same("after an update")

		d.node.Advance(time.Second)
		fresh, _ := d.urlsOf(d.StartNext("{}").Raw)
		if fresh == get || !strings.Contains(fresh, "X-Amz-Expires=60&") {
			t.Errorf("when half of its life is over it is %s", fresh)
		}
		d.want(200, firmware, "GET", fresh, "")
		d.want(200, firmware, "GET", get, "") // the old one lives on
		d.node.Advance(30*time.Minute + time.Second)
		d.want(403, "Request has expired", "GET", get, "")
		d.want(403, "Request has expired", "GET", fresh, "")
	})
}

// TestADocumentIsResolvedForWhoGetsIt: another attempt has another number.
func TestADocumentIsResolvedForWhoGetsIt(t *testing.T) {
	eachDoor(t, func(t *testing.T, d testDevice) {
		d.node.CreateJob(iot.CreateJobRequest{
			JobID: "fw-3", Document: withURLs, PresignedURLConfig: &iot.PresignedURLConfig{RoleARN: role},
			JobExecutionsRetryConfig: &iot.JobExecutionsRetryConfig{CriteriaList: []iot.RetryCriteria{{FailureType: "FAILED", NumberOfRetries: 1}}},
		}, d.Thing)
		d.node.Settle()
		_, first := d.urlsOf(d.StartNext("{}").Raw)
		d.report("fw-3", "FAILED")
		d.node.Settle()
		_, second := d.urlsOf(d.StartNext("{}").Raw)
		if !strings.Contains(first, "/logs/press-01/fw-3-1?") || !strings.Contains(second, "/logs/press-01/fw-3-2?") {
			t.Errorf("it puts to %s\nand then to %s", first, second)
		}
	})
}

// TestADocumentThatCannotBeResolvedIsToldAsItIsAndNotGiven: here since the node
// is reached by another address than when the job was made.
// spec: device-api.md#81-placeholders
func TestADocumentThatCannotBeResolvedIsToldAsItIsAndNotGiven(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	n.CreateThings("press-01")
	d := testDevice{n.Device(drovertest.MQTT5, "press-01"), t, n}
	d.queue("fw-1")
	unresolved := "${aws:iot:s3-presigned-url:" + n.URL() + "/s3/firmware/fw-2.bin}"
	n.CreateJob(iot.CreateJobRequest{JobID: "fw-2", Document: `{"get":"` + unresolved + `"}`, PresignedURLConfig: &iot.PresignedURLConfig{RoleARN: role}}, d.Thing)
	n.Settle()
	n.Restart()
	d = testDevice{n.Device(drovertest.MQTT5, "press-01"), t, n}
	d.Listen()
	d.report("fw-1", "SUCCEEDED")
	d.Conn.Await(1)
	told := d.Notices()
	if last := told[len(told)-1].Raw; !strings.Contains(last, unresolved) {
		t.Errorf("told %s", last)
	}
	d.wantRejected(d.Describe("fw-2", "{}"), "InternalError")
	d.wantRejected(d.StartNext("{}"), "InternalError")
	over := n.Device(drovertest.HTTPS, "press-01").Describe("fw-2", "{}")
	if over.Accepted || over.Status != 503 {
		t.Errorf("over HTTPS it is answered with %d %s", over.Status, over.Raw)
	}
}
