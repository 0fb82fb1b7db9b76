// Package crash kills a node and holds it to what it had acknowledged. It is
// for whoever changes the store, the broker, or an order of commit and answer.
//
// Begin with [TestNothingAcknowledgedIsLost]. The node is a process of its own
// on a durable store. Devices, operators, publishers and subscribers load it;
// each writes down, outside, what was acknowledged and what was under way.
// At a random moment the process is killed. What it left on the disk is held to
// what package promise says, it is started again, and then, while nobody works,
// all is looked up and compared: see trial.auditLeft and trial.audit. Some of
// the moments are chosen: see moments.
//
// What makes this simple: whatever changes, changes through one worker, which
// has one request under way. So after a kill a thing is what was acknowledged
// last, or what was asked for last; and what an audit has read is acknowledged
// from then on. Only an execution has two, its device, and the operator who
// cancels or deletes it: one of them comes first, and the other is refused.
//
// Beside that, nodes are killed at their birth, and their disk is taken away:
// it is full, damaged, or not theirs.
//
// Each worker is a goroutine that lives as long as the process that it loads,
// and each connection has a reader. Facts belong to their worker while the node
// lives and to the audit while nobody works; what readers write has a lock.
package crash

import (
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/drovertest/promise"
)

var (
	kills = flag.Int("kills", 5, "how often the node is killed under load")
	seed  = flag.Uint64("seed", 0, "of all that is random; 0: another one each time")
)

func TestMain(m *testing.M) { drovertest.Main(m) }

func TestNothingAcknowledgedIsLost(t *testing.T) {
	tr := newTrial(t)
	n := tr.begin()
	for round := 1; round <= *kills && !t.Failed(); round++ {
		tr.load(n)
		tr.must("look at what is left", tr.auditLeft())
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
	tr.must("look at what is left", tr.auditLeft())
	tr.must("look at the database", tr.auditFile(tr.dir, atRest))
}

// trial is one run of the test: who takes part, and what each of them knows.
type trial struct {
	t    *witness
	dir  string
	rand *rand.Rand
	seed uint64

	workers   []worker
	sessions  []*session
	devices   []*device
	operators []*operator
	registrar *registrar
	clerk     *clerk
	sources   []*source
	crews     []*crew
	brief     *brief
	keeper    *keeper
	mirror    *mirror
	archivist *archivist
	drafter   *drafter
	clockman  *clockman

	left promise.Sight // on the disk, by the last kill
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

// audit compares all there is with what was acknowledged. last looks at what
// costs more, too.
func (tr *trial) audit(n *node, last bool) error {
	if err := tr.clockman.audit(n); err != nil { // and all that was due is done
		return err
	}
	for _, look := range []func(*node, bool) error{
		tr.registrar.audit, tr.clerk.audit, tr.auditJobs, tr.auditSessions, tr.keeper.audit, tr.mirror.audit, tr.drafter.audit, tr.archivist.audit,
	} {
		if err := look(n, last); err != nil {
			return err
		}
	}
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
