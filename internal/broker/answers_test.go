package broker

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
)

// desk is a Requests of which the test tells each outcome when it likes. Some
// requests, by their payload, are different: of "known" the outcome is known at
// once. The others are held up when they are finished: of "held" there is no
// outcome to tell, "reads" says that it waits, and "stuck" does not.
type desk struct {
	outcomes chan outcome
	held     chan struct{} // closed when those that are held up may go
	finished chan string   // payloads
}

// outcome is of a request that was begun.
type outcome struct {
	of    string // payload
	ready func()
}

func newDesk() *desk {
	return &desk{make(chan outcome, 1000), make(chan struct{}), make(chan string, 1000)}
}

func (d *desk) Begin(_ Requester, m mqtt.Message) Begun { return ask{d, m, string(m.Payload)} }

type ask struct {
	desk    *desk
	message mqtt.Message
	payload string
}

func (a ask) Then(ready func()) bool {
	switch a.payload {
	case "held":
		return false
	case "known":
		ready()
	default:
		a.desk.outcomes <- outcome{a.payload, ready}
	}
	return true
}

func (a ask) Waits() bool { return a.payload == "reads" }

func (a ask) Finish(context.Context) Reply {
	a.desk.finished <- a.payload
	switch a.payload {
	case "held", "reads", "stuck":
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

// tell tells the next n outcomes.
func (d *desk) tell(n int) {
	for _, o := range d.taken(n) {
		o.ready()
	}
}

// isAt waits until a request is being finished.
func (d *desk) isAt(t *testing.T, payload string) {
	t.Helper()
	if got := <-d.finished; got != payload {
		t.Fatalf("%q is finished, want %q", got, payload)
	}
}

func (p *peer) wantAnswers(payloads ...string) {
	p.t.Helper()
	for _, payload := range payloads {
		p.wantMessage(getTopic+"/accepted", payload)
	}
}

func (p *peer) ask(payloads ...string) {
	for _, payload := range payloads {
		p.publish(0, getTopic, payload)
	}
}

func TestOutcomesThatAreKnownEarlyWaitForTheirTurn(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		d := newDesk()
		p := start(t, Config{Requests: d}).connect(version, "dev")
		payloads := numbered("r", 50)
		p.ask(payloads...)
		outcomes := d.taken(len(payloads))
		for _, o := range slices.Backward(outcomes[1:]) {
			o.ready()
		}
		p.wantNothing()
		outcomes[0].ready()
		p.wantAnswers(payloads...)
	})
}

func TestOutcomesThatAreKnownAtOnceAreAnswered(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		p := start(t, Config{Requests: newDesk()}).connect(version, "dev")
		p.ask("known")
		p.wantAnswers("known")
		p.ask("known", "known")
		p.wantAnswers("known", "known")
	})
}

// Few workers answer for all connections: a request that waits must have one of
// its own, also behind answers and before them.
func TestARequestThatWaitsHoldsUpItsOwnConnectionOnly(t *testing.T) {
	for _, waits := range []string{"held", "reads"} {
		t.Run(waits, func(t *testing.T) {
			d := newDesk()
			b := start(t, Config{Requests: d})
			outcomes := map[string]int{"held": 1, "reads": 2}[waits]
			var stuck, others []*peer
			for i := range 3 { // fewer than would call another worker
				stuck = append(stuck, b.connect(mqtt.V311, fmt.Sprintf("stuck-%d", i)))
				stuck[i].ask("first", waits, "known")
				d.tell(outcomes)
				stuck[i].wantAnswers("first")
				d.isAt(t, "first")
				d.isAt(t, waits)
			}
			for i := range 3 {
				others = append(others, b.connect(mqtt.V5, fmt.Sprintf("other-%d", i)))
				others[i].ask("other")
				d.tell(1)
				others[i].wantAnswers("other")
			}
			stuck[0].wantNothing()
			close(d.held)
			for _, p := range stuck {
				p.wantAnswers(waits, "known")
			}
		})
	}
}

func TestBehindAnAnswerThatIsStuckOnlySoManyWait(t *testing.T) {
	d := newDesk()
	b := start(t, Config{Requests: d})
	stuck := b.connect(mqtt.V5, "stuck")
	stuck.ask("stuck")
	d.tell(1)
	d.isAt(t, "stuck")
	var others []*peer
	for i := range answersEach + 1 {
		others = append(others, b.connect(mqtt.V5, fmt.Sprintf("other-%d", i)))
		others[i].ask("other")
	}
	d.tell(len(others))
	for _, p := range others {
		p.wantAnswers("other")
	}
	close(d.held)
	stuck.wantAnswers("stuck")
}

func TestWhoAsksForMuchTakesTurnsWithOthers(t *testing.T) {
	d := newDesk()
	b := start(t, Config{Requests: d})
	stuck, many, one := b.connect(mqtt.V5, "stuck"), b.connect(mqtt.V5, "many"), b.connect(mqtt.V5, "one")
	stuck.ask("stuck")
	d.tell(1)
	d.isAt(t, "stuck")
	many.ask("many-1", "many-2", "many-3")
	d.tell(3)
	one.ask("one")
	d.tell(1)
	close(d.held)
	for _, payload := range []string{"many-1", "one", "many-2", "many-3"} {
		d.isAt(t, payload)
	}
	many.wantAnswers("many-1", "many-2", "many-3")
}
