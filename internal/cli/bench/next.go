package bench

import (
	"context"
	"slices"
	"sync/atomic"
)

// asks is what a device asks that wants to know its next job.
var asks = []report{{topic: "$next/get", payload: []byte(`{"clientToken":"n"}`)}}

func runNext(ctx context.Context, st *stand) ([]figure, error) {
	sides, err := st.inTurns(ctx, st.num(4, 1), st.next)
	if err != nil {
		return nil, err
	}
	few := sides[1].asked("next-1000")
	figures := sides[0].asked("next")
	figures[0] = figures[0].against(few[0])
	return append(figures, few...), nil
}

// asked are the figures of a side.
func (s side) asked(name string) []figure {
	return slices.Concat([]figure{{Name: name, Value: s.rate(), Unit: "reads/s"}},
		s.took.figures(name), s.cost.figures(name, "read", s.all))
}

// next has many connections ask for the next job of things, in no order.
func (st *stand) next(ctx context.Context, s *side) error {
	l, err := dial(ctx, s.mqtt, connections, &around{things: s.things})
	if err != nil {
		return err
	}
	defer l.close()
	l.script = asks
	before := s.node.cost()
	c, err := l.run(ctx, st.seconds(0.5, 0.2), st.seconds(2.5, 0.5))
	s.took = append(s.took, c.took...)
	s.in += c.in
	s.all += c.all
	s.cost = s.cost.plus(s.node.cost().minus(before))
	return err
}

// around is all things, in no order, again and again.
type around struct {
	things int
	taken  atomic.Int64
}

func (a *around) next(int) (execution, bool) {
	i := int(a.taken.Add(1)-1) % a.things
	return execution{thing: thing(scattered(i, a.things)), job: loadedJob}, true
}

func (a *around) follow(context.Context, crew) {}

func (a *around) spent() error { return nil }
