// Package crash kills a node and holds it to what it had acknowledged. It is
// for whoever changes the store, the broker, or an order of commit and answer.
//
// Begin with [TestNothingAcknowledgedIsLost]. The node is a process of its own
// on a durable store. Devices, operators, publishers and subscribers load it;
// each writes down, outside, what was acknowledged and what was under way.
// At a random moment the process is killed and started again; then, while
// nobody works, all is looked up and compared: see trial.audit.
//
// What makes this simple: whatever changes, changes through one worker, which
// has one request under way. So after a kill a thing is what was acknowledged
// last, or what was asked for last; and what an audit has read is acknowledged
// from then on.
//
// Each worker is a goroutine that lives as long as the process that it loads,
// and each connection has a reader. Facts belong to their worker while the node
// lives and to the audit while nobody works; what readers write has a lock.
package crash

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/drovertest"
)

var (
	kills = flag.Int("kills", 8, "how often the node is killed under load")
	seed  = flag.Uint64("seed", 0, "of all that is random; 0: another one each time")
)

func TestMain(m *testing.M) { drovertest.Main(m) }

func TestNothingAcknowledgedIsLost(t *testing.T) {
	tr := newTrial(t)
	n := tr.begin()
	for round := 1; round <= *kills && !t.Failed(); round++ {
		tr.load(n)
		n = tr.restart()
		tr.must("audit", tr.audit(n, false))
	}
	if t.Failed() {
		tr.must("kill the node", n.end(os.Kill))
		return
	}
	tr.must("stop the node", n.end(syscall.SIGTERM))
	n = tr.restart()
	tr.must("audit after a stop in good order", tr.audit(n, true))
	tr.must("stop the node", n.end(syscall.SIGTERM))
	tr.auditFile()
}

// trial is one run of the test: who takes part, and what each of them knows.
type trial struct {
	t    *witness
	dir  string
	rand *rand.Rand
	seed uint64

	workers    []worker
	sessions   []*session
	devices    []*device
	operators  []*operator
	registrar  *registrar
	publishers []*publisher
	keeper     *keeper
	clockman   *clockman
}

// witness is a test that counts what it has seen, so that one can tell whether
// it has seen enough.
type witness struct {
	*testing.T
	mu   sync.Mutex // guards seen
	seen map[string]int
}

func (w *witness) saw(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[what]++
}

// worker loads the node until it is killed. An error while the node lives is
// a failure.
type worker interface {
	name() string
	work(l *life) error
}

// life is a process under load.
type life struct {
	*node
	t      *witness
	atOnce bool // it is killed at its last acknowledgement: what was told too early is lost
	killed atomic.Bool
	dead   chan struct{} // closed when the process is gone

	mu     sync.Mutex // guards what follows
	more   sync.Cond  // left has changed, or the process is gone
	left   int        // acknowledgements until it is killed
	enough chan struct{}
}

func newLife(t *witness, n *node, acknowledgements int) *life {
	l := &life{node: n, t: t, dead: make(chan struct{}), left: acknowledgements, enough: make(chan struct{})}
	l.more.L = &l.mu
	return l
}

// acknowledged counts an acknowledgement.
func (l *life) acknowledged(what string) {
	l.t.saw(what + " acknowledged")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left--
	if l.left == 0 {
		if l.atOnce {
			l.killed.Store(true)
			_ = l.cmd.Process.Kill() // again by kill, which looks at the error
		}
		close(l.enough)
	}
	l.more.Broadcast()
}

// pause waits until n more were acknowledged to anybody. Most workers pause, so
// that at any moment of a life some of each kind are at work.
func (l *life) pause(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for until := l.left - n; l.left > until && !l.killed.Load(); {
		l.more.Wait()
	}
}

// kill ends the process.
func (l *life) kill() error {
	l.killed.Store(true)
	err := l.end(os.Kill)
	close(l.dead)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.more.Broadcast()
	return err
}

func newTrial(t *testing.T) *trial {
	tr := &trial{t: &witness{T: t, seen: map[string]int{}}, dir: t.TempDir(), seed: *seed}
	for tr.seed == 0 {
		tr.seed = rand.Uint64()
	}
	t.Cleanup(func() { t.Logf("run with -seed %d -kills %d: %v", tr.seed, *kills, tr.t.seen) })
	tr.rand = tr.random()
	tr.enlist()
	return tr
}

// random is a source for one worker.
func (tr *trial) random() *rand.Rand {
	return rand.New(rand.NewPCG(tr.seed, uint64(len(tr.workers))))
}

func (tr *trial) must(what string, err error) {
	tr.t.Helper()
	if err != nil {
		tr.t.Errorf("%s: %v", what, err)
	}
}

// mostAcknowledged is how long a life lasts at most, in acknowledgements.
const mostAcknowledged = 700

// load lets all workers work, kills the node in the middle of it, and returns
// when all have noticed.
func (tr *trial) load(n *node) {
	l := newLife(tr.t, n, 1+tr.rand.IntN(mostAcknowledged))
	l.atOnce = tr.rand.IntN(4) > 0
	var wg sync.WaitGroup
	for _, w := range tr.workers {
		wg.Go(func() {
			if err := w.work(l); err != nil && !l.killed.Load() {
				tr.t.Errorf("%s: %v", w.name(), err)
			}
		})
	}
	stuck := time.NewTimer(patience)
	defer stuck.Stop()
	select {
	case <-l.enough:
	case <-stuck.C:
		tr.t.Error("the load is stuck: too little is acknowledged")
	}
	if !l.atOnce {
		tr.moment(5 * time.Millisecond)
	}
	tr.must("kill the node", l.kill())
	wg.Wait()
}

// moment waits for a random one.
func (tr *trial) moment(most time.Duration) { <-time.After(time.Duration(tr.rand.Int64N(int64(most)))) }

// restart starts the node, which at times is killed again while it starts.
func (tr *trial) restart() *node {
	if tr.rand.IntN(3) == 0 {
		tr.t.saw("killed while starting")
		n, err := launch(tr.dir)
		if err != nil {
			tr.t.Fatalf("launch the node: %v", err)
		}
		tr.moment(60 * time.Millisecond)
		tr.must("kill the starting node", n.end(os.Kill))
	}
	n, err := start(tr.dir)
	if err != nil {
		tr.t.Fatalf("start the node: %v", err)
	}
	return n
}

// audit compares all there is with what was acknowledged. last looks at what
// costs more, too.
func (tr *trial) audit(n *node, last bool) error {
	if err := tr.clockman.audit(n); err != nil { // and all that was due is done
		return err
	}
	for _, look := range []func(*node, bool) error{
		tr.registrar.audit, tr.auditJobs, tr.auditSessions, tr.keeper.audit,
	} {
		if err := look(n, last); err != nil {
			return err
		}
	}
	return nil
}

// clockman moves the clock.
type clockman struct {
	t    *witness
	rand *rand.Rand
	now  time.Time
}

func (*clockman) name() string { return "clock" }

func (c *clockman) work(l *life) error {
	for {
		now, err := l.advance(time.Duration(5+c.rand.IntN(40)) * time.Second)
		if err != nil {
			return err
		}
		c.now = now
		l.acknowledged("clock")
		l.pause(200)
	}
}

func (c *clockman) audit(n *node) error {
	now, err := n.advance(time.Nanosecond)
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	if now.Before(c.now) {
		c.t.Errorf("the clock stood at %s, now at %s", c.now, now)
	}
	c.now = now
	return nil
}

// pick is a random one of a list.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// some are a few random ones of a list.
func some[T any](r *rand.Rand, most int, from []T) []T {
	from = slices.Clone(from)
	r.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
	return from[:1+r.IntN(most)]
}
