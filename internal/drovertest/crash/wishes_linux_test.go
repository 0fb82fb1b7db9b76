package crash

import (
	"errors"
	"fmt"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/mqtt"
)

// wishes is what a node with a full disk is asked for, and what it answers
// then, and when there is room again.
var wishes = []struct {
	name         string
	ask          func(*fullDisk) string
	full, healed string
}{
	{"a new thing", (*fullDisk).newThing, unavailable, "ok"},
	{"a new description", (*fullDisk).newDescription, unavailable, "ok"},
	{"a thing", (*fullDisk).thing, "ok", "ok"},
	{"a job", (*fullDisk).job, "ok", "ok"},

	{"a start over HTTPS", (*fullDisk).start, unavailable, "ok"},
	{"a list over HTTPS", (*fullDisk).list, "ok", "ok"},
	{"a start over MQTT 3.1.1", request(mqtt.V311, "start-next"), "start-next/rejected InternalError", "start-next/accepted"},
	{"a start over MQTT 5", request(mqtt.V5, "start-next"), "start-next/rejected InternalError", "start-next/accepted"},
	{"a list over MQTT 3.1.1", request(mqtt.V311, "get"), "get/accepted", "get/accepted"},
	{"a list over MQTT 5", request(mqtt.V5, "get"), "get/accepted", "get/accepted"},

	{"a message for a session over MQTT 3.1.1", published(mqtt.V311, "kept", false), "the connection has ended", "ok"},
	{"a message for a session over MQTT 5", published(mqtt.V5, "kept", false), "PUBACK 0x80", "ok"},
	{"a retained message over MQTT 5", published(mqtt.V5, "state", true), "PUBACK 0x80", "ok"},
	{"a message that needs no store", (*fullDisk).live, "ok", "ok"},

	{"a clean session of MQTT 3.1.1", (*fullDisk).clean, "ok", "ok"},
	{"a session that stays, of MQTT 3.1.1", session311, "CONNACK 0x3", "ok"},
	{"a session that stays, of MQTT 5", session5, "CONNACK 0x88", "ok"},
	{"a subscription that stays", (*fullDisk).subscription, `subscribe to ["more"]: granted 0x80`, "ok"},

	{"/healthz", pageOf("/healthz"), "200 ok", "200 ok"},
	{"/readyz", pageOf("/readyz"), "503 the store stores nothing", "200 ready"},
}

const unavailable = "503 ServiceUnavailableException"

func (d *fullDisk) newThing() string {
	return d.call(iot.CreateThing, iot.CreateThingRequest{ThingName: fmt.Sprint("new-", d.turn)})
}

func (d *fullDisk) newDescription() string {
	return d.call(iot.UpdateJob, iot.UpdateJobRequest{JobID: "job", Description: fmt.Sprint(d.turn)})
}

func (d *fullDisk) thing() string {
	return d.call(iot.DescribeThing, iot.DescribeThingRequest{ThingName: press(doors[0], 0)})
}

func (d *fullDisk) job() string {
	return d.call(iot.DescribeJob, iot.DescribeJobRequest{JobID: "job"})
}

func (d *fullDisk) start() string {
	in := jobsdata.StartNextPendingJobExecutionRequest{ThingName: press(doors[0], d.turn)}
	return d.call(jobsdata.StartNextPendingJobExecution, in)
}

func (d *fullDisk) list() string {
	in := jobsdata.GetPendingJobExecutionsRequest{ThingName: press(doors[0], d.turn)}
	return d.call(jobsdata.GetPendingJobExecutions, in)
}

func pageOf(path string) func(*fullDisk) string {
	return func(d *fullDisk) string { return d.page(path) }
}

func request(version byte, operation string) func(*fullDisk) string {
	return func(d *fullDisk) string {
		return d.request(version, press(fmt.Sprint("mqtt-", version), d.turn), operation)
	}
}

func published(version byte, topic string, retain bool) func(*fullDisk) string {
	return func(d *fullDisk) string {
		p, err := d.dial("wisher", version, true, func(*mqtt.Publish) {})
		if err != nil {
			return err.Error()
		}
		defer p.leave()
		return outcome(p.publish(topic, fmt.Sprint(d.turn), retain))
	}
}

// live publishes for a session that is there and does not stay.
func (d *fullDisk) live() string {
	came := make(chan *mqtt.Publish, 1)
	p, err := d.dial("listener", mqtt.V5, true, func(m *mqtt.Publish) { came <- m })
	if err != nil {
		return err.Error()
	}
	defer p.leave()
	if err := errors.Join(p.subscribe("live"), p.publish("live", "text", false)); err != nil {
		return err.Error()
	}
	_, err = await(p, came)
	return outcome(err)
}

func (d *fullDisk) clean() string { return d.connected("cleaner", mqtt.V311, true) }

func session311(d *fullDisk) string {
	return d.connected(fmt.Sprint("keeper-", d.turn), mqtt.V311, false)
}

func session5(d *fullDisk) string { return d.connected(fmt.Sprint("saver-", d.turn), mqtt.V5, false) }

func (d *fullDisk) connected(client string, version byte, clean bool) string {
	p, err := d.dial(client, version, clean, func(*mqtt.Publish) {})
	if err == nil {
		p.leave()
	}
	return outcome(err)
}

// subscription subscribes with a session that is there already.
func (d *fullDisk) subscription() string {
	p, err := d.dial(fmt.Sprint("subscriber-", d.turn), mqtt.V5, false, func(*mqtt.Publish) {})
	if err != nil {
		return err.Error()
	}
	defer p.leave()
	return outcome(p.subscribe("more"))
}
