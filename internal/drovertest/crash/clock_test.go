package crash

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// clockman moves the clock.
type clockman struct {
	t    *witness
	rand *rand.Rand
	now  time.Time
}

func (*clockman) name() string { return "clock" }

func (c *clockman) work(l *life) error {
	for {
		now, err := l.advance(time.Duration(1+c.rand.IntN(20)) * time.Second)
		if err != nil {
			return err
		}
		c.now = now
		l.acknowledged("clock")
		l.pause(20)
	}
}

func (c *clockman) audit(n *node) error {
	now, err := n.advance(time.Nanosecond)
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	if now.Before(c.now) {
		c.t.Errorf("the clock stood at %s, now at %s", c.now, now)
	}
	c.now = now
	return nil
}
