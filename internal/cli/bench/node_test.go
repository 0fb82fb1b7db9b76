package bench

import (
	"bufio"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWhereANodeListens(t *testing.T) {
	greeting := `Drover 0.1.0-dev is listening
  HTTP  http://127.0.0.1:34567   control plane, device plane
  MQTT  mqtt://127.0.0.1:45678
  data  /tmp/http://127.0.0.1:1
`
	var n node
	if err := n.readAddresses(bufio.NewReader(strings.NewReader(greeting))); err != nil {
		t.Fatal(err)
	}
	if n.http != "http://127.0.0.1:34567" || n.mqtt != "mqtt://127.0.0.1:45678" {
		t.Errorf("HTTP %s, MQTT %s", n.http, n.mqtt)
	}
	if err := n.readAddresses(bufio.NewReader(strings.NewReader(""))); err != nil {
		t.Errorf("what is known is read again: %v", err)
	}
	if err := new(node).readAddresses(bufio.NewReader(strings.NewReader("Drover"))); err == nil {
		t.Error("a node without a greeting is taken for one that listens")
	}
}

func TestANodeIsConfiguredByTheBenchmarkAlone(t *testing.T) {
	got := withoutSettings([]string{"HOME=/root", "DROVER_DATA=/srv", "DROVER_CLOCK=virtual", "PATH=/bin"})
	if want := []string{"HOME=/root", "PATH=/bin"}; !slices.Equal(got, want) {
		t.Errorf("environment %v", got)
	}
}

func TestTheEndOfALog(t *testing.T) {
	if got := lastLines("1\n2\n3\n4\n5\n6\n7\n"); got != "3\n4\n5\n6\n7" {
		t.Errorf("got %q", got)
	}
	if got := lastLines("1\n"); got != "1" {
		t.Errorf("got %q", got)
	}
}

func TestTheFiguresOfANode(t *testing.T) {
	got, err := readMetrics(strings.NewReader("# HELP a words 1\na 3\nb{le=\"0.5\"} 1.5e+06\nc many\n"))
	if err != nil || len(got) != 2 || got["a"] != 3 || got[`b{le="0.5"}`] != 1.5e6 {
		t.Errorf("figures %v, error %v", got, err)
	}
}

func TestTheMemoryOfAProcess(t *testing.T) {
	m, ok := memoryOf("Name:\tdrover\nVmPeak:\t  1800000 kB\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n")
	if !ok || m.now != 10<<20 || m.peak != 20<<20 {
		t.Errorf("memory %+v, %v", m, ok)
	}
	if _, ok := memoryOf("Name:\tkthreadd\n"); ok {
		t.Error("memory of what has none")
	}
}

func TestReportsThatShareACommit(t *testing.T) {
	const commands, commits = "drover_store_transaction_commands_sum", "drover_store_transaction_commands_count"
	begin := map[string]float64{commands: 100, commits: 10}
	got, err := perCommit(begin, map[string]float64{commands: 700, commits: 14})
	if err != nil || got != 150 {
		t.Errorf("%v a commit, error %v", got, err)
	}
	if _, err := perCommit(begin, begin); err == nil {
		t.Error("there are reports without a commit")
	}
}

func TestTheProcessorTimeOfAProcess(t *testing.T) {
	got, ok := processorTimeOf("17 (a) (b) S 1 17 17 0 -1 4194560 9 0 0 0 250 50 0 0 20 0 9 0 4711\n")
	if !ok || got != 3*time.Second {
		t.Errorf("%s, %v", got, ok)
	}
	for _, stat := range []string{"", "17 (a) S 1", "17 (a) S 1 17 17 0 -1 4194560 9 0 0 0 x 50 0"} {
		if _, ok := processorTimeOf(stat); ok {
			t.Errorf("%q has a time", stat)
		}
	}
}

func TestWhatAReportCosts(t *testing.T) {
	spent := cost{node: 3 * time.Second, client: 2 * time.Second}.minus(cost{node: time.Second, client: time.Second})
	got := spent.figures("x", "report", 10_000)
	want := []figure{{Name: "x.cpu-node", Value: 200, Unit: "µs/report"}, {Name: "x.cpu-client", Value: 100, Unit: "µs/report"}}
	if !slices.Equal(got, want) {
		t.Errorf("figures %v", got)
	}
	if got := (cost{}).figures("x", "report", 10_000); got != nil {
		t.Errorf("figures %v where the system tells nothing", got)
	}
}
