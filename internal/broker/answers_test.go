package broker

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
)

// desk is a Requests of which the test tells each outcome when it likes. A
// request "held" has none to tell: it is held up when it is finished.
type desk struct {
	outcomes chan outcome
	held     chan struct{} // closed when those that are held up may go
}

// outcome is of a request that was begun.
type outcome struct {
	of    string // payload
	ready func()
}

func newDesk() *desk { return &desk{make(chan outcome, 1000), make(chan struct{})} }

func (d *desk) Begin(_ Requester, m mqtt.Message) Begun { return ask{d, m} }

type ask struct {
	desk    *desk
	message mqtt.Message
}

func (a ask) isHeld() bool { return string(a.message.Payload) == "held" }

func (a ask) Then(ready func()) bool {
	if !a.isHeld() {
		a.desk.outcomes <- outcome{string(a.message.Payload), ready}
	}
	return !a.isHeld()
}

func (a ask) Finish(context.Context) Reply {
	if a.isHeld() {
		<-a.desk.held
	}
	return Reply{Messages: []mqtt.Message{{Topic: a.message.Topic + "/accepted", Payload: a.message.Payload}}}
}

// taken are the next n outcomes, in the order in which requests were begun.
func (d *desk) taken(n int) (list []outcome) {
	for range n {
		list = append(list, <-d.outcomes)
	}
	return list
}

func TestOutcomesThatAreKnownEarlyWaitForTheirTurn(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		d := newDesk()
		p := start(t, Config{Requests: d}).connect(version, "dev")
		payloads := numbered("r", 50)
		for _, payload := range payloads {
			p.publish(0, getTopic, payload)
		}
		outcomes := d.taken(len(payloads))
		for _, o := range slices.Backward(outcomes[1:]) {
			o.ready()
		}
		p.wantNothing()
		outcomes[0].ready()
		for _, payload := range payloads {
			p.wantMessage(getTopic+"/accepted", payload)
		}
	})
}

// Few workers answer for all connections: a request that is held up must have
// one of its own, also behind answers and before them.
func TestARequestThatIsHeldUpHoldsUpItsOwnConnectionOnly(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		d := newDesk()
		b := start(t, Config{Requests: d})
		var stuck, others []*peer
		for i := range 3 * answersEach {
			stuck = append(stuck, b.connect(version, fmt.Sprintf("stuck-%d", i)))
			others = append(others, b.connect(version, fmt.Sprintf("other-%d", i)))
		}
		for i := range stuck {
			stuck[i].publish(0, getTopic, "first")
			stuck[i].publish(0, getTopic, "held")
			stuck[i].publish(0, getTopic, "last")
			others[i].publish(0, getTopic, "other")
		}
		for _, o := range d.taken(3 * len(stuck)) {
			o.ready()
		}
		for i := range stuck {
			stuck[i].wantMessage(getTopic+"/accepted", "first")
			others[i].wantMessage(getTopic+"/accepted", "other")
		}
		stuck[0].wantNothing()
		close(d.held)
		for _, p := range stuck {
			p.wantMessage(getTopic+"/accepted", "held")
			p.wantMessage(getTopic+"/accepted", "last")
		}
	})
}
