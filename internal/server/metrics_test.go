package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/store"
	"github.com/drover-iot/drover/internal/store/sqlite"
)

// page is what a registry shows.
func page(t *testing.T, r *prometheus.Registry) string {
	t.Helper()
	w := httptest.NewRecorder()
	promhttp.HandlerFor(r, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	return w.Body.String()
}

func TestFailedTransactionsAndHeldCheckpointsAreCounted(t *testing.T) {
	m := newMeters("1.2.3")
	m.store.turned(store.Turn{Failed: true})
	m.store.turned(store.Turn{Commands: 3, Waited: make([]time.Duration, 3), Took: time.Second, Saved: time.Millisecond})
	m.store.checkpointed(sqlite.Checkpoint{Took: time.Second, Log: 4096, Held: true})
	for _, want := range []string{
		`drover_build_info{goversion="go1.`, `version="1.2.3"} 1`,
		"drover_store_transactions_failed_total 1",
		"drover_store_transaction_seconds_sum 1\n", "drover_store_transaction_seconds_count 1",
		"drover_store_commit_seconds_sum 0.001\n",
		"drover_store_transaction_commands_sum 3\n", "drover_store_wait_seconds_count 3",
		`drover_store_checkpoint_seconds_count{writer="held"} 1`, `drover_store_checkpoint_seconds_count{writer="free"} 0`,
		"drover_store_log_bytes 4096",
	} {
		if !strings.Contains(page(t, m.registry), want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestOutcomesOfRequestsOverHTTP(t *testing.T) {
	gone, goneNow := http.Request{}, expired()
	cases := []struct {
		name    string
		request *http.Request
		err     error
		want    string
		ours    bool
	}{
		{"nothing is wrong", &http.Request{}, nil, "accepted", false},
		{"the client is wrong", &http.Request{}, fault.New(fault.NotFound, "x"), "ResourceNotFoundException", false},
		{"the client has gone", gone.WithContext(goneNow), errors.New("context canceled"), "ClientGone", false},
		{"we are wrong", &http.Request{}, errors.New("x"), "ServiceUnavailableException", true},
		{"the store fails", &http.Request{}, fault.New(fault.Unavailable, "x"), "ServiceUnavailableException", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := overHTTPAs(c.request, awsapi.Served{Operation: awsapi.MustLookup(awsapi.IoT, "DescribeJob"), Err: c.err})
			if got.outcome != c.want || got.isOurs() != c.ours {
				t.Errorf("outcome %s, ours %t; want %s, %t", got.outcome, got.isOurs(), c.want, c.ours)
			}
		})
	}
}

// BenchmarkCountRequest is what the figures of one request cost.
func BenchmarkCountRequest(b *testing.B) {
	m := newMeters("")
	b.ReportAllocs()
	r := request{took: time.Millisecond, answer: answer{"iot-jobs-data", "UpdateJobExecution", overMQTT, isAccepted}}
	for b.Loop() {
		m.requests.count(r)
	}
}

// BenchmarkCountTurn is what the figures of a full transaction cost.
func BenchmarkCountTurn(b *testing.B) {
	m := newMeters("")
	b.ReportAllocs()
	t := store.Turn{Commands: 512, Waited: make([]time.Duration, 512), Took: time.Millisecond, Saved: time.Millisecond}
	for b.Loop() {
		m.store.turned(t)
	}
}

// sick is a part whose figures cannot be had.
type sick struct{}

func (sick) Describe(ch chan<- *prometheus.Desc) { ch <- behind }

func (sick) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.NewInvalidMetric(behind, errors.New("the store is gone"))
}

func TestFiguresThatCannotBeHadDoNotHideTheOthers(t *testing.T) {
	n := &Node{meters: newMeters("1.2.3")}
	n.meters.registry.MustRegister(sick{})
	w := httptest.NewRecorder()
	n.metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, "drover_build_info") {
		t.Errorf("%d %s", w.Code, body)
	}
}
