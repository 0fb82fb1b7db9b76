package goruntime

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

const mib = 1 << 20

func TestOneWhoIsBusyIsCollectedSeldom(t *testing.T) {
	for _, c := range []struct {
		name             string
		alive, allocated uint64 // the latter in a second
		want             int
	}{
		{"nothing happens", 20 * mib, 0, 100},
		{"less in a second than is alive", 20 * mib, 20 * mib, 100},
		{"more, and little is alive", 20 * mib, 21 * mib, 400},
		{"next to nothing is alive", 1000, 5 * mib, 400},
		{"next to nothing is alive, and little comes", 1000, 4 * mib, 100},
		{"half of the room is alive", 48 * mib, 200 * mib, 200},
		{"a step is not reached", 40 * mib, 200 * mib, 200},
		{"as much as the room is alive", 96 * mib, 200 * mib, 100},
		{"more than the room is alive", 500 * mib, 600 * mib, 100},
	} {
		p := newPace(figures{allocated: 7 * mib})
		p.next(figures{alive: c.alive, allocated: 7*mib + c.allocated})
		if p.percent != c.want {
			t.Errorf("%s: %d percent, not %d", c.name, p.percent, c.want)
		}
	}
}

func TestOneWhoPausesIsNotAtRest(t *testing.T) {
	const alive = 10 * mib
	p := newPace(figures{alive: alive})
	allocated := uint64(0)
	for i, c := range []struct {
		mib  uint64
		want int
		rest bool
	}{
		{0, 100, true},
		{50, 400, false},
		{1, 400, false},
		{1, 400, false},
		{50, 400, false},
		{0, 400, false},
		{0, 400, false},
		{0, 100, true},
		{0, 100, true},
		{50, 400, false},
	} {
		allocated += c.mib * mib
		p.next(figures{alive: alive, allocated: allocated})
		if p.percent != c.want || p.atRest() != c.rest {
			t.Errorf("second %d: %d percent, at rest %v, not %d, %v", i, p.percent, p.atRest(), c.want, c.rest)
		}
	}
}

// The process of the test is tended: what the runtime has set is what counts.
func TestAProcessIsTended(t *testing.T) {
	debug.SetGCPercent(ordinary)
	second, end, ended := make(chan time.Time), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tend(second, end)
	}()
	// A second tick is taken when the first has had its effect.
	tick := func() { second <- time.Time{}; second <- time.Time{} }
	tick()
	if got := percent(); got != ordinary {
		t.Errorf("at first %d percent", got)
	}
	allocate(100 * mib)
	second <- time.Time{}
	allocate(100 * mib)
	tick()
	if got := percent(); got <= ordinary {
		t.Errorf("while busy %d percent", got)
	}
	freed := released()
	for range calmSeconds {
		tick()
	}
	if got := percent(); got != ordinary {
		t.Errorf("at rest %d percent", got)
	}
	if released() <= freed {
		t.Error("at rest no memory was given back")
	}
	allocate(100 * mib)
	tick()
	close(end)
	<-ended
	if got := percent(); got != ordinary {
		t.Errorf("at the end %d percent", got)
	}
}

// allocate makes garbage; what is alive is little and known.
func allocate(bytes int) {
	defer runtime.GC()
	for ; bytes > 0; bytes -= mib {
		sink := make([]byte, mib)
		runtime.KeepAlive(&sink)
	}
}

// percent is what the runtime has.
func percent() uint64 { return figure("/gc/gogc:percent") }

// released is how much of the heap the system has back, in bytes.
func released() uint64 { return figure("/memory/classes/heap/released:bytes") }

func figure(name string) uint64 {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
