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
	nudge  func(things ...string)
	made   int
	jobs   []*order // all it ever tried to make
}

// order is a job, as its operator knows it.
type order struct {
	id         string
	continuous bool
	things     []string
	there      fact[bool]
	settings   fact[settings]
	canceled   fact[bool]
	deleted    fact[bool]
	status     string // as the last audit saw it
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

func (o *operator) settings() settings {
	o.made++
	return settings{fmt.Sprintf("%s %d", o.id, o.made), 1 + o.rand.Int64N(5), 100 + o.rand.IntN(900)}
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
	var live []*order
	for _, j := range o.jobs {
		if j.there.is && !j.deleted.is {
			live = append(live, j)
		}
	}
	j := pick(o.rand, live)
	switch dice := o.rand.IntN(6); {
	case len(live) < mostJobs && o.rand.IntN(2) == 0:
		return o.create(l)
	case j.continuous || dice < 2:
		return o.update(l, j)
	case dice < 3:
		return o.cancel(l, j)
	default:
		return o.remove(l, j)
	}
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
	j := &order{id: fmt.Sprintf("%s-%d", o.id, o.made), things: some(o.rand, 4, o.things)}
	in := o.request(j)
	for _, thing := range j.things {
		in.Targets = append(in.Targets, arn("thing/"+thing))
	}
	if o.rand.IntN(3) == 0 {
		in.JobExecutionsRetryConfig = &iot.JobExecutionsRetryConfig{CriteriaList: []iot.RetryCriteria{{FailureType: "ALL", NumberOfRetries: 2}}}
	}
	err := o.try(l, iot.CreateJob, in, j.made, j.there.refuse)
	o.nudge(j.things...)
	return err
}

// request notes a job as asked for and is the request for it, without targets.
func (o *operator) request(j *order) iot.CreateJobRequest {
	j.there.ask(true)
	j.settings.ask(o.settings())
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
}

// follow makes the operator's CONTINUOUS job, which stays.
func (o *operator) follow(n *node) error {
	j := &order{id: o.id + "-follow", continuous: true}
	in := o.request(j)
	in.TargetSelection, in.Targets = "CONTINUOUS", []string{arn("thinggroup/" + group)}
	if err := n.call(iot.CreateJob, in, nil); err != nil {
		return err
	}
	j.made()
	return nil
}

func arn(resource string) string { return "arn:aws:iot:us-east-1:000000000000:" + resource }

func (o *operator) update(l *life, j *order) error {
	j.settings.ask(o.settings())
	in := iot.UpdateJobRequest{
		JobID: j.id, Description: j.settings.wish.description,
		TimeoutConfig:              &iot.TimeoutConfig{InProgressTimeoutInMinutes: j.settings.wish.timeout},
		JobExecutionsRolloutConfig: &iot.JobExecutionsRolloutConfig{MaximumPerMinute: j.settings.wish.rate},
	}
	return o.try(l, iot.UpdateJob, in, j.settings.done, j.settings.refuse)
}

func (o *operator) cancel(l *life, j *order) error {
	j.canceled.ask(true)
	in := iot.CancelJobRequest{JobID: j.id, Force: o.rand.IntN(2) == 0}
	return o.try(l, iot.CancelJob, in, j.canceled.done, j.canceled.refuse)
}

func (o *operator) remove(l *life, j *order) error {
	j.deleted.ask(true)
	in := iot.DeleteJobRequest{JobID: j.id, Force: o.rand.IntN(2) == 0}
	return o.try(l, iot.DeleteJob, in, j.deleted.done, j.deleted.refuse)
}
