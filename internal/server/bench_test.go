package server

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/mqtt"
	"github.com/drover-iot/drover/internal/mqttclient"
	"github.com/drover-iot/drover/internal/store"
)

const (
	benchThings      = 10_000
	benchConnections = 256
)

// BenchmarkReportsOverMQTT is start, progress and final of 10,000 things over
// 256 connections at QoS 1, client and durable node on one machine: the whole
// way, each answered after its commit.
func BenchmarkReportsOverMQTT(b *testing.B) {
	n := benchNode(b)
	conns := make([]*benchConn, benchConnections)
	for i := range conns {
		conns[i] = benchDial(b, n, i)
	}
	b.ResetTimer()
	for round, done := 0, 0; done < b.N; round, done = round+1, done+3*benchThings {
		b.StopTimer()
		name := fmt.Sprintf("round-%d", round)
		benchRelease(b, n, name)
		var next atomic.Int64
		b.StartTimer()
		var wg sync.WaitGroup
		for _, c := range conns {
			wg.Go(func() {
				for i := int(next.Add(1)) - 1; i < benchThings && done+3*i < b.N; i = int(next.Add(1)) - 1 {
					c.cycle(b, benchThing(i), name)
				}
			})
		}
		wg.Wait()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reports/s")
}

func benchThing(i int) string { return fmt.Sprintf("thing-%08x", uint32(i)*2654435761) }

func benchNode(b *testing.B) *Node {
	b.Helper()
	cfg := Defaults()
	cfg.Data, cfg.HTTP, cfg.MQTT = b.TempDir(), "127.0.0.1:0", "127.0.0.1:0"
	n, err := New(b.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	g, err := n.engine.CreateGroup(b.Context(), fleet.Group{Name: "all"}, nil)
	if err != nil {
		b.Fatal(err)
	}
	err = n.store.Write(b.Context(), func(tx store.Tx) error {
		for i := range benchThings {
			id, err := tx.InsertThing(fleet.Thing{Name: benchThing(i), UID: fmt.Sprint(i), Version: 1, CreatedAt: tx.Now()})
			if err != nil {
				return err
			}
			if err := tx.Join(g.ID, id, true); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// benchRelease creates a job and waits until all have it.
func benchRelease(b *testing.B, n *Node, name string) {
	b.Helper()
	_, err := n.engine.CreateJob(b.Context(), engine.CreateJob{
		Name: name, Targets: []job.Target{{Group: true, Name: "all"}}, Document: []byte(`{"op":"flash"}`),
		Settings: job.Settings{Rollout: job.RolloutConfig{MaximumPerMinute: 60_000_000}},
	})
	if err != nil {
		b.Fatal(err)
	}
	for {
		j, err := n.engine.Job(b.Context(), name)
		if err != nil {
			b.Fatal(err)
		}
		if j.RolledOut() {
			return
		}
	}
}

// benchConn is a connection that has one request under way at a time.
type benchConn struct {
	client *mqttclient.Client
	answer chan struct{}
}

func benchDial(b *testing.B, n *Node, i int) *benchConn {
	b.Helper()
	c := &benchConn{answer: make(chan struct{}, 1)}
	var err error
	c.client, err = mqttclient.Dial(b.Context(), mqttclient.Config{
		URL: "tcp://" + n.MQTTAddr(), Client: fmt.Sprintf("bench-%d", i),
		Handle: func(*mqttclient.Client, mqtt.Message) { c.answer <- struct{}{} },
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.client.Close() })
	return c
}

func (c *benchConn) cycle(b *testing.B, thing, name string) {
	below := things + thing + "/jobs/"
	for _, m := range []mqtt.Message{
		{Topic: below + "start-next", Payload: []byte(`{"clientToken":"s"}`)},
		{Topic: below + name + "/update", Payload: []byte(`{"status":"IN_PROGRESS","statusDetails":{"progress":"50"},"clientToken":"p"}`)},
		{Topic: below + name + "/update", Payload: []byte(`{"status":"SUCCEEDED","clientToken":"f"}`)},
	} {
		m.QoS = 1
		if err := c.client.Publish(context.Background(), m); err != nil {
			b.Error(err)
			return
		}
		<-c.answer
	}
}

const things = "$aws/things/"
