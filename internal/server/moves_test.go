package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/mqtt"
)

// plant is a node with things: press-01 to press-09, and line-a with a-1.
type plant struct {
	*drovertest.Node
	*testing.T
}

func newPlant(t *testing.T) plant {
	n := drovertest.Start(t, drovertest.Options{})
	for i := range 9 {
		n.CreateThings(fmt.Sprintf("press-%02d", i+1))
	}
	n.CreateGroup("line-a", "a-1")
	return plant{n, t}
}

// roll creates a job on a thing and lets it be released.
func (p plant) roll(in iot.CreateJobRequest, thing string) {
	p.CreateJob(in, thing)
	p.Settle()
}

func (p plant) post(path string, body []byte) {
	p.Helper()
	resp, err := http.Post(p.URL()+path, "application/json", bytes.NewReader(body))
	if err != nil {
		p.Log(err) // it was refused before all of it was sent
		return
	}
	resp.Body.Close()
}

// put sends a body of which n bytes are announced, and does not care what comes
// of it.
func (p plant) put(path string, body io.Reader, n int64) {
	r, err := http.NewRequestWithContext(p.Context(), http.MethodPut, p.URL()+path, body)
	if err != nil {
		p.Error(err)
		return
	}
	r.ContentLength = n
	if resp, err := http.DefaultTransport.RoundTrip(r); err == nil {
		resp.Body.Close()
	}
}

// whole are the series that every whole request over HTTP moves.
var whole = []string{
	`drover_requests_total{door="http",operation="CreateJob",outcome="accepted",service="iot"}`,
	`drover_request_seconds_count{door="http",operation="CreateJob",service="iot"}`,
	`drover_store_transaction_seconds_count`,
	`drover_store_commit_seconds_count`,
	`drover_store_transaction_commands_count`,
	`drover_store_wait_seconds_count`,
	`drover_store_checkpoint_seconds_count{writer="free"}`,
	`process_cpu_seconds_total`,
}

// moves are things that happen to a node, and the series that they move.
var moves = []struct {
	name   string
	do     func(p plant)
	series []string
}{
	{"a job is released", func(p plant) { p.roll(iot.CreateJobRequest{JobID: "fw"}, "press-01") }, append(
		[]string{`drover_executions_queued_total{by="rollout"}`, `drover_due_lag_seconds_count{work="rollout"}`}, whole...)},
	{"a thing joins the group of a job", func(p plant) {
		p.Do(iot.CreateJob, iot.CreateJobRequest{
			JobID: "follows", Document: `{}`, Targets: []string{p.GroupARN("line-a")}, TargetSelection: "CONTINUOUS",
		}, nil)
		p.Settle()
		p.Do(iot.AddThingToThingGroup, iot.AddThingToThingGroupRequest{ThingGroupName: "line-a", ThingName: "press-02"}, nil)
	}, []string{`drover_executions_queued_total{by="join"}`}},
	{"a device is accepted over MQTT", func(p plant) {
		p.roll(iot.CreateJobRequest{JobID: "ok"}, "press-03")
		d := p.Device(drovertest.MQTT311, "press-03")
		d.StartNext(`{}`)
		d.Update("ok", `{"status":"SUCCEEDED"}`)
		d.Conn.Leave()
	}, []string{
		`drover_requests_total{door="mqtt",operation="StartNextPendingJobExecution",outcome="accepted",service="iot-jobs-data"}`,
		`drover_requests_total{door="mqtt",operation="UpdateJobExecution",outcome="accepted",service="iot-jobs-data"}`,
		`drover_request_seconds_count{door="mqtt",operation="UpdateJobExecution",service="iot-jobs-data"}`,
		`drover_executions_ended_total{status="SUCCEEDED"}`,
		`drover_mqtt_connections_accepted_total`,
		`drover_mqtt_connections_ended_total{cause="CLIENT_INITIATED_DISCONNECT",reason="disconnect"}`,
		`drover_mqtt_packets_received_total`, `drover_mqtt_packets_sent_total`,
		`drover_mqtt_received_bytes_total`, `drover_mqtt_sent_bytes_total`,
	}},
	{"a device is refused", func(p plant) {
		p.Device(drovertest.MQTT5, "press-04").Update("none", `{"status":"FAILED"}`)
		p.Device(drovertest.HTTPS, "press-04").Update("none", `{"status":"FAILED"}`)
	}, []string{
		`drover_requests_total{door="mqtt",operation="UpdateJobExecution",outcome="ResourceNotFound",service="iot-jobs-data"}`,
		`drover_requests_total{door="http",operation="UpdateJobExecution",outcome="ResourceNotFoundException",service="iot-jobs-data"}`,
	}},
	{"an attempt fails and is retried", func(p plant) {
		p.roll(iot.CreateJobRequest{JobID: "again", JobExecutionsRetryConfig: &iot.JobExecutionsRetryConfig{
			CriteriaList: []iot.RetryCriteria{{FailureType: "FAILED", NumberOfRetries: 1}},
		}}, "press-05")
		p.Device(drovertest.HTTPS, "press-05").Update("again", `{"status":"FAILED"}`)
	}, []string{`drover_executions_queued_total{by="retry"}`, `drover_executions_ended_total{status="FAILED"}`}},
	{"an execution times out", func(p plant) {
		p.roll(iot.CreateJobRequest{JobID: "slow", TimeoutConfig: &iot.TimeoutConfig{InProgressTimeoutInMinutes: 1}}, "press-06")
		p.Device(drovertest.HTTPS, "press-06").StartNext(`{}`)
		p.Advance(time.Minute)
	}, []string{`drover_executions_ended_total{status="TIMED_OUT"}`, `drover_due_lag_seconds_count{work="timer"}`}},
	{"a job aborts", func(p plant) {
		p.roll(iot.CreateJobRequest{JobID: "bad", AbortConfig: &iot.AbortConfig{CriteriaList: []iot.AbortCriteria{
			{Action: "CANCEL", FailureType: "REJECTED", MinNumberOfExecutedThings: 1, ThresholdPercentage: awsapi.NewDecimal(1, 0)},
		}}}, "press-07")
		p.Device(drovertest.HTTPS, "press-07").Update("bad", `{"status":"REJECTED"}`)
	}, []string{`drover_jobs_aborted_total`, `drover_executions_ended_total{status="REJECTED"}`}},
	{"a job is cancelled", func(p plant) {
		p.roll(iot.CreateJobRequest{JobID: "void"}, "press-08")
		p.Do(iot.CancelJob, iot.CancelJobRequest{JobID: "void"}, nil)
	}, []string{`drover_executions_ended_total{status="CANCELED"}`}},
	{"a thing leaves the group of a job", func(p plant) {
		p.Do(iot.RemoveThingFromThingGroup, iot.RemoveThingFromThingGroupRequest{ThingGroupName: "line-a", ThingName: "press-02"}, nil)
	}, []string{`drover_executions_ended_total{status="REMOVED"}`}},
	{"a device is told, and one that was away is owed and pays", func(p plant) {
		d := p.Persistent(drovertest.MQTT5, "press-09")
		d.Listen()
		p.roll(iot.CreateJobRequest{JobID: "news"}, "press-09")
		d.Conn.Await(2)
	}, []string{`drover_notices_told_total`, `drover_notices_owed_total`, `drover_notices_paid_total`}},
	{"a request is none, or too large", func(p plant) {
		p.post("/nowhere", nil)
		p.post("/tags", make([]byte, 1<<20+1))
		sendAndEnd(p.T, strings.TrimPrefix(p.URL(), "http://"), "what?")
	}, []string{
		`drover_requests_total{door="http",operation="none",outcome="UnknownOperationException",service="iot"}`,
		`drover_requests_total{door="http",operation="TagResource",outcome="InvalidRequestException",service="iot"}`,
		`drover_http_requests_unread_total`, `drover_http_bodies_too_large_total`, `drover_http_connections_accepted_total`,
	}},
	{"a peer breaks rules", func(p plant) {
		p.Connect(drovertest.Session{}).Publish("$SYS/x", "")
		p.Connect(drovertest.Session{}).SendRaw([]byte{0, 0})
	}, []string{
		`drover_mqtt_refused_total{reason="topic"}`,
		`drover_mqtt_connections_ended_total{cause="CLIENT_ERROR",reason="malformed"}`,
	}},
	{"a client sends more than can be under way", func(p plant) {
		c := p.Connect(drovertest.Session{})
		var pile []mqtt.Packet
		for range 1000 {
			pile = append(pile, &mqtt.Publish{Message: mqtt.Message{Topic: "$aws/things/press-01/jobs/start-next", Payload: []byte("{}")}})
		}
		c.Send(pile...)
	}, []string{`drover_mqtt_reads_paused_total{bound="in_flight"}`}},
	{"a session is away for longer than its queue is long", func(p plant) {
		away := p.Connect(drovertest.Session{Client: "away", Persistent: true})
		away.Subscribe("news")
		away.Leave()
		c := p.Connect(drovertest.Session{})
		for range 1001 {
			c.Publish("news", "x")
		}
	}, []string{`drover_mqtt_messages_dropped_total{reason="session_queue_full"}`}},
	{"something happens that is announced", func(p plant) {
		p.Do(iot.UpdateEventConfigurations, iot.UpdateEventConfigurationsRequest{
			EventConfigurations: map[string]iot.Configuration{"THING": {Enabled: true}},
		}, nil)
		p.CreateThings("announced")
	}, []string{`drover_events_stored_total`}},
}

// still are the metrics that nothing here moves: gauges, which are compared in
// TestGaugesFollow, and what no client can cause.
var still = map[string]string{
	"drover_artifact_bodies":                 "gauge",
	"drover_artifact_uploads":                "gauge",
	"drover_build_info":                      "always 1",
	"drover_due_behind_seconds":              "gauge; the virtual clock is never behind",
	"drover_events_dropped_total":            "shown in storetest.Turns",
	"drover_events_waiting":                  "gauge; shown in TestABacklogIsWhatWaits",
	"drover_walks":                           "gauge; shown in TestABacklogIsWhatWaits",
	"drover_http_connections":                "gauge",
	"drover_http_connections_crowded_total":  "it takes as many connections as there may be files; shown in TestAConnectionMakesRoomForOneThatComes",
	"drover_mqtt_connections":                "gauge",
	"drover_mqtt_sessions":                   "gauge",
	"drover_mqtt_held_bytes":                 "gauge",
	"drover_store_file_bytes":                "gauge",
	"drover_store_log_bytes":                 "gauge",
	"drover_store_queue_length":              "gauge",
	"drover_mqtt_packet_panics_total":        "shown in package broker",
	"drover_mqtt_faults_total":               "shown in package broker",
	"drover_store_transactions_failed_total": "shown in TestFailedTransactionsAndHeldCheckpointsAreCounted",
	"drover_log_lines_left_out_total":        "shown in TestAFloodOfRefusalsDoesNotFloodTheLog",
}

func TestEachMetricMoves(t *testing.T) {
	p := newPlant(t)
	seen := map[string]bool{}
	for _, m := range moves {
		t.Run(m.name, func(t *testing.T) {
			before := scrape(t, p.URL())
			m.do(plant{p.Node, t})
			for _, series := range m.series {
				eventually(t, series, func() bool { return scrape(t, p.URL()).series[series] > before.series[series] })
				name, _, _ := strings.Cut(series, "{")
				seen[name], seen[suffix.ReplaceAllString(name, "")] = true, true
			}
		})
	}
	families, _ := documented(t)
	for name := range families {
		if !seen[name] && still[name] == "" && !strings.HasSuffix(name, "*") {
			t.Errorf("nothing shows that %s moves", name)
		}
	}
}

func TestGaugesFollow(t *testing.T) {
	p := newPlant(t)
	at := func(series string, want float64) {
		t.Helper()
		eventually(t, fmt.Sprint(series, " ", want), func() bool { return scrape(t, p.URL()).series[series] == want })
	}
	at("drover_mqtt_connections", 0)
	at("drover_mqtt_sessions", 0)
	d := p.Persistent(drovertest.MQTT5, "press-01")
	at("drover_mqtt_connections", 1)
	at("drover_mqtt_sessions", 1)
	d.Conn.Leave()
	at("drover_mqtt_connections", 0)
	at("drover_mqtt_sessions", 1)
	at("drover_store_queue_length", 0)
	at("drover_due_behind_seconds", 0)
	at("drover_events_waiting", 0)
	at(`drover_walks{of="index"}`, 0)
	at(`drover_walks{of="group"}`, 0)
	f := scrape(t, p.URL())
	for _, series := range []string{"drover_http_connections", `drover_store_file_bytes{file="database"}`, `drover_store_file_bytes{file="log"}`} {
		if f.series[series] <= 0 {
			t.Errorf("%s is %v", series, f.series[series])
		}
	}
	p.PutArtifact("firmware", "fw", "x")
	at("drover_artifact_bodies", 0)
	body, more := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.put("/s3/firmware/fw", body, 2<<20)
	}()
	if _, err := more.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	at("drover_artifact_bodies", 1)
	more.CloseWithError(io.ErrUnexpectedEOF)
	<-ended
	at("drover_artifact_bodies", 0)
	at("drover_artifact_uploads", 0)
	p.post("/s3/firmware/fw?uploads", nil)
	at("drover_artifact_uploads", 1)
	eventually(t, "a log", func() bool { return scrape(t, p.URL()).series["drover_store_log_bytes"] > 0 })
}
