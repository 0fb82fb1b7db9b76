package bench

import (
	"context"
	"time"
)

// side is one of the nodes that are compared.
type side struct {
	*node
	things int // each has an execution of loadedJob
	took   latencies
	in     time.Duration // that was counted
	all    int           // answers, also those that did not count
	cost   cost          // of them all
}

func (s side) rate() float64 { return float64(len(s.took)) / s.in.Seconds() }

// fewThings is the size against which a large fleet is compared.
const fewThings = 1_000

// inTurns measures a node with many executions and one with few in turns, so
// that a machine that becomes slower or faster meets both alike.
func (st *stand) inTurns(ctx context.Context, turns int, turn func(context.Context, *side) error) (sides []side, err error) {
	defer func() {
		for _, s := range sides {
			st.closing(s.node, &err)
		}
	}()
	for _, things := range []int{st.things(1_000_000, 20_000), fewThings} {
		n, err := st.start(ctx, fleet{things: things, queued: true})
		if err != nil {
			return sides, err
		}
		sides = append(sides, side{node: n, things: things})
	}
	for range turns {
		for i := range sides {
			if err := turn(ctx, &sides[i]); err != nil {
				return sides, err
			}
		}
	}
	return sides, nil
}
