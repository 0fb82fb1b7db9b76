package crash

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/mqtt"
)

// crew are the sessions that share a subscription: each message on work goes to
// one of them. spec: device-api.md#96-topics-subscriptions-retained-will
type crew struct {
	t       *witness
	name    string
	members []*session
	checked map[string]int // by topic, how many acknowledged messages were looked for
}

// crews are those who work and take turns, and those who are away and will do
// it later.
var crews = []string{"crew", "shift"}

// shared is what a crew subscribes to.
func shared(crew string) string { return "$share/" + crew + "/tasks/#" }

// audit finds messages that nobody of the crew got, or more than one.
func (c *crew) audit(published map[string][]int) {
	for topic, acked := range published {
		if !strings.HasPrefix(topic, "tasks/") {
			continue
		}
		for _, n := range acked[c.checked[topic]:] {
			got := slices.DeleteFunc(slices.Clone(c.members), func(s *session) bool { return !s.has(numbered{topic, n}) })
			if len(got) != 1 {
				c.t.Errorf("number %d on %s went to %d of the %s", n, topic, len(got), c.name)
			}
		}
		c.checked[topic] = len(acked)
	}
}

func (s *session) has(n numbered) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, came := s.got[n]
	return came
}

// mortal is a client with a will. It leaves in good order, when nothing must
// come of it, or falls silent: then the will is there when the client is
// accepted again. What comes of it when the node is killed is open.
type mortal struct {
	*source
	rand    *rand.Rand
	id      string
	version byte
	n       int
}

func (m *mortal) name() string { return m.id }

func (m *mortal) work(l *life) error {
	topic := "plain/" + m.id + "/will"
	fell := 0 // the number of the last connection, if it fell silent
	for {
		m.n++
		hello := mqtt.Connect{Version: m.version, Client: m.id, Clean: true, Will: &mqtt.Will{
			Message: mqtt.Message{Topic: topic, Payload: []byte(payload(topic, m.n)), QoS: 1},
		}}
		p, err := dial(l.node, hello, 0, func(*mqtt.Publish) {})
		if err != nil {
			return err
		}
		if fell > 0 {
			m.acked[topic] = append(m.acked[topic], fell)
			l.acknowledged("will")
		}
		l.pause(30)
		if fell = m.n; m.rand.IntN(2) == 0 {
			fell = 0
			if err := m.leave(l, p, topic); err != nil {
				return err
			}
		}
		p.drop()
		<-p.done
	}
}

// leave says goodbye. Only where the server has ended the connection because of
// it, the will is known to be forgotten.
func (m *mortal) leave(l *life, p *peer, topic string) error {
	if err := p.write(&mqtt.Disconnect{}); err != nil {
		return err
	}
	<-p.done
	if !l.killed.Load() {
		m.never[numbered{topic, m.n}] = true
		l.acknowledged("goodbye")
	}
	return nil
}
