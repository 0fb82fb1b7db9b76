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
}

func (s side) rate() float64 { return float64(len(s.took)) / s.in.Seconds() }

// inTurns measures nodes of several sizes in turns, so that a machine that
// becomes slower or faster meets all alike.
func (st *stand) inTurns(ctx context.Context, sizes []int, turns int, turn func(context.Context, *side) error) (sides []side, err error) {
	defer func() {
		for _, s := range sides {
			st.closing(s.node, &err)
		}
	}()
	for _, things := range sizes {
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

// fewThings is the size against which a large fleet is compared.
const fewThings = 1_000

// againstFew are the sizes of a fleet and of the one that it is compared with.
func (st *stand) againstFew() []int { return []int{st.num(1_000_000, 20_000), fewThings} }
