package crash

import (
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/mqtt"
)

// limitFiles lets no file of a running node grow beyond size, as a full disk
// would.
func limitFiles(t *testing.T, n *node, size uint64) {
	t.Helper()
	const rlimitFSize = 1
	limit := syscall.Rlimit{Cur: size, Max: math.MaxUint64}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(n.Cmd.Process.Pid), rlimitFSize,
		uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		t.Fatalf("limit the files of the node: %v", errno)
	}
}

// fullDisk is a node whose disk fills up, and who works with it.
type fullDisk struct {
	bench
	turn int

	workers []string
	stop    chan struct{}
	wg      sync.WaitGroup

	mu      sync.Mutex // guards what follows
	changed sync.Cond
	acked   map[string][]string // by worker
	failed  map[string]int      // by worker, since the disk is full
}

// TestAFullDiskIsToldAndHeals fills the disk under load: who wants to store
// something is told no, in the words of his protocol; reads and what needs no
// store go on; and when there is room again, all goes on by itself.
func TestAFullDiskIsToldAndHeals(t *testing.T) {
	d := &fullDisk{bench: bench{t: t, dir: t.TempDir()}, stop: make(chan struct{}), acked: map[string][]string{}, failed: map[string]int{}}
	d.changed.L = &d.mu
	d.begin()
	d.load()
	d.await("acknowledged", func(name string) bool { return len(d.acked[name]) >= 20 })
	for d.turn = range turns {
		d.ask(d.turn%2 == 0)
	}
	close(d.stop)
	d.wg.Wait()
	d.must(d.n.Cmd.Process.Kill())
	_ = d.n.end(os.Kill) // it complains, and that is looked at below
	d.log(turns / 2)
	d.look()
}

func (d *fullDisk) begin() {
	var err error
	d.n, err = start(d.dir)
	d.must(err)
	in := iot.CreateJobRequest{JobID: "job", Document: "{}"}
	for turn := range turns {
		for _, door := range doors {
			thing := press(door, turn)
			d.must(d.n.call(iot.CreateThing, iot.CreateThingRequest{ThingName: thing}, nil))
			in.Targets = append(in.Targets, arn("thing/"+thing))
		}
		d.peer(fmt.Sprint("subscriber-", turn), mqtt.V5, false).leave()
	}
	d.must(d.n.call(iot.CreateJob, in, nil))
	p := d.peer("absent", mqtt.V5, false)
	d.must(p.subscribe("load/#", "kept"))
	p.leave()
}

// turns are how often the disk fills up, and is given room. No two ask for the
// same, so that there is always something to store.
const turns = 4

// doors are those of the devices that work, one for each turn and door.
var doors = []string{"https", "mqtt-4", "mqtt-5"}

func press(door string, turn int) string { return fmt.Sprintf("press-%s-%d", door, turn) }

// ask fills the disk, or makes room, waits until all who work have noticed, and
// asks for everything.
func (d *fullDisk) ask(full bool) {
	before := d.count()
	if full {
		limitFiles(d.t, d.n, 1)
		d.await("refused", func(name string) bool { return d.failed[name] >= 3 })
	} else {
		limitFiles(d.t, d.n, math.MaxUint64)
		d.await("acknowledged again", func(name string) bool { return len(d.acked[name]) > before[name]+3 })
	}
	for _, w := range wishes {
		want := w.healed
		if full {
			want = w.full
		}
		if got := w.ask(d); got != want {
			d.t.Errorf("full %t: %s is answered %q, want %q", full, w.name, got, want)
		}
	}
}

// count is how much was acknowledged to each, and forgets what failed.
func (d *fullDisk) count() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.failed)
	n := map[string]int{}
	for name, all := range d.acked {
		n[name] = len(all)
	}
	return n
}

// await waits until something is so for all who work.
func (d *fullDisk) await(what string, so func(name string) bool) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	late := false
	timer := time.AfterFunc(patience, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		late = true
		d.changed.Broadcast()
	})
	defer timer.Stop()
	for _, w := range d.workers {
		for !so(w) && !late {
			d.changed.Wait()
		}
		if !so(w) {
			d.t.Fatalf("%s is not %s", w, what)
		}
	}
}

// note notes what came of a wish of who works.
func (d *fullDisk) note(worker, what string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		d.acked[worker] = append(d.acked[worker], what)
	} else {
		d.failed[worker]++
	}
	d.changed.Broadcast()
}

// load begins with the work: things are registered, and messages published for
// a session that is away.
func (d *fullDisk) load() {
	for i := range 4 {
		d.work(fmt.Sprintf("registrar-%d", i), func(worker string, n int) (string, error) {
			thing := fmt.Sprintf("%s-%d", worker, n)
			return thing, d.n.call(iot.CreateThing, iot.CreateThingRequest{ThingName: thing}, nil)
		})
	}
	for _, version := range []byte{mqtt.V311, mqtt.V5} {
		var p *peer
		d.work(fmt.Sprintf("publisher-%d", version), func(worker string, n int) (string, error) {
			if p == nil || p.ended() {
				p = d.peer(worker, version, true)
			}
			topic := "load/" + worker
			return payload(topic, n), p.publish(topic, payload(topic, n), false)
		})
	}
}

func (d *fullDisk) work(worker string, wish func(worker string, n int) (string, error)) {
	d.workers = append(d.workers, worker)
	d.wg.Go(func() {
		for n := 1; ; n++ {
			select {
			case <-d.stop:
				return
			default:
			}
			what, err := wish(worker, n)
			d.note(worker, what, err)
		}
	})
}

// peer connects a client; what comes to it is acknowledged.
func (d *fullDisk) peer(client string, version byte, clean bool) *peer {
	p, err := d.dial(client, version, clean, func(*mqtt.Publish) {})
	if err != nil {
		d.t.Errorf("connect %s: %v", client, err)
	}
	return p
}

// log holds the log to what it has to say: once for each time.
func (d *fullDisk) log(times int) {
	for _, said := range []string{"nothing can be stored", "changes are stored again"} {
		if n := strings.Count(d.n.log.String(), said); n != times {
			d.t.Errorf("the log says %d times that %s", n, said)
		}
	}
}

// look holds what is there behind a kill to what was acknowledged.
func (d *fullDisk) look() {
	var err error
	d.n, err = start(d.dir)
	d.must(err)
	came := map[string]bool{}
	end := make(chan struct{})
	p, err := d.dial("absent", mqtt.V5, false, func(m *mqtt.Publish) {
		if came[string(m.Payload)] = true; m.Topic == "kept" && string(m.Payload) == "end" {
			close(end)
		}
	})
	d.must(err)
	d.must(d.peer("ender", mqtt.V5, true).publish("kept", "end", false))
	if _, err := await(p, end); err != nil {
		d.t.Errorf("wait for what was stored: %v", err)
	}
	p.leave()
	for worker, all := range d.acked {
		for _, what := range all {
			if strings.HasPrefix(worker, "registrar") {
				d.must(d.n.call(iot.DescribeThing, iot.DescribeThingRequest{ThingName: what}, nil))
			} else if !came[what] {
				d.t.Errorf("%s lost %s", worker, what)
			}
		}
	}
	d.must(d.n.end(os.Kill))
}
