package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/drovertest"
)

// device runs its jobs one after the other.
type device struct {
	t     *witness
	rand  *rand.Rand
	thing string
	// namespace is that of the jobs it does, "" of those that have none: a thing
	// may have a device for each.
	namespace string
	session   *session // nil behind HTTPS
	nudge     chan struct{}
	tokens    int

	seen  map[attempt]state // of executions, as acknowledged
	wish  report            // sent last
	asked bool              // and not answered
}

// attempt names an execution.
type attempt struct {
	thing, job string
	number     int64
}

// may tells whether a report may have changed an execution: start-next is about
// any that is queued.
func (r report) may(a attempt, was state) bool {
	return r.attempt == a && !was.ended() || r.job == "" && r.thing == a.thing && was.status == "QUEUED"
}

// state is an execution's.
type state struct {
	status  string
	version int64
	step    string // of the details
}

func (s state) ended() bool { return s.status != "" && !open(s.status) }

// report is what a device asks for.
type report struct {
	attempt
	status, step string
	version      int64 // expected
}

func (d *device) name() string { return d.thing + d.namespace }

// door sends a request and answers what came back; a refusal is an answer.
type door interface {
	report(report) (drovertest.Answer, error)
	// pending asks for the list, describe for an execution of a job, or of
	// jobsdata.Next.
	pending() (drovertest.Answer, error)
	describe(job string) (drovertest.Answer, error)
}

func (d *device) work(l *life) error {
	if d.session == nil {
		return d.run(l, nil, https{d, l})
	}
	for {
		p, err := d.session.connect(l.node, d.session.late)
		if err != nil {
			return err
		}
		err = d.run(l, p, overMQTT{d, p})
		p.drop()
		<-p.done
		if !errors.Is(err, errRebooted) {
			return err
		}
	}
}

var errRebooted = errors.New("the device reboots")

// run does what there is to do, until something breaks.
func (d *device) run(l *life, p *peer, send door) error {
	var gone <-chan struct{}
	if p != nil {
		gone = p.done
	}
	for {
		if err := d.look(l, send); err != nil {
			return err
		}
		x, err := d.start(l, send)
		if err != nil {
			return err
		}
		if x != nil {
			if err := d.finish(l, send, x); err != nil {
				return err
			}
			continue
		}
		select {
		case <-d.nudge:
		case <-gone:
			return errEnded
		case <-l.dead:
			return nil
		}
	}
}

// ask sends a report and notes what it comes to.
func (d *device) ask(l *life, send door, r report) (drovertest.Answer, error) {
	d.wish, d.asked = r, true
	a, err := send.report(r)
	if err != nil {
		return a, err
	}
	d.asked = false
	l.acknowledged("report")
	return a, nil
}

// look reads the list and its head, at times: neither has what has ended, nor
// what is older than what the device knows.
func (d *device) look(l *life, send door) error {
	if d.rand.IntN(4) > 0 {
		return nil
	}
	all, err := d.pending(send)
	if err != nil {
		return err
	}
	for _, x := range append(slices.Clip(all.InProgressJobs), all.QueuedJobs...) {
		a := attempt{d.thing, x.JobID, x.ExecutionNumber}
		if was := d.seen[a]; was.ended() || x.VersionNumber < was.version {
			d.t.Errorf("%v was %+v and is listed with version %d", a, was, x.VersionNumber)
		}
	}
	head, err := send.describe(jobsdata.Next)
	if err != nil {
		return err
	}
	if x := head.Execution; x != nil {
		d.mine(x)
		d.observe(attempt{d.thing, x.JobID, x.ExecutionNumber}, state{x.Status, x.VersionNumber, step(x.StatusDetails)})
	}
	l.acknowledged("list")
	return nil
}

func (d *device) start(l *life, send door) (*drovertest.Execution, error) {
	if d.namespace != "" {
		return d.startHead(l, send)
	}
	a, err := d.ask(l, send, report{attempt: attempt{thing: d.thing}, status: "IN_PROGRESS", step: "step=0"})
	if err != nil || a.Execution == nil {
		return nil, err
	}
	x := a.Execution
	if want := fmt.Sprintf("%q", x.JobID); !strings.Contains(string(x.JobDocument), x.JobID) {
		d.t.Errorf("%s starts %s with the document %s, which does not say %s", d.thing, x.JobID, x.JobDocument, want)
	}
	d.mine(x)
	d.observe(attempt{d.thing, x.JobID, x.ExecutionNumber}, state{x.Status, x.VersionNumber, step(x.StatusDetails)})
	return x, nil
}

// finish reports progress, and how it ended; at times it breaks off.
func (d *device) finish(l *life, send door, x *drovertest.Execution) error {
	at := attempt{d.thing, x.JobID, x.ExecutionNumber}
	version := x.VersionNumber
	for i := range d.rand.IntN(3) {
		r := report{attempt: at, status: "IN_PROGRESS", step: "step=" + strconv.Itoa(i+1), version: version}
		if ok, err := d.report(l, send, r); !ok {
			return err
		}
		version++
	}
	if d.session != nil && d.rand.IntN(20) == 0 {
		return errRebooted
	}
	if d.rand.IntN(4) == 0 {
		if err := d.read(l, send, at); err != nil {
			return err
		}
	}
	ends := []string{"SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "FAILED", "REJECTED"}
	_, err := d.report(l, send, report{attempt: at, status: pick(d.rand, ends), step: "step=end", version: version})
	return err
}

// read asks for an execution of which the device knows what it told last.
func (d *device) read(l *life, send door, at attempt) error {
	a, err := send.describe(at.job)
	if err != nil {
		return err
	}
	if x := a.Execution; x != nil && x.ExecutionNumber == at.number {
		d.observe(at, state{x.Status, x.VersionNumber, step(x.StatusDetails)})
	}
	l.acknowledged("description")
	return nil
}

// report sends an update; it tells whether it was accepted.
func (d *device) report(l *life, send door, r report) (bool, error) {
	a, err := d.ask(l, send, r)
	if err != nil {
		return false, err
	}
	if s := a.ExecutionState; s != nil {
		d.observe(r.attempt, state{s.Status, s.VersionNumber, step(s.StatusDetails)})
		if a.Accepted && (s.Status != r.status || s.VersionNumber != r.version+1) {
			d.t.Errorf("%v: report %+v came to %+v", r.attempt, r, s)
		}
	}
	return a.Accepted, nil
}

// observe notes a state that the node has told: versions never fall, and what
// has ended does not change.
func (d *device) observe(a attempt, is state) {
	was := d.seen[a]
	if is.version < was.version || was != is && (is.version == was.version || was.ended()) {
		d.t.Errorf("%v was %+v and is %+v", a, was, is)
	}
	d.seen[a] = is
}
