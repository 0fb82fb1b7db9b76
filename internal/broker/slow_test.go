package broker

import (
	"fmt"
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
