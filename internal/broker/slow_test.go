package broker

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

func TestAPeerThatDoesNotReadIsCutAndBlocksNobody(t *testing.T) {
	cases := []struct {
		name   string
		limits Limits
	}{
		{"when too much waits", Limits{Outbound: 1 << 20}},
		{"when it reads nothing in time", Limits{Outbound: 1 << 30, WriteTimeout: 100 * time.Millisecond}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for name, dial := range map[string]func(b *testBroker) *peer{
				"TCP":       func(b *testBroker) *peer { return b.connect(mqtt.V311, "slow") },
				"WebSocket": func(b *testBroker) *peer { _, p := b.connectWeb(mqtt.V311, "slow"); return p },
			} {
				t.Run(name, func(t *testing.T) {
					b := start(t, Config{Limits: c.limits})
					slow, other := dial(b), b.connect(mqtt.V311, "other")
					slow.subscribe(0, "a")
					other.subscribe(0, "a")
					for range 100 {
						if err := b.Publish(t.Context(), mqtt.Message{Topic: "a", Payload: make([]byte, 131072)}); err != nil {
							t.Fatal(err)
						}
						other.wantMessage("a", string(make([]byte, 131072)))
					}
					b.wantEnded(SlowReader, 1)
				})
			}
		})
	}
}

func TestWhatWaitedForAPeerComesInOrder(t *testing.T) {
	b := start(t, Config{Limits: Limits{Outbound: 1 << 30}})
	p := b.connect(mqtt.V311, "dev")
	p.subscribe(0, "a")
	sizes := []int{1, 70_000, 3, 3, 5_000, 120_000, 0}
	const rounds = 200
	for i := range rounds * len(sizes) {
		payload := fmt.Appendf(nil, "%d %s", i, long(sizes[i%len(sizes)]))
		if err := b.Publish(t.Context(), mqtt.Message{Topic: "a", Payload: payload}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range rounds * len(sizes) {
		p.wantMessage("a", fmt.Sprintf("%d %s", i, long(sizes[i%len(sizes)])))
	}
}

func TestALargeMessageIsEncodedAndQueuedOnceForAll(t *testing.T) {
	const peers, messages, size = 50, 100, 100_000
	b := start(t, Config{Limits: Limits{Outbound: 1 << 30, Held: 1 << 30}})
	var all []*peer
	for i, client := range numbered("dev", peers) {
		p := b.connect([]byte{mqtt.V311, mqtt.V5}[i%2], client)
		p.subscribe(0, "a")
		all = append(all, p)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range messages {
		m := mqtt.Message{Topic: "a", Payload: append(fmt.Appendf(nil, "%d ", i), make([]byte, size)...)}
		if err := b.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > peers/5*messages*size { // a copy for each would be peers times
		t.Errorf("%d MB were taken for %d MB", took>>20, messages*size>>20)
	}
	for _, p := range all {
		for i := range messages {
			p.wantMessage("a", fmt.Sprintf("%d %s", i, make([]byte, size)))
		}
	}
}

func TestSmallPacketsBehindLargeOnesTakeNoMoreThanTheyCount(t *testing.T) {
	b := start(t, Config{})
	p := b.connect(mqtt.V311, "dev")
	p.subscribe(0, "a")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const most = 700 << 10
	for b.Stats().HeldBytes < most {
		for _, size := range []int{largeFrame, 1} {
			if err := b.Publish(t.Context(), mqtt.Message{Topic: "a", Payload: make([]byte, size)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 10*most {
		t.Errorf("the node holds %d KB for %d KB that it counts", grown>>10, most>>10)
	}
	runtime.KeepAlive(p)
}
