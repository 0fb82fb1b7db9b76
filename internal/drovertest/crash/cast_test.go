package crash

import (
	"errors"
	"fmt"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/mqtt"
)

// hoarder is the client that comes only at the end.
const hoarder = "hoarder"

// group is the target of the CONTINUOUS jobs.
const group = "line-a"

// enlist makes all who take part.
func (tr *trial) enlist() {
	tr.clockman = &clockman{t: tr.t, rand: tr.random()}
	tr.workers = append(tr.workers, tr.clockman)
	for _, version := range []byte{mqtt.V311, mqtt.V5, 0} {
		for i := range 4 {
			tr.addDevice(fmt.Sprintf("press-%d-%d", version, i), version)
		}
	}
	for _, version := range []byte{mqtt.V311, mqtt.V5} {
		tr.addAway(version)
		tr.addSubscribers(version)
		tr.addPublishers(version)
	}
	last := newSession(tr.t, hoarder, mqtt.V5)
	last.plain = "plain/#"
	tr.sessions = append(tr.sessions, last)
	tr.registrar = &registrar{t: tr.t, rand: tr.random(), things: tr.things(), members: map[string]*fact[bool]{}, nudge: tr.nudge}
	tr.workers = append(tr.workers, tr.registrar)
	tr.keeper = &keeper{t: tr.t, rand: tr.random()}
	tr.workers = append(tr.workers, tr.keeper)
	for i := range 2 {
		o := &operator{t: tr.t, rand: tr.random(), id: fmt.Sprintf("op%d", i), things: tr.things(), nudge: tr.nudge}
		tr.operators = append(tr.operators, o)
		tr.workers = append(tr.workers, o)
	}
}

// addDevice enlists a device; one behind HTTPS has no version.
func (tr *trial) addDevice(thing string, version byte) {
	d := &device{t: tr.t, rand: tr.random(), thing: thing, nudge: make(chan struct{}, 1), seen: map[attempt]state{}}
	if version != 0 {
		d.session = newSession(tr.t, thing, version)
		d.session.thing, d.session.nudge = thing, d.nudge
		tr.sessions = append(tr.sessions, d.session)
	}
	tr.devices = append(tr.devices, d)
	tr.workers = append(tr.workers, d)
}

// addAway enlists devices that are never there under load.
func (tr *trial) addAway(version byte) {
	for i := range 2 {
		s := newSession(tr.t, fmt.Sprintf("away-%d-%d", version, i), version)
		s.thing = s.client
		tr.sessions = append(tr.sessions, s)
		tr.devices = append(tr.devices, &device{t: tr.t, thing: s.thing, nudge: s.nudge, seen: map[attempt]state{}})
	}
}

// addSubscribers enlists a prompt client, one that acknowledges late, and one
// that is never there under load.
func (tr *trial) addSubscribers(version byte) {
	for name, late := range map[string]int{"prompt": 0, "late": 7} {
		s := newSession(tr.t, fmt.Sprintf("%s-%d", name, version), version)
		s.plain, s.late = "plain/#", late
		for i := range 4 {
			s.filters[fmt.Sprintf("extra/%s/%d", s.client, i)] = &fact[bool]{}
		}
		tr.sessions = append(tr.sessions, s)
		tr.workers = append(tr.workers, &subscriber{rand: tr.random(), session: s})
	}
	s := newSession(tr.t, fmt.Sprintf("absent-%d", version), version)
	s.plain = "plain/+/a"
	tr.sessions = append(tr.sessions, s)
}

func (tr *trial) addPublishers(version byte) {
	for i := range 2 {
		p := &publisher{rand: tr.random(), id: fmt.Sprintf("pub-%d-%d", version, i), version: version, acked: map[string][]int{}}
		tr.publishers = append(tr.publishers, p)
		tr.workers = append(tr.workers, p)
	}
}

// things are all things there are.
func (tr *trial) things() []string {
	var names []string
	for _, d := range tr.devices {
		names = append(names, d.thing)
	}
	return names
}

// nudge tells devices that there may be something to do.
func (tr *trial) nudge(things ...string) {
	for _, d := range tr.devices {
		for _, thing := range things {
			if thing != d.thing {
				continue
			}
			select {
			case d.nudge <- struct{}{}:
			default:
			}
		}
	}
}

// begin makes, on the first node, what is there from the beginning on.
func (tr *trial) begin() *node {
	n, err := start(tr.dir)
	if err != nil {
		tr.t.Fatalf("start the node: %v", err)
	}
	err = n.call(iot.CreateThingGroup, iot.CreateThingGroupRequest{ThingGroupName: group}, nil)
	for _, d := range tr.devices {
		err = errors.Join(err, n.call(iot.CreateThing, iot.CreateThingRequest{ThingName: d.thing}, nil))
		tr.registrar.members[d.thing] = &fact[bool]{}
	}
	for _, s := range tr.sessions {
		err = errors.Join(err, s.begin(n))
	}
	for _, o := range tr.operators {
		err = errors.Join(err, o.follow(n))
	}
	if err != nil {
		tr.t.Fatalf("prepare the node: %v", err)
	}
	return n
}

// begin makes a session with the subscriptions that stay.
func (s *session) begin(n *node) error {
	p, err := s.connect(n, 0)
	if err != nil {
		return err
	}
	defer p.leave()
	filters := []string{s.mark()}
	if s.plain != "" {
		filters = append(filters, s.plain)
	}
	if s.thing != "" {
		filters = append(filters, "$aws/things/"+s.thing+"/jobs/notify-next")
	}
	if s.thing != "" && s.version == mqtt.V5 {
		filters = append(filters, "$aws/things/"+s.thing+"/jobs/notify")
	}
	return p.subscribe(filters...)
}
