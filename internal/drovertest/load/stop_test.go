package load

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/cli/bench/crowd"
	"github.com/drover-iot/drover/internal/mqtt"
)

// TestWhatWasSentBeforeTheStopIsAnswered stops a node under full load. Each
// reporter numbers its reports; the last number that is stored must be the last
// that was answered, and no number that was sent before the signal may lack an
// answer.
func TestWhatWasSentBeforeTheStopIsAnswered(t *testing.T) {
	dir := t.TempDir()
	n := startOn(t, dir)
	h := &haste{t: t, n: n, loaded: make(chan struct{})}
	h.gather()
	c := crowd.Gather(t.Context(), crowd.Config{Addr: n.MQTT, Size: 2 * len(crowd.Kinds()), Busy: busy})
	defer c.Close()
	var g sync.WaitGroup
	for _, r := range h.reporters {
		g.Go(r.hear)
		g.Go(r.report)
	}
	select {
	case <-h.loaded:
	case <-time.After(patience):
		t.Errorf("%d reports were answered in %v, want %d", h.answered.Load(), patience, answersBeforeTheStop)
	}
	h.signal()
	g.Wait()
	n.wantEnd()
	h.audit(startOn(t, dir))
}

const (
	answersBeforeTheStop = 3000
	reporters            = 48 // a third behind HTTP
	ahead                = 20 // reports that a reporter over MQTT sends before the first is answered
)

// haste is a load that is stopped.
type haste struct {
	t         *testing.T
	n         *node
	reporters []*reporter
	answered  atomic.Int64
	loaded    chan struct{} // closed when answersBeforeTheStop are

	// writing is held shared by who sends, and alone by who stops: so it is
	// known what was sent before.
	writing sync.RWMutex
}

// reporter is a device with one execution that it reports on all the time.
type reporter struct {
	h     *haste
	thing string
	nc    net.Conn
	r     *bufio.Reader
	send  func(number int) error
	read  func() (number int, err error)
	slots chan struct{} // reports that may still be sent

	sent   int // guarded by haste.writing
	before int // sent before the stop

	last int // of its own goroutine: the number that was answered last
}

func (h *haste) gather() {
	h.t.Helper()
	in := iot.CreateJobRequest{JobID: "fw", Document: `{}`}
	for i := range reporters {
		r := &reporter{h: h, thing: fmt.Sprintf("press-%d", i)}
		h.reporters = append(h.reporters, r)
		call(h.t, h.n, iot.CreateThing, iot.CreateThingRequest{ThingName: r.thing})
		in.Targets = append(in.Targets, "arn:aws:iot:us-east-1:000000000000:thing/"+r.thing)
	}
	call(h.t, h.n, iot.CreateJob, in)
	h.n.wantFigure("all have the job", func(f map[string]float64) bool {
		return f[`drover_executions_queued_total{by="rollout"}`] == reporters
	})
	for i, r := range h.reporters {
		if i%3 == 0 {
			r.overHTTP()
		} else {
			r.overMQTT(i)
		}
	}
}

func (r *reporter) dial(addr string, slots int) {
	r.h.t.Helper()
	var err error
	if r.nc, err = net.Dial("tcp", addr); err != nil {
		r.h.t.Fatal(err)
	}
	_ = r.nc.SetDeadline(time.Now().Add(patience))
	r.h.t.Cleanup(func() { r.nc.Close() })
	r.r, r.slots = bufio.NewReader(r.nc), make(chan struct{}, slots)
	for range slots {
		r.slots <- struct{}{}
	}
}

func payload(number int) string {
	return fmt.Sprintf(`{"status":"IN_PROGRESS","statusDetails":{"n":"%d"},"clientToken":"%d"}`, number, number)
}

func (r *reporter) overHTTP() {
	r.dial(r.h.n.HTTP, 1)
	// Some paths are of two services; the scope of a signature tells which.
	head := "POST /things/" + r.thing + "/jobs/fw HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 " +
		"Credential=drover/20260101/us-east-1/iot-jobs-data/aws4_request, SignedHeaders=host, Signature=00\r\n"
	asked := 0
	r.send = func(number int) error {
		asked = number
		body := fmt.Sprintf(`{"status":"IN_PROGRESS","statusDetails":{"n":"%d"}}`, number)
		_, err := fmt.Fprintf(r.nc, "%sContent-Length: %d\r\n\r\n%s", head, len(body), body)
		return err
	}
	r.read = func() (int, error) {
		resp, err := http.ReadResponse(r.r, nil)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		said, err := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("%s: %s", resp.Status, said)
		}
		return asked, err
	}
}

func (r *reporter) overMQTT(i int) {
	r.dial(r.h.n.MQTT, ahead)
	version := []byte{mqtt.V311, mqtt.V5}[i%2]
	r.write(version, &mqtt.Connect{Version: version, Client: r.thing, Clean: true, KeepAlive: 1200})
	if p, err := r.packet(version); err != nil {
		r.h.t.Fatalf("CONNECT: %+v, %v", p, err)
	}
	r.send = func(number int) error {
		return r.write(version, &mqtt.Publish{ID: uint16(number%60_000 + 1), Message: mqtt.Message{
			Topic: "$aws/things/" + r.thing + "/jobs/fw/update", Payload: []byte(payload(number)), QoS: 1,
		}})
	}
	r.read = func() (int, error) { return r.answer(version) }
}

func (r *reporter) write(version byte, p mqtt.Packet) error {
	var buf bytes.Buffer
	if err := mqtt.Encode(&buf, version, p); err != nil {
		return err
	}
	_, err := r.nc.Write(buf.Bytes())
	return err
}

func (r *reporter) packet(version byte) (mqtt.Packet, error) {
	h, err := mqtt.ReadHeader(r.r, 1<<20)
	if err != nil {
		return nil, err
	}
	body := make([]byte, h.Remaining)
	if _, err := io.ReadFull(r.r, body); err != nil {
		return nil, err
	}
	return mqtt.Decode(h, version, body)
}

// answer is the number of the next report that was accepted.
func (r *reporter) answer(version byte) (int, error) {
	for {
		p, err := r.packet(version)
		if err != nil {
			return 0, err
		}
		switch p := p.(type) {
		case *mqtt.Publish:
			var said struct{ ClientToken string }
			if err := json.Unmarshal(p.Payload, &said); err != nil || !strings.HasSuffix(p.Topic, "/accepted") {
				return 0, fmt.Errorf("%s: %s", p.Topic, p.Payload)
			}
			if err := r.write(version, &mqtt.Ack{Kind: mqtt.TypePuback, ID: p.ID}); err != nil {
				return 0, err
			}
			return strconv.Atoi(said.ClientToken)
		case *mqtt.Disconnect:
			return 0, io.EOF
		}
	}
}

// report sends reports until the connection ends.
func (r *reporter) report() {
	for number := 1; ; number++ {
		if _, ok := <-r.slots; !ok {
			return
		}
		r.h.writing.RLock()
		err := r.send(number)
		if err == nil {
			r.sent = number
		}
		r.h.writing.RUnlock()
		if err != nil {
			return
		}
	}
}

// hear takes answers, in order, until the connection ends.
func (r *reporter) hear() {
	defer close(r.slots)
	for {
		number, err := r.read()
		if err != nil {
			return
		}
		if number != r.last+1 {
			r.h.t.Errorf("%s: answer %d follows %d", r.thing, number, r.last)
		}
		r.last = number
		if r.h.answered.Add(1) == answersBeforeTheStop {
			close(r.h.loaded)
		}
		r.slots <- struct{}{}
	}
}

// signal stops the node at an instant when nobody is sending.
func (h *haste) signal() {
	h.writing.Lock()
	defer h.writing.Unlock()
	for _, r := range h.reporters {
		r.before = r.sent
	}
	h.n.signalStop()
}

// audit compares what was answered with what is stored.
func (h *haste) audit(n *node) {
	open := 0
	for _, r := range h.reporters {
		if r.last < r.before {
			h.t.Errorf("%s: %d reports were sent before the stop, the last that was answered is %d", r.thing, r.before, r.last)
		}
		got, err := awsapi.Call[iot.DescribeJobExecutionAnswer](h.t.Context(), n.api, iot.DescribeJobExecution,
			iot.DescribeJobExecutionRequest{JobID: "fw", ThingName: r.thing})
		if err != nil {
			h.t.Fatal(err)
		}
		if stored := got.Execution.StatusDetails.DetailsMap["n"]; stored != strconv.Itoa(r.last) {
			h.t.Errorf("%s: report %s is stored, the last that was answered is %d of %d", r.thing, stored, r.last, r.sent)
		}
		open += r.sent - r.before
	}
	h.t.Logf("%d reports answered; %d were sent behind the signal", h.answered.Load(), open)
}
