package crash

import (
	"fmt"
	"math/rand/v2"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// operator makes jobs, changes them, and ends them.
type operator struct {
	t      *witness
	rand   *rand.Rand
	id     string
	things []string
	spaced []string // those whose devices do the jobs of the namespace
	nudge  func(things ...string)
	fast   bool // its rollouts are
	made   int
	jobs   []*order // all it ever tried to make
}

// order is a job, as its operator knows it.
type order struct {
	id         string
	continuous bool
	windows    bool // it has maintenance windows
	wide       bool // on the plant: what is done to it takes slices
	age        int  // steps since it was made, of a wide one
	things     []string
	highest    int // rate ever asked for
	there      fact[bool]
	settings   fact[settings]
	canceled   fact[bool]
	forced     bool // if it is cancelled
	deleted    fact[bool]
	history    ledger
	namespace  string
	held       fact[held]
	inFlight   int                     // the most that may be, since its cap was set
	released   int                     // things that had it when it was paused
	unsure     bool                    // a cap was asked for, and what was in flight then is not known
	targets    map[string]*fact[bool]  // groups, of a CONTINUOUS one
	widened    bool                    // a target was added since the last audit
	passed     map[string]bool         // things that such a target did not run again
	stopped    map[string]*fact[bool]  // things whose latest execution was cancelled by itself
	erased     map[attempt]*fact[bool] // executions that were deleted by themselves
	status     string                  // as the last audit saw it
}

// settings are what UpdateJob changes.
type settings struct {
	description string
	timeout     int64 // minutes
	rate        int   // things a minute
}

func (o *operator) name() string { return o.id }

// document is the document of a job.
func (j *order) document() string { return fmt.Sprintf(`{"run":"%s"}`, j.id) }

func (o *operator) settings(of *order) settings {
	o.made++
	rate := 1 + o.rand.IntN(12) // slow enough to be held back in the midst of it
	switch {
	case of.continuous, !o.fast && o.rand.IntN(2) == 0: // one that goes on is to keep up with its groups
		rate = 100 + o.rand.IntN(900)
	case o.fast:
		rate = pick(o.rand, []int{600_000, 6_000_000, 60_000_000})
	}
	return settings{fmt.Sprintf("%s %d", o.id, o.made), 1 + o.rand.Int64N(5), rate}
}

// mostJobs is how many jobs an operator has at a time.
const mostJobs = 10

func (o *operator) work(l *life) error {
	for {
		if err := o.step(l); err != nil {
			return err
		}
	}
}

// step does one thing to a job.
func (o *operator) step(l *life) error {
	live := o.live()
	j := pick(o.rand, live)
	switch dice := o.rand.IntN(12); {
	case len(live) < mostJobs && o.rand.IntN(2) == 0:
		return o.create(l)
	case o.rand.IntN(6) == 0 || j.held.is.paused && o.rand.IntN(3) == 0:
		return o.hold(l, j)
	case !j.continuous && o.rand.IntN(12) == 0:
		return o.limit(l, j)
	case j.continuous && dice < 3:
		return o.associate(l, j)
	case j.continuous || dice < 3:
		return o.update(l, j)
	case dice < 7:
		return o.one(l, j)
	case dice < 8:
		return o.cancel(l, j)
	default:
		return o.remove(l, j)
	}
}

// live are the jobs that are there.
func (o *operator) live() (live []*order) {
	for _, j := range o.jobs {
		if j.there.is && !j.deleted.is {
			live = append(live, j)
		}
	}
	return live
}

// try sends what was asked for; a refusal is an answer too.
func (o *operator) try(l *life, op awsapi.Operation, in awsapi.Shaped, done, refuse func()) error {
	err := l.call(op, in, nil)
	switch {
	case err == nil:
		done()
	case refused(err):
		refuse()
	default:
		return err
	}
	l.acknowledged(op.Name)
	return nil
}

func (o *operator) create(l *life) error {
	o.made++
	j := newOrder(fmt.Sprintf("%s-%d", o.id, o.made))
	j.things = some(o.rand, 6, o.things)
	if o.rand.IntN(4) == 0 {
		j.id, j.namespace, j.things = j.id+"-"+space, space, some(o.rand, 3, o.spaced)
	}
	in := o.request(j)
	in.NamespaceID = j.namespace
	for _, thing := range j.things {
		in.Targets = append(in.Targets, arn("thing/"+thing))
	}
	if o.rand.IntN(3) == 0 {
		in.JobExecutionsRetryConfig = &iot.JobExecutionsRetryConfig{CriteriaList: []iot.RetryCriteria{{FailureType: "ALL", NumberOfRetries: 2}}}
	}
	if j.windows = o.rand.IntN(6) == 0; j.windows { // open every other minute
		in.SchedulingConfig = &iot.SchedulingConfig{MaintenanceWindows: []iot.MaintenanceWindow{{StartTime: "*/2 * * * ? *", DurationInMinutes: 1}}}
	}
	err := o.try(l, iot.CreateJob, in, j.made, j.there.refuse)
	o.nudge(j.things...)
	if err != nil || !j.there.is {
		return err
	}
	return o.begun(l, j)
}

// begun holds a job back, at times, before its rollout has got far.
func (o *operator) begun(l *life, j *order) error {
	switch o.rand.IntN(6) {
	case 0:
		return o.hold(l, j)
	case 1, 2:
		return o.limit(l, j)
	}
	return nil
}

func newOrder(id string) *order {
	return &order{id: id, passed: map[string]bool{}, targets: map[string]*fact[bool]{}, stopped: map[string]*fact[bool]{}, erased: map[attempt]*fact[bool]{}}
}

// wish notes settings that are about to be asked for.
func (j *order) wish(s settings) {
	j.settings.ask(s)
	j.highest = max(j.highest, s.rate)
}

// request notes a job as asked for and is the request for it, without targets.
func (o *operator) request(j *order) iot.CreateJobRequest {
	j.there.ask(true)
	j.history.under = iot.CreateJob.Name
	j.wish(o.settings(j))
	o.jobs = append(o.jobs, j)
	return iot.CreateJobRequest{
		JobID: j.id, Document: j.document(), Description: j.settings.wish.description,
		TimeoutConfig:              &iot.TimeoutConfig{InProgressTimeoutInMinutes: j.settings.wish.timeout},
		JobExecutionsRolloutConfig: &iot.JobExecutionsRolloutConfig{MaximumPerMinute: j.settings.wish.rate},
	}
}

// made notes that the job is there.
func (j *order) made() {
	j.there.done()
	j.settings.done()
	j.history.grant()
}

// follow makes the operator's CONTINUOUS job, which stays.
func (o *operator) follow(n *node) error {
	j := newOrder(o.id + "-follow")
	j.continuous = true
	for _, group := range groups {
		j.targets[group] = &fact[bool]{is: group == groups[0]}
	}
	in := o.request(j)
	in.TargetSelection, in.Targets = "CONTINUOUS", []string{arn("thinggroup/" + groups[0])}
	if err := n.call(iot.CreateJob, in, nil); err != nil {
		return err
	}
	j.made()
	return nil
}

func arn(resource string) string { return "arn:aws:iot:us-east-1:000000000000:" + resource }

func (o *operator) update(l *life, j *order) error {
	j.wish(o.settings(j))
	in := iot.UpdateJobRequest{
		JobID: j.id, Description: j.settings.wish.description,
		TimeoutConfig:              &iot.TimeoutConfig{InProgressTimeoutInMinutes: j.settings.wish.timeout},
		JobExecutionsRolloutConfig: &iot.JobExecutionsRolloutConfig{MaximumPerMinute: j.settings.wish.rate},
	}
	return o.change(l, j, iot.UpdateJob, in, nil, j.settings.done, j.settings.refuse)
}

// associate adds a group to the targets of a CONTINUOUS job; a group stays.
func (o *operator) associate(l *life, j *order) error {
	group := pick(o.rand, groups)
	f := j.targets[group]
	j.widened = j.widened || !f.is
	f.ask(true)
	in := iot.AssociateTargetsWithJobRequest{JobID: j.id, Targets: []string{arn("thinggroup/" + group)}}
	err := o.change(l, j, iot.AssociateTargetsWithJob, in, nil, f.done, f.refuse)
	o.nudge(o.things...)
	return err
}

func (o *operator) cancel(l *life, j *order) error {
	force := o.rand.IntN(2) == 0
	j.canceled.ask(true)
	done := func() {
		j.canceled.done()
		j.forced = force
	}
	return o.change(l, j, iot.CancelJob, iot.CancelJobRequest{JobID: j.id, Force: force}, nil, done, j.canceled.refuse)
}

func (o *operator) remove(l *life, j *order) error {
	j.deleted.ask(true)
	in := iot.DeleteJobRequest{JobID: j.id, Force: o.rand.IntN(2) == 0}
	return o.change(l, j, iot.DeleteJob, in, nil, j.deleted.done, j.deleted.refuse)
}

// one cancels or deletes one execution of a job.
func (o *operator) one(l *life, j *order) error {
	rows, err := executions(l.node, j.id)
	if refused(err) || err == nil && len(rows) == 0 {
		return nil // it has not reached anybody
	}
	if err != nil {
		return err
	}
	x, force := pick(o.rand, rows), o.rand.IntN(3) > 0
	if o.rand.IntN(2) == 0 {
		f := know(j.stopped, x.thing)
		f.ask(true)
		in := iot.CancelJobExecutionRequest{JobID: j.id, ThingName: x.thing, Force: force}
		return o.try(l, iot.CancelJobExecution, in, f.done, f.refuse)
	}
	f := know(j.erased, attempt{x.thing, j.id, x.number})
	f.ask(true)
	in := iot.DeleteJobExecutionRequest{JobID: j.id, ThingName: x.thing, ExecutionNumber: x.number, Force: force}
	return o.try(l, iot.DeleteJobExecution, in, f.done, f.refuse)
}

// know is what is known of a thing among others; at first it is not so.
func know[K comparable](of map[K]*fact[bool], key K) *fact[bool] {
	if of[key] == nil {
		of[key] = &fact[bool]{}
	}
	return of[key]
}
