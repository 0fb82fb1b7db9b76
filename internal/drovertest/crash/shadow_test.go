package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/drover-iot/drover/internal/mqtt"
)

// mirrored is the thing whose shadows the mirror changes.
const mirrored = "mirrored"

// mirror changes shadows: the classic one and two named ones.
type mirror struct {
	t     *witness
	rand  *rand.Rand
	shown [3]fact[int] // reported.n; 0: there is no such shadow
	n     int
}

func (*mirror) name() string { return "mirror" }

// shadowName is the name of the i-th shadow; "" is the classic one.
func shadowName(i int) string { return [...]string{"", "a", "b"}[i] }

func shadowTopic(i int, verb string) string {
	if i == 0 {
		return "$aws/things/" + mirrored + "/shadow/" + verb
	}
	return "$aws/things/" + mirrored + "/shadow/name/" + shadowName(i) + "/" + verb
}

func (m *mirror) work(l *life) error {
	c, err := dial(l.node, mqtt.Connect{Version: mqtt.V5, Client: mirrored, Clean: true}, 0, func(*mqtt.Publish) {})
	if err != nil {
		return err
	}
	defer func() { c.drop(); <-c.done }()
	for {
		m.n++
		i, value, verb := m.rand.IntN(len(m.shown)), m.n, "update"
		if m.rand.IntN(6) == 0 {
			value, verb = 0, "delete"
		}
		m.shown[i].ask(value)
		if err := c.publish(shadowTopic(i, verb), fmt.Sprintf(`{"state":{"reported":{"n":%d}}}`, value), false); err != nil {
			return err
		}
		m.shown[i].done()
		l.acknowledged("shadow")
		l.pause(5)
	}
}

// audit reads each shadow over HTTPS.
func (m *mirror) audit(n *node, _ bool) error {
	for i := range m.shown {
		is, err := reported(n, i)
		if err != nil {
			return err
		}
		m.shown[i].found(m.t, fmt.Sprintf("reported.n of shadow %q", shadowName(i)), is)
	}
	return nil
}

// reported is reported.n of a shadow; 0 if there is none.
func reported(n *node, i int) (int, error) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+n.HTTP+"/things/"+mirrored+"/shadow?name="+shadowName(i), nil)
	if err != nil {
		return 0, err
	}
	if i == 0 {
		r.URL.RawQuery = ""
	}
	var shown struct {
		State struct{ Reported struct{ N int } }
	}
	err = n.do(r, &shown)
	var refused *refusal
	if errors.As(err, &refused) && refused.status == http.StatusNotFound {
		return 0, nil
	}
	return shown.State.Reported.N, err
}
