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
	shown [3]fact[reflected]
	last  [3]int64 // versions, also of those that were deleted
	n     int
}

func (*mirror) name() string { return "mirror" }

// reflected is what is told of a shadow: reported.n and its version, or nothing.
// version goes on where a shadow that was deleted had left off.
type reflected struct {
	n       int
	version int64
}

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
		wish := reflected{value, m.last[i] + 1}
		if value == 0 {
			wish = reflected{}
		}
		m.shown[i].ask(wish)
		if err := c.publish(shadowTopic(i, verb), fmt.Sprintf(`{"state":{"reported":{"n":%d}}}`, value), false); err != nil {
			return err
		}
		m.shown[i].done()
		m.last[i] = max(m.last[i], wish.version)
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
		m.shown[i].found(m.t, fmt.Sprintf("shadow %q", shadowName(i)), is)
		m.last[i] = max(m.last[i], is.version)
	}
	return nil
}

// reported is what a shadow is.
func reported(n *node, i int) (is reflected, err error) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+n.HTTP+"/things/"+mirrored+"/shadow?name="+shadowName(i), nil)
	if err != nil {
		return is, err
	}
	if i == 0 {
		r.URL.RawQuery = ""
	}
	var shown struct {
		State   struct{ Reported struct{ N int } }
		Version int64
	}
	err = n.do(r, &shown)
	var refused *refusal
	if errors.As(err, &refused) && refused.status == http.StatusNotFound {
		return is, nil
	}
	return reflected{shown.State.Reported.N, shown.Version}, err
}
