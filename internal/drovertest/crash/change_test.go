package crash

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// signer is the access key that every request of an operator says signed it.
const signer = "drover"

// ledger is the history of a job, as its operator knows it: what was granted,
// the oldest first, and what is under way, if anything is.
type ledger struct {
	granted []string // names of operations
	under   string
}

// version is the version of the job.
// spec: job-lifecycle.md#121-version
func (g *ledger) version() int64 { return int64(len(g.granted)) }

func (g *ledger) grant() {
	g.granted = append(g.granted, g.under)
	g.under = ""
}

// change sends a change of a job. At times it depends on the version that the
// job is at, and at times on one that it has left behind.
func (o *operator) change(l *life, j *order, op awsapi.Operation, in awsapi.Shaped, out any, done, refuse func()) error {
	at, stale := "", false
	switch o.rand.IntN(6) {
	case 0, 1:
		at = awsapi.ETag(j.history.version())
	case 2:
		at, stale = awsapi.ETag(j.history.version()-1), true
	}
	j.history.under = op.Name
	tag, err := l.callAt(op, in, at, out)
	switch {
	case err == nil:
		j.history.grant()
		if want := awsapi.ETag(j.history.version()); stale || tag != want && op.Name != iot.DeleteJob.Name {
			o.t.Errorf("%s of job %s at %s (stale %t) is answered with version %s, want %s", op.Name, j.id, at, stale, tag, want)
		}
		done()
	case refused(err):
		j.history.under = ""
		if (status(err) == http.StatusPreconditionFailed) != stale {
			o.t.Errorf("%s of job %s at %s (stale %t): %v", op.Name, j.id, at, stale, err)
		}
		refuse()
	default:
		return err
	}
	if stale {
		l.acknowledged("stale version")
		return nil
	}
	l.acknowledged(op.Name)
	return nil
}

// mostChanges is how many changes of a job are kept.
// spec: job-lifecycle.md#122-history
const mostChanges = 1000

// auditHistory holds the history of a job to what was granted: it has each
// change once, the newest first, and the job is at the version of the last. All
// of it is read at the end, what is new at any time.
func (tr *trial) auditHistory(n *node, j *order, last bool) error {
	var shown iot.DroverJob
	tag, err := n.callAt(iot.GetDroverJob, iot.GetDroverJobRequest{JobID: j.id}, "", &shown)
	if err != nil {
		return err
	}
	changes, err := changesOf(n, j.id, last)
	if err != nil {
		return err
	}
	asked := tr.chosen(changes)
	if g := &j.history; g.under != "" && shown.Version == g.version()+1 {
		g.grant()
		tr.t.saw("change open at a kill, done")
	}
	j.history.under = ""
	want := slices.Clone(j.history.granted)
	slices.Reverse(want)
	var names []string
	for i, c := range asked {
		names = append(names, c.Operation)
		if c.Version != shown.Version-int64(i) || c.By != signer {
			tr.t.Errorf("job %s is at version %d, its %d. change from the end is %+v", j.id, shown.Version, i, c)
		}
	}
	if most := min(mostChanges, len(want)); !last || len(want) > mostChanges {
		want = want[:min(most, len(names))]
	}
	if shown.Version != j.history.version() || tag != awsapi.ETag(shown.Version) || len(names) == 0 || !slices.Equal(names, want) {
		tr.t.Errorf("job %s is at version %d (%s), granted were %d changes; its history has %v, want %v",
			j.id, shown.Version, tag, j.history.version(), names, want)
	}
	tr.auditHeld(j, shown)
	return nil
}

// changesOf is the history of a job, or its newest page.
func changesOf(n *node, job string, all bool) (changes []iot.JobChange, err error) {
	in := iot.ListJobChangesRequest{JobID: job, MaxResults: 250}
	for {
		var out iot.ListJobChangesAnswer
		if err := n.call(iot.ListJobChanges, in, &out); err != nil {
			return nil, fmt.Errorf("read the history of %s: %w", job, err)
		}
		changes = append(changes, out.Changes...)
		if in.NextToken = out.NextToken; in.NextToken == "" || !all {
			return changes, nil
		}
	}
}

// chosen are the changes that somebody asked for. What a job does by itself ends
// it, so that it comes once, and nothing but a deletion behind it.
func (tr *trial) chosen(changes []iot.JobChange) (asked []iot.JobChange) {
	var ends int
	for _, c := range changes {
		if c.By != "" {
			asked = append(asked, c)
			continue
		}
		ends++
	}
	if ends > 1 {
		tr.t.Errorf("a job ended %d times: %+v", ends, changes)
	}
	return asked
}

// status is the status of a refusal.
func status(err error) int {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.status
	}
	return 0
}
