package bench

import (
	"context"

	"github.com/drover-iot/drover/internal/clock"
)

func runDescribe(ctx context.Context, st *stand) ([]figure, error) {
	sides, err := st.inTurns(ctx, st.num(20, 5), st.describe)
	if err != nil {
		return nil, err
	}
	few := sides[1].took.medianFirst("describe-1000")
	figures := sides[0].took.medianFirst("describe")
	figures[0] = figures[0].against(few[0])
	return append(figures, few...), nil
}

// describe has an operator look at a job that all things have, one request
// after the other.
func (st *stand) describe(ctx context.Context, s *side) error {
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
}
