package bench

import (
	"context"

	"github.com/drover-iot/drover/internal/clock"
)

func runDescribe(ctx context.Context, st *stand) ([]Figure, error) {
	sides, err := st.describe(ctx, st.againstFew())
	if err != nil {
		return nil, err
	}
	few := sides[1].took.medianFirst("describe-1000")
	figures := sides[0].took.medianFirst("describe")
	figures[0] = figures[0].against(few[0])
	return append(figures, few...), nil
}

func describeAt(ctx context.Context, st *stand, things int) ([]Figure, error) {
	sides, err := st.describe(ctx, []int{things})
	if err != nil {
		return nil, err
	}
	return sides[0].took.medianFirst("describe"), nil
}

// describe has an operator look at a job that all things have, one request
// after the other.
func (st *stand) describe(ctx context.Context, sizes []int) ([]side, error) {
	return st.inTurns(ctx, sizes, st.num(20, 5), func(ctx context.Context, s *side) error {
		for end := clock.Wall().Add(st.seconds(0.25, 0.1)); ; {
			sent := clock.Wall()
			if _, err := s.describeJob(ctx, loadedJob); err != nil {
				return err
			}
			now := clock.Wall()
			s.took = append(s.took, now.Sub(sent))
			if now.After(end) {
				return nil
			}
		}
	})
}
