package device

import (
	"context"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/mqtt"
)

// outcome is of something that was submitted: see engine.Submitted.
type outcome interface{ Then(fn func()) }

// result is an operation that was begun.
type result[Out any] struct {
	// submitted is settled when wait waits for no commit any more; nil: all the
	// work is wait's.
	submitted outcome
	// reads tells, once it is settled, whether wait has something to read from
	// the store; nil: it has not.
	reads func() bool
	wait  func(context.Context) (*Out, []engine.ListChange, error)
}

// settled is an outcome that is known.
type settled struct{}

func (settled) Then(fn func()) { fn() }

// failed is an operation that cannot be.
func failed[Out any](err error) result[Out] {
	return result[Out]{settled{}, nil, func(context.Context) (*Out, []engine.ListChange, error) { return nil, nil, err }}
}

// begun is a result as the answer that it will be over MQTT.
type begun struct {
	submitted outcome
	reads     func() bool
	wait      func(context.Context) answer
}

// refused is a request that cannot be.
func refused(err error, token *string) begun {
	return begun{settled{}, nil, func(context.Context) answer { return answer{err: err, token: token} }}
}

// run starts an operation, unless its request could not be read.
func run[In any, Out accepted](op func(In) result[Out], in In, token *string, err error) begun {
	if err != nil {
		return refused(err, token)
	}
	r := op(in)
	return begun{r.submitted, r.reads, func(ctx context.Context) answer {
		out, changes, err := r.wait(ctx)
		if err != nil {
			return answer{err: err, token: token}
		}
		return answer{accepted: *out, token: token, changes: changes}
	}}
}

// asked is a request for Jobs over MQTT that was begun.
type asked struct {
	door    *Door
	from    broker.Requester
	message mqtt.Message
	topic   topic
	begun
	since time.Time
}

// Then implements broker.Begun.
func (a *asked) Then(ready func()) bool {
	if a.submitted == nil {
		return false
	}
	a.submitted.Then(ready)
	return true
}

// Waits implements broker.Begun.
func (a *asked) Waits() bool { return a.reads != nil && a.reads() }

// Finish implements broker.Begun.
func (a *asked) Finish(ctx context.Context) broker.Reply {
	answer := a.wait(ctx)
	a.door.served(Served{
		From: a.from, Service: awsapi.JobsData, Operation: a.topic.request.operation(),
		Thing: a.topic.thing, Topic: a.message.Topic, Err: answer.err,
	}, a.since)
	return a.door.reply(a.message, answer)
}
