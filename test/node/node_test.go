package node

import (
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

func TestANodeKeepsItsPortsItsClockAndItsDataOverAKill(t *testing.T) {
	n := Start(t)
	n.Advance(time.Hour)
	url, mqtt, now := n.URL, n.MQTT, n.Now()
	n.Kill()
	if n.URL != url || n.MQTT != mqtt {
		t.Errorf("listens on %s and %s, want %s and %s", n.URL, n.MQTT, url, mqtt)
	}
	if !n.Now().Equal(now) {
		t.Errorf("the clock stands at %s, want %s", n.Now(), now)
	}
}
