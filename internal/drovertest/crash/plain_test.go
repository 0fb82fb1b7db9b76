package crash

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver that auditFile looks by

	"github.com/drover-iot/drover/internal/mqtt"
)

// publisher sends numbered messages, several at a time, each once.
type publisher struct {
	rand    *rand.Rand
	id      string
	version byte
	n       int
	acked   map[string][]int // by topic
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
		topic := "plain/" + p.id + "/" + pick(p.rand, []string{"a", "b"})
		wait, err := c.begin(func(id uint16) mqtt.Packet { return message(id, topic, payload(topic, p.n), false) })
		if err != nil {
			break // what was sent before may have been acknowledged
		}
		all = append(all, sent{topic, p.n, wait})
	}
	for _, s := range all {
		if err := c.acknowledged(s.wait); err != nil {
			return err
		}
		p.acked[s.topic] = append(p.acked[s.topic], s.n)
		l.acknowledged("message")
	}
	if len(all) == 0 {
		return errEnded
	}
	return nil
}

// published are the numbers that were acknowledged, by topic.
func (tr *trial) published() map[string][]int {
	all := map[string][]int{}
	for _, p := range tr.publishers {
		maps.Copy(all, p.acked)
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

// keeper changes retained messages.
type keeper struct {
	t    *witness
	rand *rand.Rand
	kept [4]fact[string]
	n    int
}

func (*keeper) name() string { return "keeper" }

func stateTopic(i int) string { return fmt.Sprintf("state/%d", i) }

func (k *keeper) work(l *life) error {
	c, err := dial(l.node, mqtt.Connect{Version: mqtt.V5, Client: "keeper", Clean: true}, 0, func(*mqtt.Publish) {})
	if err != nil {
		return err
	}
	defer func() { c.drop(); <-c.done }()
	for {
		k.n++
		i, value := k.rand.IntN(len(k.kept)), fmt.Sprint(k.n)
		if k.rand.IntN(4) == 0 {
			value = "" // which takes it away
		}
		k.kept[i].ask(value)
		if err := c.publish(stateTopic(i), value, true); err != nil {
			return err
		}
		k.kept[i].done()
		l.acknowledged("retained message")
		l.pause(5)
	}
}

// audit subscribes to each topic: what is retained comes before the next
// answer.
func (k *keeper) audit(n *node, _ bool) error {
	came := make(chan *mqtt.Publish, 2*len(k.kept))
	c, err := dial(n, mqtt.Connect{Version: mqtt.V311, Client: "reader", Clean: true}, 0, func(m *mqtt.Publish) { came <- m })
	if err != nil {
		return err
	}
	defer c.leave()
	for i := range k.kept {
		if err := errors.Join(c.subscribe(stateTopic(i)), c.unsubscribe(stateTopic(i))); err != nil {
			return err
		}
		value := ""
		select {
		case m := <-came:
			value = string(m.Payload)
			if m.Topic != stateTopic(i) || !m.Retain {
				k.t.Errorf("on %s comes %+v", stateTopic(i), m)
			}
		default:
		}
		k.kept[i].found(k.t, "what is retained on "+stateTopic(i), value)
	}
	return nil
}

// auditFile looks into the database when nobody is owed anything any more.
func (tr *trial) auditFile() {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(tr.dir, "drover.db")+"?mode=ro")
	if err != nil {
		tr.t.Fatal(err)
	}
	defer db.Close()
	for what, query := range map[string]string{
		"integrity":                    `SELECT group_concat(integrity_check) FROM pragma_integrity_check`,
		"messages that nobody waits":   `SELECT count(*) FROM messages WHERE id NOT IN (SELECT message FROM queue)`,
		"messages that wait":           `SELECT count(*) FROM queue`,
		"notices that are owed":        `SELECT count(*) FROM owed`,
		"sessions with a wrong length": `SELECT count(*) FROM sessions s WHERE queued <> (SELECT count(*) FROM queue q WHERE q.client = s.client)`,
	} {
		var found string
		if err := db.QueryRow(query).Scan(&found); err != nil {
			tr.t.Errorf("%s: %v", what, err)
		} else if found != "0" && found != "ok" {
			tr.t.Errorf("%s: %s", what, found)
		}
	}
}
