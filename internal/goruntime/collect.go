package goruntime

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// ordinary is how much may be allocated between two collections, in percent
	// of what is alive; Go's default.
	ordinary = 100
	// most is that of a busy process with little alive. It also bounds how far
	// the heap gets within a second in which much becomes alive.
	most = 400
	// room is how many bytes a busy process may allocate between two collections,
	// within these percentages.
	room = 96 << 20
	// little is what counts as alive at least: Go collects no smaller heap.
	little = 4 << 20
	// calmSeconds is after how many of them a process is at rest.
	calmSeconds = 3
)

// CollectSeldom looks at the heap every second until the function that it
// returns is called. By itself the collector runs whenever as much was allocated
// as is alive. A busy node with little alive is collected several times a second,
// which takes a tenth of its processor time and shrinks stacks that grow again at
// once. Here it may use [room] more, as long as it allocates; what rests has no
// use for it.
func CollectSeldom() (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	every := time.NewTicker(time.Second)
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tend(every.C, end)
	}()
	return func() {
		every.Stop()
		close(end)
		<-ended
	}
}

func tend(second <-chan time.Time, end <-chan struct{}) {
	p := newPace(look())
	defer debug.SetGCPercent(ordinary)
	for {
		select {
		case <-second:
			p.follow(look())
		case <-end:
			return
		}
	}
}

// figures are of the heap at one moment, in bytes.
type figures struct {
	alive     uint64 // as the last collection found
	allocated uint64 // since the process began
}

func look() figures {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return figures{alive: s[0].Value.Uint64(), allocated: s[1].Value.Uint64()}
}

// pace is how often to collect.
type pace struct {
	percent   int
	allocated uint64 // a second ago
	calm      int    // seconds
}

func newPace(f figures) *pace {
	return &pace{percent: ordinary, allocated: f.allocated, calm: calmSeconds}
}

// follow sets what the next second needs.
func (p *pace) follow(f figures) {
	was, rested := p.percent, p.atRest()
	p.next(f)
	if p.percent != was {
		debug.SetGCPercent(p.percent)
	}
	if p.atRest() && !rested {
		debug.FreeOSMemory()
	}
}

func (p *pace) atRest() bool { return p.calm >= calmSeconds }

// next judges the second that ends with f.
func (p *pace) next(f figures) {
	alive := max(f.alive, little)
	busy := f.allocated-p.allocated > alive
	p.allocated = f.allocated
	switch {
	case busy:
		p.calm = 0
		p.percent = percentFor(alive)
	case !p.atRest():
		p.calm++
	}
	if p.atRest() {
		p.percent = ordinary
	}
}

// percentFor is what gives a heap its room, in steps, since each change stops
// the world.
func percentFor(alive uint64) int {
	const step = 50
	percent := int(min(room*100/alive, most))
	return max(percent/step*step, ordinary)
}
