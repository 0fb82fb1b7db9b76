package drovertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/mqtt"
)

// Door is a way for devices into a node.
type Door string

// The doors. Behind HTTPS a device listens by MQTT 5 all the same.
const (
	MQTT311 Door = "MQTT 3.1.1"
	MQTT5   Door = "MQTT 5"
	HTTPS   Door = "HTTPS"
)

// Doors are all doors.
func Doors() []Door { return []Door{MQTT311, MQTT5, HTTPS} }

// Device is a device with the name of its thing.
type Device struct {
	Thing string
	Door  Door
	// Conn is its connection; behind HTTPS it is made by Listen, and serves
	// only for that.
	Conn *Conn

	node       *Node
	persistent bool
}

// Device connects a device through a door, with a clean session.
func (n *Node) Device(d Door, thing string) *Device {
	n.t.Helper()
	dev := &Device{Thing: thing, Door: d, node: n}
	if d != HTTPS {
		dev.connect()
	}
	return dev
}

// Persistent connects a device whose session is kept for an hour.
func (n *Node) Persistent(d Door, thing string) *Device {
	n.t.Helper()
	dev := &Device{Thing: thing, Door: d, node: n, persistent: true}
	dev.connect()
	return dev
}

func (d *Device) connect() {
	d.node.t.Helper()
	version := mqtt.V5
	if d.Door == MQTT311 {
		version = mqtt.V311
	}
	d.Conn = d.node.Connect(Session{Client: d.Thing, Version: version, Persistent: d.persistent})
}

// Reconnect connects again, after Leave or a restart of the node.
func (d *Device) Reconnect() {
	d.node.t.Helper()
	d.Conn.Drop()
	d.connect()
}

// Listen subscribes to notify and notify-next.
func (d *Device) Listen() {
	d.node.t.Helper()
	if d.Conn == nil {
		d.connect()
	}
	for _, granted := range d.Conn.Subscribe(base(d.Thing)+"notify", base(d.Thing)+"notify-next") {
		if granted != 1 {
			d.node.t.Fatalf("subscription of %s was granted %#x", d.Thing, granted)
		}
	}
}

// Notices settles the node and takes what the device was told since it last
// asked, in order.
func (d *Device) Notices() []Notice {
	d.node.t.Helper()
	if d.Conn == nil {
		d.node.t.Fatalf("%s does not listen", d.Thing)
	}
	d.Conn.Sync()
	d.node.Settle()
	d.Conn.Sync()
	var told []Notice
	for _, m := range d.Conn.Take() {
		told = append(told, d.node.notice(d.Thing, m))
	}
	return told
}

// Get asks for the pending executions. Payloads are those of MQTT; HTTPS sends
// what it has members for.
func (d *Device) Get(payload string) Answer {
	d.node.t.Helper()
	return d.ask("get", jobsdata.GetPendingJobExecutions, "", payload)
}

// StartNext starts the head of the list.
func (d *Device) StartNext(payload string) Answer {
	d.node.t.Helper()
	return d.ask("start-next", jobsdata.StartNextPendingJobExecution, "", payload)
}

// Describe asks for an execution; job may be $next.
func (d *Device) Describe(job, payload string) Answer {
	d.node.t.Helper()
	return d.ask(job+"/get", jobsdata.DescribeJobExecution, job, payload)
}

// Update reports on an execution.
func (d *Device) Update(job, payload string) Answer {
	d.node.t.Helper()
	return d.ask(job+"/update", jobsdata.UpdateJobExecution, job, payload)
}

func (d *Device) ask(topic string, op awsapi.Operation, job, payload string) Answer {
	d.node.t.Helper()
	if d.Door == HTTPS {
		return d.overHTTPS(op, job, payload)
	}
	m := d.Conn.Request(base(d.Thing)+topic, payload)
	a := Answer{Door: d.Door, Raw: string(m.Payload), Topic: below(d.Thing, m.Topic)}
	a.Accepted = strings.HasSuffix(m.Topic, "/accepted")
	d.Conn.Sync() // what the request changed is on its way to be told
	a.read(d.node)
	return a
}

func (d *Device) overHTTPS(op awsapi.Operation, job, payload string) Answer {
	d.node.t.Helper()
	r, err := d.request(op, job, payload)
	if err != nil {
		d.node.t.Fatalf("%s: %v", op.Name, err)
	}
	body, err := d.node.do(r)
	a := Answer{Door: HTTPS, Accepted: err == nil, Raw: string(body)}
	var refused *Refusal
	switch {
	case errors.As(err, &refused):
		a.Type, a.Status, a.Message = refused.Type, refused.Status, refused.Message
	case err != nil:
		d.node.t.Fatalf("%s: %v", op.Name, err)
	default:
		a.read(d.node)
	}
	return a
}

// request is the HTTPS twin of an MQTT request.
func (d *Device) request(op awsapi.Operation, job, payload string) (*http.Request, error) {
	path := strings.NewReplacer("{thingName}", d.Thing, "{jobId}", job).Replace(op.Path)
	if op.Method == http.MethodGet {
		query, err := queryOf(payload)
		if err != nil {
			return nil, err
		}
		path, payload = path+query, ""
	}
	r, err := http.NewRequestWithContext(context.Background(), op.Method, d.node.URL()+path, bytes.NewBufferString(payload))
	if err == nil {
		sign(r, op.Service)
	}
	return r, err
}

// queryOf makes query parameters of a payload's members.
func queryOf(payload string) (string, error) {
	if payload == "" {
		return "", nil
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(payload), &members); err != nil {
		return "", fmt.Errorf("payload %q has no twin in HTTPS: %w", payload, err)
	}
	query := url.Values{}
	for name, value := range members {
		if name != "clientToken" {
			query.Set(name, strings.Trim(string(value), `"`))
		}
	}
	return "?" + query.Encode(), nil
}
