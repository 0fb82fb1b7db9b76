package crash

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/mqtt"
)

// bench is a node that is asked for one thing after the other. What came of it
// is told in a few words.
type bench struct {
	t   *testing.T
	n   *node
	dir string
}

func (d *bench) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// outcome is what a client sees of an error.
func outcome(err error) string {
	r, no := errors.AsType[*refusal](err)
	switch {
	case no:
		return fmt.Sprint(r.status, " ", r.kind)
	case err != nil:
		return err.Error()
	}
	return "ok"
}

func (d *bench) call(op awsapi.Operation, in awsapi.Shaped) string {
	return outcome(d.n.call(op, in, nil))
}

// page asks for what is beside the protocol.
func (d *bench) page(path string) string {
	resp, err := d.n.client.Get("http://" + d.n.HTTP + path)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(resp.StatusCode, " ", strings.TrimSpace(string(body)))
}

// request asks for a jobs operation over MQTT, and answers what came where.
func (d *bench) request(version byte, thing, operation string) string {
	below, answers := "$aws/things/"+thing+"/jobs/", make(chan *mqtt.Publish, 1)
	p, err := d.dial(thing, version, true, func(m *mqtt.Publish) { answers <- m })
	if err != nil {
		return err.Error()
	}
	defer p.leave()
	if err := p.publish(below+operation, "{}", false); err != nil {
		return err.Error()
	}
	m, err := await(p, answers)
	if err != nil {
		return err.Error()
	}
	var a drovertest.Answer
	if err := json.Unmarshal(m.Payload, &a); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(strings.TrimPrefix(m.Topic, below) + " " + a.Code)
}

// dial connects a client; what comes to it is acknowledged.
func (d *bench) dial(client string, version byte, clean bool, take func(*mqtt.Publish)) (*peer, error) {
	hello := mqtt.Connect{Version: version, Client: client, Clean: clean}
	if !clean && version == mqtt.V5 {
		hello.SessionExpiry = hour
	}
	return dial(d.n, hello, 0, take)
}
