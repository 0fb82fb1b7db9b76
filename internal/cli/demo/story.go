package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/clock"
)

// story is a demo that is being played.
type story struct {
	stage
	place
	control client
	fleet   *fleet

	script script
	cues   []cue
	began  time.Time // by the real clock
	start  time.Time // of the job, by the fleet's clock
	now    time.Time // by the fleet's clock

	job     iot.Job // as it was described last
	counted int     // devices notified when the rollout was configured
	rate    int     // in force; 0: everyone has the job

	ended  []happening // not yet told
	toldAt time.Duration
}

// cue is something that the operator does at a time since CreateJob.
type cue struct {
	at time.Duration
	do func(context.Context) error
}

// longest is when the demo gives up, in the fleet's time.
const longest = time.Hour

// begin registers and connects the fleet and creates the job.
func (s *story) begin(ctx context.Context) error {
	s.began = clock.Wall()
	s.screen.line(fmt.Sprintf("Drover demo: %s, a job, and two changes of it in flight", things(s.devices)))
	s.screen.line(fmt.Sprintf("The node is on %s and %s, data in %s", s.http, s.mqtt, s.data))
	s.screen.line("Its clock is virtual: the demo moves it by POST /drover/v1/clock/advance, about 20 times faster than real time")
	s.screen.line("")
	group, err := s.control.register(ctx, demoGroup, s.fleet.names())
	if err != nil {
		return err
	}
	s.tell(operator("CreateThing", "%s in the group %s", things(s.devices), demoGroup))
	if err := s.fleet.connect(ctx, s.mqtt); err != nil {
		return err
	}
	s.tell(event{who: "devices", what: fmt.Sprintf("%s connected by MQTT, waiting for notify-next", things(s.devices))})
	s.script = scriptFor(s.devices, demoJob, group)
	s.cues = []cue{{fasterAt, s.faster}, {shorterAt, s.shorter}}
	return s.createJob(ctx)
}

func (s *story) createJob(ctx context.Context) error {
	in := s.script.create
	if err := s.control.createJob(ctx, in); err != nil {
		return err
	}
	if err := s.describe(ctx); err != nil {
		return err
	}
	s.start = s.job.CreatedAt.Time
	s.now = s.start
	abort := in.AbortConfig.CriteriaList[0]
	s.rate = s.inForce()
	s.tell(operator("CreateJob", "%s: rollout %s", in.JobID, rolloutText(*in.JobExecutionsRolloutConfig)))
	s.tell(operator("", "timeout %d min, one retry for a failure and one for a timeout", in.TimeoutConfig.InProgressTimeoutInMinutes))
	s.tell(operator("", "abort at %s%% FAILED of %d or more that ended", abort.ThresholdPercentage, abort.MinNumberOfExecutedThings))
	return nil
}

// rolloutText is a rollout configuration in words.
func rolloutText(c iot.JobExecutionsRolloutConfig) string {
	e := c.ExponentialRate
	t := fmt.Sprintf("%d/min, times %s for every %s reached", e.BaseRatePerMinute, e.IncrementFactor,
		things(e.RateIncreaseCriteria.NumberOfNotifiedThings))
	if c.MaximumPerMinute > 0 {
		t += fmt.Sprintf(", at most %d/min", c.MaximumPerMinute)
	}
	return t
}

// runJob moves the clock until the job has ended.
func (s *story) runJob(ctx context.Context) error {
	var beat metronome
	defer beat.stop()
	for s.job.Status == "IN_PROGRESS" {
		if err := beat.wait(ctx, s.tick); err != nil {
			return err
		}
		if err := s.advance(ctx, step); err != nil {
			return err
		}
		if err := s.follow(ctx); err != nil {
			return err
		}
		if s.at() > longest {
			return fmt.Errorf("demo: the job has not ended after %s of the fleet's time", s.at())
		}
	}
	if s.job.Status != "COMPLETED" {
		return fmt.Errorf("demo: the job ended as %s (%s %s), which it should not", s.job.Status, s.job.ReasonCode, s.job.Comment)
	}
	ended, err := s.fleet.settle(ctx, s.now)
	s.ended = append(s.ended, ended...)
	s.tellEnded(0)
	s.tell(event{who: "job", what: "COMPLETED: every device has ended", tone: goodTone})
	return err
}

// follow reads how the job stands, shows it, and gives the operator his cue.
func (s *story) follow(ctx context.Context) error {
	if err := s.describe(ctx); err != nil {
		return err
	}
	s.tellEnded(s.patience())
	s.tellRate()
	s.screen.show(status{at: s.at(), devices: s.devices, rate: s.rate, job: s.job.JobProcessDetails})
	for len(s.cues) > 0 && s.at() >= s.cues[0].at && s.job.Status == "IN_PROGRESS" {
		do := s.cues[0].do
		s.cues = s.cues[1:]
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) describe(ctx context.Context) error {
	var err error
	s.job, err = s.control.describeJob(ctx, s.script.create.JobID)
	return err
}

// faster is the first UpdateJob: the rollout begins anew at a higher rate.
func (s *story) faster(ctx context.Context) error {
	before := s.inForce()
	if err := s.control.updateJob(ctx, s.script.faster); err != nil {
		return err
	}
	s.counted = notified(s.job.JobProcessDetails)
	if err := s.describe(ctx); err != nil {
		return err
	}
	after := s.inForce()
	if s.rate > 0 {
		s.rate = after
	}
	s.tell(operator("UpdateJob", "%d/min → %d/min: rollout %s", before, after, rolloutText(s.job.JobExecutionsRolloutConfig)))
	return nil
}

// shorter is the second UpdateJob: a shorter timeout, for what starts from now
// on, and a description that says so.
func (s *story) shorter(ctx context.Context) error {
	before := s.job
	if err := s.control.updateJob(ctx, s.script.shorter); err != nil {
		return err
	}
	if err := s.describe(ctx); err != nil {
		return err
	}
	s.tell(operator("UpdateJob", "timeout %d min → %d min, for devices that start from now on",
		before.TimeoutConfig.InProgressTimeoutInMinutes, s.job.TimeoutConfig.InProgressTimeoutInMinutes))
	s.tell(operator("UpdateJob", "description %q → %q", before.Description, s.job.Description))
	return nil
}

// inForce is the rate by what DescribeJob says.
func (s *story) inForce() int {
	return rateInForce(s.job.JobExecutionsRolloutConfig, notified(s.job.JobProcessDetails)-s.counted)
}

// tellRate tells when the rate has grown by itself, and when there is nothing
// left to roll out.
func (s *story) tellRate() {
	before, reached := s.rate, notified(s.job.JobProcessDetails)
	s.rate = 0
	if len(s.job.JobProcessDetails.ProcessingTargets) > 0 {
		s.rate = s.inForce()
	}
	switch s.rate {
	case before:
	case 0:
		s.tell(event{who: "rollout", what: "everyone has the job: " + things(reached)})
	default:
		s.tell(event{who: "rollout", what: fmt.Sprintf("%d/min → %d/min: %s reached", before, s.rate, things(reached))})
	}
}

// at is the fleet's time since CreateJob.
func (s *story) at() time.Duration { return s.now.Sub(s.start) }

func (s *story) tell(e event) { s.screen.event(s.at(), e) }
