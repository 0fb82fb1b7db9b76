package crash

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/mqtt"
)

// hoarder is the client that comes only at the end.
const hoarder = "hoarder"

// plant is a group so large that what is done to it takes many slices.
const (
	plant     = "plant"
	plantSize = 1500
)

// enlist makes all who take part.
func (tr *trial) enlist() {
	tr.clockman = &clockman{t: tr.t, rand: tr.random()}
	tr.workers = append(tr.workers, tr.clockman)
	tr.brief = &brief{acked: map[numbered]time.Time{}}
	for _, name := range crews {
		tr.crews = append(tr.crews, &crew{t: tr.t, name: name, checked: map[string]int{}})
	}
	for _, version := range []byte{mqtt.V311, mqtt.V5, 0} {
		for i := range 4 {
			tr.addDevice(fmt.Sprintf("press-%d-%d", version, i), version)
		}
	}
	for _, version := range []byte{mqtt.V311, mqtt.V5} {
		for i := range 2 {
			tr.addSpaced(fmt.Sprintf("press-%d-%d", version, i), version)
		}
		tr.addDevice(fmt.Sprintf("web-%d", version), version).session.open = overWebSocket
		tr.addAway(version)
		tr.addSubscribers(version)
		tr.addPublishers(version)
	}
	last := tr.addSession(hoarder, mqtt.V5)
	last.plain = "plain/#"
	tr.registrar = &registrar{t: tr.t, rand: tr.random(), things: tr.things(), members: map[membership]*fact[bool]{}, nudge: tr.nudge}
	tr.clerk = &clerk{t: tr.t, rand: tr.random(), things: map[string]*spare{}, groups: map[string]*fact[string]{}}
	tr.keeper = &keeper{t: tr.t, rand: tr.random()}
	tr.mirror = &mirror{t: tr.t, rand: tr.random()}
	tr.archivist = &archivist{t: tr.t, rand: tr.random()}
	tr.drafter = &drafter{t: tr.t, rand: tr.random()}
	tr.workers = append(tr.workers, tr.registrar, tr.clerk, tr.keeper, tr.mirror, tr.drafter, tr.archivist)
	for i := range 2 {
		o := tr.addOperator(fmt.Sprintf("op%d", i))
		tr.workers = append(tr.workers, o)
	}
	f := &foreman{tr.addOperator("foreman")}
	f.fast = true
	tr.workers = append(tr.workers, f)
}

func (tr *trial) addOperator(id string) *operator {
	o := &operator{t: tr.t, rand: tr.random(), id: id, things: tr.things(), spaced: tr.spaced(), nudge: tr.nudge}
	tr.operators = append(tr.operators, o)
	return o
}

func (tr *trial) addSession(client string, version byte) *session {
	s := newSession(tr.t, client, version)
	s.brief = tr.brief
	tr.sessions = append(tr.sessions, s)
	return s
}

// addDevice enlists a device; one behind HTTPS has no version.
func (tr *trial) addDevice(thing string, version byte) *device {
	d := &device{t: tr.t, rand: tr.random(), thing: thing, nudge: make(chan struct{}, 1), seen: map[attempt]state{}}
	if version != 0 {
		d.session = tr.addSession(thing, version)
		d.session.thing, d.session.nudge = thing, d.nudge
	}
	tr.devices = append(tr.devices, d)
	tr.workers = append(tr.workers, d)
	return d
}

// addSpaced enlists another device of a thing, for the jobs of the namespace.
func (tr *trial) addSpaced(thing string, version byte) {
	s := tr.addSession(thing+"-"+space, version)
	s.thing, s.namespace = thing, space
	d := &device{t: tr.t, rand: tr.random(), thing: thing, namespace: space, session: s, nudge: s.nudge, seen: map[attempt]state{}}
	tr.devices = append(tr.devices, d)
	tr.workers = append(tr.workers, d)
}

// addAway enlists devices that are never there under load.
func (tr *trial) addAway(version byte) {
	for i := range 2 {
		s := tr.addSession(fmt.Sprintf("away-%d-%d", version, i), version)
		s.thing = s.client
		tr.devices = append(tr.devices, &device{t: tr.t, thing: s.thing, nudge: s.nudge, seen: map[attempt]state{}})
	}
}

// addSubscribers enlists a prompt client, one that acknowledges late, one of the
// crew, and three that are never there under load.
func (tr *trial) addSubscribers(version byte) {
	for _, c := range []struct {
		name, plain string
		late        int
	}{{"prompt", "plain/#", 0}, {"late", "plain/#", 7}, {"crew", shared("crew"), 2}} {
		s := tr.addSession(fmt.Sprintf("%s-%d", c.name, version), version)
		s.plain, s.late = c.plain, c.late
		for i := range 4 {
			s.filters[fmt.Sprintf("extra/%s/%d", s.client, i)] = &fact[bool]{}
		}
		tr.hire(s)
		tr.workers = append(tr.workers, &subscriber{rand: tr.random(), session: s})
	}
	tr.addSession(fmt.Sprintf("absent-%d", version), version).plain = "plain/+/a"
	napper := tr.addSession(fmt.Sprintf("napper-%d", version), version)
	napper.plain, napper.naps = "brief/#", true
	later := tr.addSession(fmt.Sprintf("shift-%d", version), version)
	later.plain = shared("shift")
	tr.hire(later)
}

// hire puts a session into the crew whose subscription it has.
func (tr *trial) hire(s *session) {
	for _, c := range tr.crews {
		if s.plain == shared(c.name) {
			c.members = append(c.members, s)
		}
	}
}

// addPublishers enlists those who publish, and one that leaves a will.
func (tr *trial) addPublishers(version byte) {
	for i := range 2 {
		p := &publisher{source: newSource(), rand: tr.random(), id: fmt.Sprintf("pub-%d-%d", version, i), version: version, brief: tr.brief}
		tr.sources = append(tr.sources, p.source)
		tr.workers = append(tr.workers, p)
	}
	m := &mortal{source: newSource(), rand: tr.random(), id: fmt.Sprintf("mortal-%d", version), version: version}
	tr.sources = append(tr.sources, m.source)
	tr.workers = append(tr.workers, m)
}

// things are all things there are.
func (tr *trial) things() []string {
	var names []string
	for _, d := range tr.devices {
		if d.namespace == "" {
			names = append(names, d.thing)
		}
	}
	return names
}

// spaced are the things that have a device for the namespace.
func (tr *trial) spaced() []string {
	var names []string
	for _, d := range tr.devices {
		if d.namespace != "" {
			names = append(names, d.thing)
		}
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
	for _, group := range append([]string{plant}, groups...) {
		err = errors.Join(err, n.call(iot.CreateThingGroup, iot.CreateThingGroupRequest{ThingGroupName: group}, nil))
	}
	for _, thing := range tr.things() {
		err = errors.Join(err, n.call(iot.CreateThing, iot.CreateThingRequest{ThingName: thing}, nil))
	}
	err = errors.Join(err, n.call(iot.CreateThing, iot.CreateThingRequest{ThingName: mirrored}, nil), makeArchive(n), populate(n))
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

// populate registers the things of the plant, many at a time.
func populate(n *node) error {
	const atOnce = 32
	var wg sync.WaitGroup
	errs := make([]error, atOnce)
	for i := range atOnce {
		wg.Go(func() {
			for k := i; k < plantSize && errs[i] == nil; k += atOnce {
				errs[i] = errors.Join(
					n.call(iot.CreateThing, iot.CreateThingRequest{ThingName: machine(k)}, nil),
					move(n, membership{machine(k), plant}, true))
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// machine is a thing of the plant.
func machine(i int) string { return fmt.Sprintf("machine-%d", i) }

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
		filters = append(filters, "$aws/things/"+s.thing+"/jobs/notify-next"+suffix(s.namespace))
	}
	if s.thing != "" && s.namespace == "" && s.version == mqtt.V5 {
		filters = append(filters, "$aws/things/"+s.thing+"/jobs/notify")
	}
	return p.subscribe(filters...)
}
