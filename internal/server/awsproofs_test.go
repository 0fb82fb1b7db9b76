package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/mqttclient"
	"github.com/drover-iot/drover/internal/quota"
)

// hall registers things in a group, which makes a rollout that goes on.
func (l *limited) hall(things int) {
	l.Helper()
	l.free.Store(true)
	l.do("POST", "/thing-groups/hall", "{}")
	for i := range things {
		name := fmt.Sprint("press-", i)
		l.do("POST", "/things/"+name, "{}")
		l.do("PUT", "/thing-groups/addThingToThingGroup", `{"thingGroupName":"hall","thingName":"`+name+`"}`)
	}
}

// forHall is a job for all of the hall.
func (l *limited) forHall(members string) string {
	return `{"document":"{}","targets":["` + l.arn("thinggroup", "hall") + `"]` + members + `}`
}

const slowly = `,"jobExecutionsRolloutConfig":{"maximumPerMinute":1}`

var overLimit = told{status: 410, kind: "LimitExceededException"}

func activeJobs(t *testing.T) {
	l := newLowered(t, func(n *quota.Numbers) { n.ActiveJobs = 2 })
	l.hall(2)
	l.do("PUT", "/jobs/a", l.forHall(""))
	l.do("PUT", "/jobs/b", l.forHall(""))
	l.wantRefused("PUT", "/jobs/c", l.forHall(""), "CreateJob", overLimit)
	l.do("PUT", "/jobs/a/cancel", "{}")
	l.do("PUT", "/jobs/c", l.forHall(""))
}

func concurrentJobs(t *testing.T) {
	l := newLowered(t, func(n *quota.Numbers) { n.ConcurrentJobs = 1 })
	l.hall(2)
	l.do("PUT", "/jobs/follows", l.forHall(`,"targetSelection":"CONTINUOUS"`))
	l.do("POST", "/drover/v1/clock/advance", `{"by":"2m"}`)
	l.do("PUT", "/jobs/a", l.forHall(slowly))
	l.wantRefused("PUT", "/jobs/b", l.forHall(slowly), "CreateJob", overLimit)
	l.do("POST", "/thing-groups/annex", "{}")
	more := `{"targets":["` + l.arn("thinggroup", "annex") + `"]}`
	l.wantRefused("POST", "/jobs/follows/targets", more, "AssociateTargetsWithJob", overLimit)
	l.do("POST", "/drover/v1/clock/advance", `{"by":"2m"}`)
	l.do("POST", "/jobs/follows/targets", more)
	l.do("POST", "/drover/v1/clock/advance", `{"by":"1s"}`)
	l.do("PUT", "/jobs/b", l.forHall(slowly))
}

func releases(t *testing.T) {
	l := newLowered(t, func(n *quota.Numbers) { n.ReleasesPerMinute = 10 })
	l.hall(12)
	l.do("PUT", "/jobs/a", l.forHall(""))
	l.do("PUT", "/jobs/b", l.forHall(""))
	l.do("POST", "/drover/v1/clock/advance", `{"by":"50s"}`)
	l.wantQueued(1, 10)
	l.do("POST", "/drover/v1/clock/advance", `{"by":"10m"}`)
	l.wantQueued(24, 24)
}

// wantQueued checks how many things have got jobs a and b.
func (l *limited) wantQueued(least, most int) {
	l.Helper()
	sum := 0
	for _, name := range []string{"a", "b"} {
		var a struct {
			Job struct {
				JobProcessDetails struct{ NumberOfQueuedThings int }
			}
		}
		if err := json.Unmarshal([]byte(l.do("GET", "/jobs/"+name, "")), &a); err != nil {
			l.Fatal(err)
		}
		sum += a.Job.JobProcessDetails.NumberOfQueuedThings
	}
	if sum < least || sum > most {
		l.Errorf("%d things have got their jobs, want %d to %d", sum, least, most)
	}
}

func rolloutRate(t *testing.T) {
	l := newLimited(t)
	l.hall(1)
	l.do("PUT", "/jobs/a", l.forHall(`,"jobExecutionsRolloutConfig":{"maximumPerMinute":1000}`))
	l.wantRefused("PUT", "/jobs/b", l.forHall(`,"jobExecutionsRolloutConfig":{"maximumPerMinute":1001}`), "CreateJob",
		told{status: 400, kind: "InvalidRequestException"})
}

func templates(t *testing.T) {
	l := newLowered(t, func(n *quota.Numbers) { n.Templates = 2 })
	const template = `{"description":"d","document":"{}"}`
	l.do("PUT", "/job-templates/a", template)
	l.do("PUT", "/job-templates/b", template)
	l.wantRefused("PUT", "/job-templates/c", template, "CreateJobTemplate", overLimit)
}

func terms(t *testing.T) {
	l := newLimited(t)
	l.do("POST", "/indexing/config", `{"thingIndexingConfiguration":{"thingIndexingMode":"REGISTRY"}}`)
	l.do("POST", "/drover/v1/clock/advance", `{"by":"1s"}`) // it is built
	query := func(terms int) string {
		return `{"queryString":"` + strings.Repeat("thingName:a OR ", terms-1) + `thingName:a"}`
	}
	refused := told{status: 400, kind: "InvalidQueryException"}
	l.do("POST", "/indices/search", query(12))
	l.wantRefused("POST", "/indices/search", query(13), "SearchIndex", refused)
	l.do("POST", "/dynamic-thing-groups/a", query(5))
	l.wantRefused("POST", "/dynamic-thing-groups/b", query(6), "CreateDynamicThingGroup", refused)
}

func detailPairs(t *testing.T) {
	l := newLimited(t)
	l.hall(1)
	l.do("PUT", "/jobs/a", l.forHall(""))
	l.do("POST", "/drover/v1/clock/advance", `{"by":"1s"}`)
	report := func(pairs int) string {
		text := `{"status":"IN_PROGRESS","statusDetails":{"k":"v"`
		for i := range pairs - 1 {
			text += fmt.Sprintf(`,"k%d":"v"`, i)
		}
		return text + "}}"
	}
	const path = "/things/press-0/jobs/a"
	if a := l.ask(awsapi.JobsData, "POST", path, report(10)); a.status != 200 {
		t.Errorf("ten pairs: %+v", a)
	}
	if a := l.ask(awsapi.JobsData, "POST", path, report(11)); a.status != 400 || a.kind != "InvalidRequestException" {
		t.Errorf("eleven over HTTP: %+v", a)
	}
	c := l.dial(mqtt.V311)
	c.publish("$aws/things/press-0/jobs/a/update", report(11))
	eventually(t, "the refusal over MQTT", func() bool { return c.heard(`"code":"InvalidRequest"`) != "" })
	l.wantCounted("iot-jobs-data", "UpdateJobExecution", "http", "InvalidRequestException")
	l.wantCounted("iot-jobs-data", "UpdateJobExecution", "mqtt", "InvalidRequest")
}

// shadowsInFlight asks twice while nothing can be written.
func shadowsInFlight(t *testing.T) {
	l := newLowered(t, func(n *quota.Numbers) { n.ShadowsInFlight = 1 })
	l.do("POST", "/things/x", "{}")
	c := l.dial(mqtt.V5)
	if _, err := c.c.Subscribe(t.Context(), mqtt.Wish{Filter: "$aws/things/x/shadow/#"}); err != nil {
		t.Fatal(err)
	}
	release := l.Hold()
	defer release()
	for _, token := range []string{"first", "second"} {
		c.send(mqtt.Message{Topic: "$aws/things/x/shadow/update", Payload: []byte(`{"state":{"reported":{"a":1}},"clientToken":"` + token + `"}`)})
	}
	c.send(mqtt.Message{Topic: "$SYS/x", QoS: 1}) // it is counted when what was sent before is under way
	l.wantFigure(`drover_mqtt_refused_total{reason="topic"}`)
	release()
	c.publish("a", "") // its PUBACK comes behind the answers
	c.publish("$aws/things/x/shadow/get", `{"clientToken":"after"}`)
	for token, refused := range map[string]bool{"first": false, "second": true, "after": false} {
		heard := c.heard(`"clientToken":"` + token + `"`)
		if strings.Contains(heard, `"code":429`) != refused || refused && !strings.Contains(heard, `"message":"Too many requests"`) || heard == "" {
			t.Errorf("the %s request is told %s", token, heard)
		}
	}
	l.wantCounted("iot-data", "UpdateThingShadow", "mqtt", "429")
}

// connects connects twice while time stands.
func connects(t *testing.T) {
	for version, want := range map[byte]mqtt.Reason{mqtt.V311: 3, mqtt.V5: mqtt.QuotaExceeded} {
		l := newLowered(t, func(n *quota.Numbers) { n.ConnectsPerSecond = 1 })
		l.dial(version)
		_, err := mqttclient.Dial(t.Context(), mqttclient.Config{URL: "mqtt://" + l.MQTTAddr(), Version: version})
		if refused, ok := errors.AsType[*mqttclient.Refused](err); !ok || refused.Reason != want {
			t.Errorf("version %d is told %v", version, err)
		}
		l.wantFigure(`drover_mqtt_connections_ended_total{cause="NO_CONNECT",reason="connect_rate"}`)
	}
}

// publishes publishes twice while time stands.
func publishes(t *testing.T) {
	l := newLowered(t, func(n *quota.Numbers) { n.PublishesPerSecond = 1 })
	c := l.dial(mqtt.V5)
	c.publish("a", "")
	if err := c.c.Publish(t.Context(), mqtt.Message{Topic: "a", QoS: 1}); err == nil || !strings.Contains(err.Error(), "0x97") {
		t.Errorf("it is told %v", err)
	}
	l.wantFigure(`drover_mqtt_refused_total{reason="publish_rate"}`)
	select {
	case <-c.c.Done():
		t.Error("the connection has ended")
	default:
	}
}
