package crash

import (
	"fmt"
	"slices"
	"sync"

	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/drovertest"
	"github.com/drover-iot/drover/internal/mqtt"
)

// meeting is one look at a session while nobody works: what it missed has to
// come, and nothing more.
type meeting struct {
	*session
	node  *node
	probe *peer
	marks int
}

// auditSessions holds every persistent session to what was acknowledged.
func (tr *trial) auditSessions(n *node, last bool) error {
	probe, err := dial(n, mqtt.Connect{Version: mqtt.V5, Client: "auditor", Clean: true}, 0, func(*mqtt.Publish) {})
	if err != nil {
		return err
	}
	defer probe.leave()
	var wg sync.WaitGroup
	for _, s := range tr.sessions {
		if !last && (s.client == hoarder || s.naps && tr.rand.IntN(5) > 0) {
			continue
		}
		wg.Go(func() {
			m := &meeting{session: s, node: n, probe: probe}
			if err := m.hold(tr); err != nil {
				tr.t.Errorf("meet client %s: %v", s.client, err)
			}
		})
	}
	wg.Wait()
	for _, c := range tr.crews {
		c.audit(tr.published())
	}
	return nil
}

func (m *meeting) hold(tr *trial) error {
	for filter := range m.filters {
		if err := m.probe.publish(filter, "probe", false); err != nil {
			return err
		}
	}
	seen, err := m.visit(true)
	if err != nil {
		return err
	}
	for filter, f := range m.filters {
		_, came := seen.probes[filter]
		f.found(m.t, "subscription of "+m.client+" to "+filter, came)
	}
	m.missed(tr)
	if again, err := m.visit(false); err != nil {
		return err
	} else if again.extra > 0 {
		m.t.Errorf("client %s: it had acknowledged everything, and is sent %d messages: %v %v %v", m.client, again.extra,
			again.notify, again.next, again.probes)
	}
	return nil
}

// visit connects, takes all that is stored and owed, and leaves. A session is
// sent what is stored, then what it is owed, then what comes.
func (m *meeting) visit(missed bool) (look, error) {
	if err := m.publishMark(); err != nil {
		return look{}, err
	}
	head, pending, err := m.list()
	if err != nil {
		return look{}, err
	}
	told := m.forget()
	p, err := m.connect(m.node, 0)
	if err != nil {
		return look{}, err
	}
	defer p.leave()
	if err := m.gather(p); err != nil {
		return look{}, err
	}
	seen := m.look()
	if m.thing != "" && missed {
		m.notices(seen, told != head, head, pending)
	}
	if err := p.subscribe(m.mark()); err != nil {
		return look{}, err
	}
	m.settled()
	return seen, nil
}

// gather returns when what is stored and owed has come. The first mark is stored
// behind all that is; the second is published when what is owed is on its way.
func (m *meeting) gather(p *peer) error {
	if err := m.awaitMark(p); err != nil {
		return err
	}
	if err := m.publishMark(); err != nil {
		return err
	}
	return m.awaitMark(p)
}

// forget forgets the notices of the load, but for the head that was told last.
func (s *session) forget() (told string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next, s.notify = nil, nil
	return s.told
}

func (m *meeting) publishMark() error {
	m.marks++
	return m.probe.publish(m.mark(), fmt.Sprint(m.marks), false)
}

func (m *meeting) awaitMark(p *peer) error {
	for {
		mark, err := await(p, m.session.marks)
		if err != nil {
			return fmt.Errorf("wait for what is stored: %w", err)
		}
		if mark == fmt.Sprint(m.marks) {
			return nil
		}
		m.t.Errorf("client %s: mark %s comes, want %d", m.client, mark, m.marks)
	}
}

// list is a thing's head and its pending list, as HTTPS tells them.
func (m *meeting) list() (head, pending string, err error) {
	if m.thing == "" {
		return "", "", nil
	}
	if m.namespace != "" {
		head, err = headIn(m.node, m.thing, m.namespace)
		return head, "", err
	}
	var next, all drovertest.Answer
	if err := m.node.call(jobsdata.DescribeJobExecution, jobsdata.DescribeJobExecutionRequest{ThingName: m.thing, JobID: jobsdata.Next}, &next); err != nil {
		return "", "", err
	}
	if err := m.node.call(jobsdata.GetPendingJobExecutions, jobsdata.GetPendingJobExecutionsRequest{ThingName: m.thing}, &all); err != nil {
		return "", "", err
	}
	if next.Execution != nil {
		head = next.Execution.Name()
	}
	return head, list(all.InProgressJobs, all.QueuedJobs), nil
}

// notices holds what a resumed session was told to its thing's list. It is told
// of the head once if it does not know it. It may be told what it knows, if the
// head was another meanwhile or an acknowledgement was lost.
// spec: device-api.md#72-when
func (m *meeting) notices(seen look, news bool, head, pending string) {
	m.t.saw(fmt.Sprintf("head: news %t, told %d times", news, len(seen.next)))
	if n := len(seen.next); n > 1 || n == 0 && news {
		m.t.Errorf("client %s: the head is %q, which it does not know (%t); it is told %q", m.client, head, news, seen.next)
	}
	if len(seen.next) == 1 && seen.next[0] != head {
		m.t.Errorf("client %s is told the head %q, it is %q", m.client, seen.next[0], head)
	}
	if len(seen.notify) > 1 || len(seen.notify) == 1 && seen.notify[0] != pending {
		m.t.Errorf("client %s is told the lists %q, it is %q", m.client, seen.notify, pending)
	}
}

// missed finds acknowledged messages that did not come. The hoarder's queue may
// have overflowed: then it has the newest ones, as many as it holds.
// spec: device-api.md#95-sessions
func (m *meeting) missed(tr *trial) {
	if m.plain == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for topic, acked := range tr.published() {
		if !mqtt.Matches(m.plain, topic) {
			continue
		}
		missing := slices.DeleteFunc(slices.Clone(acked[m.checked[topic]:]), func(n int) bool {
			_, came := m.got[numbered{topic, n}]
			return came
		})
		m.checked[topic] = len(acked)
		if len(missing) > 0 && !m.overflowed(topic, missing) {
			m.t.Errorf("client %s: of %s it did not get the acknowledged numbers %v", m.client, topic, missing)
		}
	}
	for _, s := range tr.sources {
		for n := range s.never {
			if _, came := m.got[n]; came {
				m.t.Errorf("client %s got the will %v of a client that had said goodbye", m.client, n)
			}
		}
	}
}

// queueLimit is how many messages are kept for a session.
const queueLimit = 1000

// overflowed tells whether what is missing had to go: the queue is full of
// newer messages.
func (m *meeting) overflowed(topic string, missing []int) bool {
	if m.client != hoarder || len(m.got) < queueLimit-1 { // its first mark was in the queue
		return false
	}
	for key := range m.got {
		if key.topic == topic && key.n < slices.Max(missing) {
			return false
		}
	}
	return true
}
