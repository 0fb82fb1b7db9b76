package broker

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
)

// BenchmarkRequest times publish to answer over 100 connections, through
// Requests that only echo.
func BenchmarkRequest(b *testing.B) {
	for qos := range byte(2) {
		b.Run(fmt.Sprintf("QoS%d", qos), func(b *testing.B) { benchmarkRequest(b, qos) })
	}
}

func benchmarkRequest(b *testing.B, qos byte) {
	broker := start(b, Config{})
	clients := make([]*peer, 100)
	for i, name := range numbered("c", len(clients)) {
		clients[i] = broker.connect(mqtt.V311, name)
	}
	request := rawPublish(qos, `{"clientToken":"0123456789"}`)
	b.ResetTimer()
	var wg sync.WaitGroup
	for i, c := range clients {
		rounds := b.N/len(clients) + min(1, max(0, b.N%len(clients)-i))
		wg.Go(func() { roundTrips(b, c.nc, request, qos, rounds) })
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "answers/s")
}

func rawPublish(qos byte, payload string) []byte {
	raw := []byte{0x30 | qos<<1, 0, 0, byte(len(getTopic))}
	raw = append(raw, getTopic...)
	if qos > 0 {
		raw = append(raw, 0, 1)
	}
	raw = append(raw, payload...)
	raw[1] = byte(len(raw) - 2)
	return raw
}

// roundTrips sends a request, reads its PUBACK and its answer, acknowledges
// that, and goes on.
func roundTrips(b *testing.B, nc net.Conn, request []byte, qos byte, rounds int) {
	r := bufio.NewReader(nc)
	answer := len(request) + len("/accepted")
	puback := []byte{0x40, 2, 0, 0}
	buf := make([]byte, answer+4*int(qos))
	out := request
	for range rounds {
		if _, err := nc.Write(out); err != nil {
			b.Error(err)
			return
		}
		if _, err := io.ReadFull(r, buf); err != nil {
			b.Error(err)
			return
		}
		if qos > 0 { // the PUBACK of the last answer goes with the next request
			at := 4 + 4 + len(getTopic) + len("/accepted")
			copy(puback[2:], buf[at:at+2])
			out = append(puback[:4:4], request...)
		}
	}
}

// BenchmarkIdleConnection tells what a connection at rest costs, with four
// subscriptions as devices have them.
func BenchmarkIdleConnection(b *testing.B) {
	const n = 5000
	for b.Loop() {
		broker := start(b, Config{})
		before := inUse()
		peers := make([]*peer, n)
		for i, name := range numbered("thing-", n) {
			peers[i] = idle(broker, name)
		}
		broker.eventually(func() bool { return broker.Stats().Connections == n })
		b.ReportMetric(float64(inUse()-before)/n, "B/conn")
		for _, p := range peers {
			p.nc.Close()
		}
	}
}

func idle(broker *testBroker, name string) *peer {
	p := broker.connect(mqtt.V311, name)
	t := "$aws/things/" + name + "/jobs/"
	p.subscribe(1, t+"notify-next", t+"start-next/accepted", t+"+/update/accepted", t+"+/update/rejected")
	p.publish(1, t+"$next/get", "{}")
	p.wantMessage(t+"$next/get/accepted", "{}")
	p.r = nil
	return p
}

// inUse is what heap and stacks take, without what is free; the other ends of
// the connections count too.
func inUse() uint64 {
	for range 3 {
		runtime.GC() // stacks shrink then
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
