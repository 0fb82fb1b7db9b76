package crash

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

// source is where numbered messages come from.
type source struct {
	acked map[string][]int  // numbers, by topic
	never map[numbered]bool // messages that must not come
}

func newSource() *source { return &source{acked: map[string][]int{}, never: map[numbered]bool{}} }

// publisher sends numbered messages, several at a time, each once.
type publisher struct {
	*source
	rand    *rand.Rand
	id      string
	version byte
	n       int
	brief   *brief
}

func (p *publisher) name() string { return p.id }

// The publishers are so slow that the queues of those who are away do not
// overflow from one audit to the next.
const (
	burst = 8  // messages at a time, at most
	slow  = 20 // acknowledgements from one burst to the next
)

func (p *publisher) work(l *life) error {
	c, err := dial(l.node, mqtt.Connect{Version: p.version, Client: p.id, Clean: true}, 0, func(*mqtt.Publish) {})
	if err != nil {
		return err
	}
	defer func() { c.drop(); <-c.done }()
	for {
		if err := p.burst(l, c); err != nil {
			return err
		}
		l.pause(slow)
	}
}

// sent is a message whose PUBACK is awaited.
type sent struct {
	topic string
	n     int
	wait  <-chan mqtt.Packet
}

func (p *publisher) burst(l *life, c *peer) error {
	var all []sent
	for range 1 + p.rand.IntN(burst) {
		p.n++
		topic := p.topic()
		wait, err := c.begin(func(id uint16) mqtt.Packet { return p.message(id, topic, p.n) })
		if err != nil {
			break // what was sent before may have been acknowledged
		}
		all = append(all, sent{topic, p.n, wait})
	}
	for _, s := range all {
		if err := c.acknowledged(s.wait); err != nil {
			return err
		}
		p.noted(s)
		l.acknowledged("message")
	}
	if len(all) == 0 {
		return errEnded
	}
	return nil
}

// topic is for all who listen, for the crew, or, under MQTT 5, for those who
// come in time.
func (p *publisher) topic() string {
	topics := []string{"plain/" + p.id + "/a", "plain/" + p.id + "/b", "tasks/" + p.id}
	if p.version == mqtt.V5 {
		topics = append(topics, "brief/"+p.id)
	}
	return pick(p.rand, topics)
}

func (p *publisher) message(id uint16, topic string, n int) *mqtt.Publish {
	m := message(id, topic, payload(topic, n), false)
	switch {
	case p.version == mqtt.V5 && strings.HasPrefix(topic, "brief/"):
		m.Expiry = new(uint32(briefly / time.Second))
	case p.version == mqtt.V5 && expires(n):
		m.Expiry = new(uint32(hour))
	}
	return m
}

func (p *publisher) noted(s sent) {
	if strings.HasPrefix(s.topic, "brief/") {
		p.brief.acknowledged(numbered{s.topic, s.n})
		return
	}
	p.acked[s.topic] = append(p.acked[s.topic], s.n)
}

// published are the numbers that were acknowledged, by topic.
func (tr *trial) published() map[string][]int {
	all := map[string][]int{}
	for _, s := range tr.sources {
		maps.Copy(all, s.acked)
	}
	return all
}

// subscriber is there under load. It subscribes to this and that, takes it
// back, and loses its connection at times.
type subscriber struct {
	rand    *rand.Rand
	session *session
}

func (s *subscriber) name() string { return s.session.client }

func (s *subscriber) work(l *life) error {
	for {
		p, err := s.session.connect(l.node, s.session.late)
		if err != nil {
			return err
		}
		err = s.visit(l, p)
		p.drop()
		<-p.done
		if !errors.Is(err, errRebooted) {
			return err
		}
	}
}

func (s *subscriber) visit(l *life, p *peer) error {
	for {
		if err := s.session.toggle(p, fmt.Sprintf("extra/%s/%d", s.session.client, s.rand.IntN(4))); err != nil {
			return err
		}
		l.acknowledged("subscription")
		if s.rand.IntN(6) == 0 {
			return errRebooted
		}
		l.pause(5)
	}
}
