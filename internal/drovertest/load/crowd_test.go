// Package load fills a node with clients, many of whom behave badly, and holds
// it to what it owes the others. It is for whoever changes the broker, a bound,
// or how a node stops.
//
// Begin with [TestTheGoodAreServedBesideTheBad]; -connections makes it larger.
// The node is a process of its own on a durable store; its clients are
// goroutines of the test. No timing is asserted: `drover bench crowd` measures
// what the bad cost the good.
package load

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/cli/bench/crowd"
	"github.com/drover-iot/drover/internal/drovertest"
)

var (
	connections = flag.Int("connections", 500, "MQTT connections, a fifth of which behave badly")
	seconds     = flag.Int("seconds", 7, "how long they do")
	profile     = flag.String("pprof", "", "where the node serves profiles, as HOST:PORT")
)

func TestMain(m *testing.M) { drovertest.Main(m) }

// What a node may take in memory: derived from the bounds in
// docs/architecture.md#what-bounds-what, and what the garbage collector leaves.
const (
	heldBytes       = 256 << 20 // broker.Limits.Held
	connectionBytes = 24 << 10  // at rest, with a packet of 4 KiB in hand, read and decoded
	storeBytes      = 96 << 20  // caches, and a batch
	collector       = 2
)

// spill is what may be held over the bound for the moment that it takes to cut.
const spill = heldBytes / 8

func TestTheGoodAreServedBesideTheBad(t *testing.T) {
	n := start(t)
	bad := *connections / 5
	s := gather(t, n, *connections-bad)
	before := n.figures()
	c := crowd.Gather(t.Context(), crowd.Config{Addr: n.MQTT, Size: bad, Busy: busy})
	s.serve(time.Duration(*seconds)*time.Second, bad)
	during := n.figures()
	c.Close()
	t.Logf("%d visits of %d bad clients: %v", c.Visits(), bad, moved(before, during))
	s.wantServed()
	wantCuts(t, before, during)
	wantMemory(t, n)
	n.wantFigure("nothing is left of the bad", func(f map[string]float64) bool {
		return f["drover_mqtt_connections"] == before["drover_mqtt_connections"] &&
			f["drover_mqtt_held_bytes"] == 0 && f["go_goroutines"] <= before["go_goroutines"]+20+idleWorkers
	})
	s.leave()
}

// idleWorkers is how many workers the broker keeps when there is nothing to do.
const idleWorkers = 16

// moved are the figures of MQTT that have grown.
func moved(before, after map[string]float64) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if d := after[name] - before[name]; d > 0 && strings.HasPrefix(name, "drover_mqtt_") && strings.HasSuffix(name, "}") {
			list = append(list, fmt.Sprint(strings.TrimPrefix(name, "drover_mqtt_"), " ", d))
		}
	}
	return list
}

// wantCuts holds the metrics to say what was cut and refused, and why.
func wantCuts(t *testing.T, before, after map[string]float64) {
	t.Helper()
	ended := func(cause, reason string) string {
		return fmt.Sprintf("drover_mqtt_connections_ended_total{cause=%q,reason=%q}", cause, reason)
	}
	for what, names := range map[string][]string{
		"never reads":          {ended("SLOW_READER", "outbound_full"), ended("SLOW_READER", "write_timeout"), ended("THROTTLED", "held_most")},
		"half a CONNECT":       {ended("NO_CONNECT", "connect_timeout")},
		"the same client id":   {ended("DUPLICATE_CLIENTID", "taken_over")},
		"a huge will":          {ended("CONNECTION_LOST", "peer_gone")},
		"filters of a session": {`drover_mqtt_refused_total{reason="filters_of_session"}`},
	} {
		if !slices.ContainsFunc(names, func(name string) bool { return after[name] > before[name] }) {
			t.Errorf("%s: none of %s is counted", what, names)
		}
	}
}

// wantMemory holds the node to its bounds.
func wantMemory(t *testing.T, n *node) {
	t.Helper()
	now, peak, ok := n.memory()
	if !ok {
		t.Log("the memory of a process is not measured on this system")
		return
	}
	most := collector*(heldBytes+spill+storeBytes) + int64(*connections)*connectionBytes
	t.Logf("resident: %d MiB, at most %d MiB, of %d MiB", now>>20, peak>>20, most>>20)
	if peak > most {
		t.Errorf("the node held %d MiB, over %d", peak>>20, most>>20)
	}
}
