package crash

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// reached finds things that a rollout which has ended left out, members of the
// groups without an execution, and others with one.
func (tr *trial) reached(j *order, is iot.Job, rows []execution) {
	newest := latest(rows)
	if j.continuous {
		tr.followed(j, newest)
		return
	}
	if is.Status == "CANCELED" || len(is.JobProcessDetails.ProcessingTargets) > 0 {
		return
	}
	for _, thing := range j.things {
		if newest[thing].number == 0 && !j.erasedOn(thing) {
			tr.t.Errorf("job %s, %s, did not reach %s", j.id, is.Status, thing)
		}
	}
}

// followed holds a CONTINUOUS job to the members of its groups. A thing that was
// removed and then found itself in a group that was associated is not run again
// until it joins anew.
func (tr *trial) followed(j *order, newest map[string]execution) {
	for _, thing := range tr.things() {
		x, member := newest[thing], tr.registrar.inAny(thing, j.targets)
		removed := x.status == "REMOVED"
		j.passed[thing] = removed && (j.passed[thing] || j.widened)
		due := member && (x.number == 0 || removed && !j.passed[thing]) && !j.held.is.paused // what joins it then, waits
		if due || !member && open(x.status) {
			tr.t.Errorf("job %s: member %t, execution of %s is %q", j.id, member, thing, x.status)
		}
	}
	j.widened = false
}

// erasedOn tells whether an execution on the thing may have been deleted.
func (j *order) erasedOn(thing string) bool {
	for a, f := range j.erased {
		if a.thing == thing && (f.is || f.asked) {
			return true
		}
	}
	return false
}

// single holds what was cancelled, with its job or by itself, and what was
// deleted by itself, to what was acknowledged.
func (tr *trial) single(j *order, is iot.Job, rows []execution) {
	there := map[attempt]bool{}
	for _, x := range rows {
		there[attempt{x.thing, j.id, x.number}] = true
		if is.Status == "CANCELED" && (x.status == "QUEUED" || j.forced && open(x.status)) {
			tr.t.Errorf("job %s is cancelled (force %t), and on %s it is %s", j.id, j.forced, x.thing, x.status)
		}
	}
	for a, f := range j.erased {
		f.found(tr.t, fmt.Sprintf("deletion of %v", a), !there[a])
	}
	newest := latest(rows)
	for thing, f := range j.stopped {
		if f.is && !j.erasedOn(thing) && newest[thing].status != "CANCELED" {
			tr.t.Errorf("job %s was cancelled on %s and is %q", j.id, thing, newest[thing].status)
		}
		f.is, f.asked = f.is || f.asked && newest[thing].status == "CANCELED", false
	}
}

// auditExecutions holds the executions of a job to what their devices know.
func (tr *trial) auditExecutions(n *node, j *order, rows []execution, last bool) error {
	there := map[attempt]bool{}
	for _, x := range rows {
		a, d := attempt{x.thing, j.id, x.number}, tr.device(x.thing, j.namespace)
		there[a] = true
		if d == nil {
			continue // nobody works for a spare thing
		}
		if was := d.seen[a]; !last && was.ended() && was.status == x.status {
			continue
		}
		var out iot.DescribeJobExecutionAnswer
		in := iot.DescribeJobExecutionRequest{ThingName: x.thing, JobID: j.id, ExecutionNumber: &x.number}
		if err := n.call(iot.DescribeJobExecution, in, &out); err != nil {
			return err
		}
		is := state{out.Execution.Status, out.Execution.VersionNumber, step(out.Execution.StatusDetails.DetailsMap)}
		if is.status != x.status {
			tr.t.Errorf("%v is %s in the list and %s by itself", a, x.status, is.status)
		}
		d.audit(j, a, is)
	}
	for _, d := range tr.devices {
		for a, was := range d.seen {
			if a.job != j.id || there[a] {
				continue
			}
			if f := j.erased[a]; f == nil || !f.is {
				tr.t.Errorf("%v was %+v and is lost", a, was)
			}
			delete(d.seen, a)
		}
	}
	return nil
}

func (tr *trial) device(thing, namespace string) *device {
	if i := slices.IndexFunc(tr.devices, func(d *device) bool { return d.thing == thing && d.namespace == namespace }); i >= 0 {
		return tr.devices[i]
	}
	return nil
}

// audit holds an execution to what its device knows: it is as acknowledged, or
// as asked for, or the server has gone on from there.
func (d *device) audit(j *order, a attempt, is state) {
	was, known := d.seen[a]
	if !known {
		was = state{"QUEUED", 1, ""}
	}
	from := []state{was}
	if d.asked && d.wish.may(a, was) {
		from = append(from, state{d.wish.status, was.version + 1, d.wish.step})
	}
	d.seen[a] = is
	if len(from) > 1 {
		d.t.saw(fmt.Sprintf("report open at a kill, done %t", is != was))
	}
	if slices.Contains(from, is) {
		return
	}
	for _, f := range from {
		if !f.ended() && is.version == f.version+1 && is.step == f.step && j.mayBecome(a.thing, is.status) {
			return
		}
	}
	d.t.Errorf("%v is %+v; it was %+v (seen %t), asked for %+v (%t)", a, is, was, known, d.wish, d.asked)
}

// mayBecome tells whether the server may end an execution of the job so.
func (j *order) mayBecome(thing, status string) bool {
	switch status {
	case "CANCELED":
		return j.status == "CANCELED" || j.stopped[thing] != nil && j.stopped[thing].is
	case "REMOVED":
		return j.continuous
	default:
		return status == "TIMED_OUT"
	}
}

// step is what a device said in its details.
func step(details map[string]string) string {
	var all []string
	for name, value := range details {
		all = append(all, name+"="+value)
	}
	return strings.Join(all, ",")
}
