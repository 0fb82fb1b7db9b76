package crash

import (
	"fmt"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
)

// foreman has a job on the whole plant at a time: its rollout, its cancel and
// its deletion go on in slices behind the answer.
type foreman struct{ *operator }

// grown is how many steps it takes until a rollout has come far.
const grown = 12

func (f *foreman) work(l *life) error {
	for {
		if err := f.step(l); err != nil {
			return err
		}
		l.pause(30)
	}
}

func (f *foreman) step(l *life) error {
	j := f.job()
	switch {
	case j == nil:
		return f.create(l)
	case j.canceled.is:
		return f.end(l, j, f.remove)
	case j.held.is.paused && f.rand.IntN(2) == 0, f.rand.IntN(8) == 0:
		return f.hold(l, j)
	case f.rand.IntN(16) == 0:
		return f.limit(l, j)
	case l.slices.Load() || j.age > grown && f.rand.IntN(3) == 0:
		return f.end(l, j, pick(f.rand, []func(*life, *order) error{f.cancel, f.remove}))
	case f.rand.IntN(3) == 0:
		return f.start(l)
	default:
		j.age++
		return f.update(l, j)
	}
}

// start has some machines start what there is to do, so that a cancel finds
// work under way. Nobody finishes it.
func (f *foreman) start(l *life) error {
	for range 5 {
		in := jobsdata.StartNextPendingJobExecutionRequest{ThingName: machine(f.rand.IntN(plantSize))}
		if err := l.call(jobsdata.StartNextPendingJobExecution, in, nil); err != nil {
			return err
		}
		l.acknowledged("report")
	}
	return nil
}

func (f *foreman) end(l *life, j *order, by func(*life, *order) error) error {
	err := by(l, j)
	l.sliced()
	return err
}

// job is the job on the plant, if it is there.
func (f *foreman) job() *order {
	for _, j := range f.live() {
		if j.wide {
			return j
		}
	}
	return nil
}

func (f *foreman) create(l *life) error {
	f.made++
	j := newOrder(fmt.Sprintf("%s-%d", f.id, f.made))
	j.wide = true
	for i := range plantSize {
		j.things = append(j.things, machine(i))
	}
	in := f.request(j)
	in.Targets = []string{arn("thinggroup/" + plant)}
	err := f.try(l, iot.CreateJob, in, j.made, j.there.refuse)
	l.sliced()
	if err != nil || !j.there.is || l.slices.Load() {
		return err
	}
	return f.begun(l, j)
}
