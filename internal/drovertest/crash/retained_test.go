package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/drover-iot/drover/internal/mqtt"
)

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
