package crash

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// moment is when in its life a node is killed.
type moment struct {
	name string
	// atAnswer kills at an acknowledgement: what was told too early is lost.
	atAnswer bool
	// after, unless it is nil, waits for a moment that others do not hit often.
	after func(*trial, *life)
}

// moments are as likely as they stand here often.
var moments = []moment{
	{name: "at an answer", atAnswer: true},
	{name: "at an answer", atAnswer: true},
	{name: "at an answer", atAnswer: true},
	{name: "behind an answer", after: func(tr *trial, _ *life) { tr.pause(5 * time.Millisecond) }},
	{name: "in a commit", after: func(tr *trial, _ *life) { tr.written("drover.db-wal") }},
	{name: "in a commit", after: func(tr *trial, _ *life) { tr.written("drover.db-wal") }},
	{name: "in a checkpoint", after: func(tr *trial, _ *life) { tr.written("drover.db") }},
	{name: "in the midst of slices", after: inSlices},
	{name: "in the midst of slices", after: inSlices},
	{name: "in a stop", after: inStop},
}

// inSlices has the foreman begin a rollout, a cancel or a deletion of all the
// plant, which goes on behind the answer.
func inSlices(tr *trial, l *life) {
	l.slices.Store(true)
	l.wait(l.begun)
	tr.pause(10 * time.Millisecond)
}

// inStop asks the node to stop, which it does in good order and not at once.
func inStop(tr *trial, l *life) {
	l.killed.Store(true) // from now on connections may end
	tr.must("stop the node", l.Cmd.Process.Signal(syscall.SIGTERM))
	tr.pause(30 * time.Millisecond)
}

// written waits until a file of the data folder is written to.
func (tr *trial) written(name string) {
	path := filepath.Join(tr.dir, name)
	before, _ := os.Stat(path) // it may not be there yet
	for deadline := time.Now().Add(time.Second); time.Now().Before(deadline); {
		now, err := os.Stat(path)
		if err == nil && (before == nil || now.ModTime() != before.ModTime() || now.Size() != before.Size()) {
			tr.t.saw("killed in the middle of writing " + name)
			return
		}
		<-time.After(20 * time.Microsecond)
	}
}

// pause waits for a random while.
func (tr *trial) pause(most time.Duration) { <-time.After(time.Duration(tr.rand.Int64N(int64(most)))) }

// life is a process under load.
type life struct {
	*node
	t      *witness
	moment moment
	slices atomic.Bool // what goes on in slices is to begin
	killed atomic.Bool
	dead   chan struct{} // closed when the process is gone

	mu     sync.Mutex // guards what follows
	more   sync.Cond  // left has changed, or the process is gone
	left   int        // acknowledgements until it is killed
	enough chan struct{}
	begun  chan struct{} // the beginning of it was acknowledged
}

func newLife(t *witness, n *node, acknowledgements int) *life {
	l := &life{
		node: n, t: t, dead: make(chan struct{}), left: acknowledgements,
		enough: make(chan struct{}), begun: make(chan struct{}, 1),
	}
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
		if l.moment.atAnswer {
			l.killed.Store(true)
			_ = l.Cmd.Process.Kill() // again by kill, which looks at the error
		}
		close(l.enough)
	}
	l.more.Broadcast()
}

// sliced tells that an operation was acknowledged that goes on in slices.
func (l *life) sliced() {
	select {
	case l.begun <- struct{}{}:
	default:
	}
}

// wait waits for a signal, but not for long: it may not come at all.
func (l *life) wait(signal <-chan struct{}) {
	late := time.NewTimer(time.Second)
	defer late.Stop()
	select {
	case <-signal:
	case <-late.C:
	}
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

// mostAcknowledged is how long a life lasts at most, in acknowledgements.
const mostAcknowledged = 1000

// load lets all workers work, kills the node in the middle of it, and returns
// when all have noticed.
func (tr *trial) load(n *node) {
	l := newLife(tr.t, n, 1+tr.rand.IntN(mostAcknowledged))
	l.moment = pick(tr.rand, moments)
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
	if l.moment.after != nil {
		l.moment.after(tr, l)
	}
	tr.must("kill the node "+l.moment.name, l.kill())
	wg.Wait()
}

// restart starts the node, which at times is killed again while it starts:
// then what it recovers has been recovered in part.
func (tr *trial) restart() *node {
	for tr.rand.IntN(3) == 0 {
		tr.t.saw("killed while starting")
		n, err := launch(tr.dir)
		if err != nil {
			tr.t.Fatalf("launch the node: %v", err)
		}
		tr.pause(60 * time.Millisecond)
		tr.must("kill the starting node", n.end(os.Kill))
	}
	n, err := start(tr.dir)
	if err != nil {
		tr.t.Fatalf("start the node: %v", err)
	}
	return n
}
