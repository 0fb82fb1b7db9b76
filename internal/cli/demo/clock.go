package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// advance moves a node's virtual clock and answers where it stands when nothing
// is due any more.
func (c client) advance(ctx context.Context, by time.Duration) (time.Time, error) {
	var out struct {
		Now time.Time `json:"now"`
	}
	body := fmt.Appendf(nil, `{"by":%q}`, by)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Endpoint+"/drover/v1/clock/advance", bytes.NewReader(body))
	if err == nil {
		err = c.Do(r, &out)
	}
	if err != nil {
		return out.Now, fmt.Errorf("advance the clock: %w", err)
	}
	return out.Now, nil
}

// advance moves the clock and lets the devices act on what that brought.
func (s *story) advance(ctx context.Context, by time.Duration) error {
	now, err := s.control.advance(ctx, by)
	if err != nil {
		return err
	}
	s.now = now
	ended, err := s.fleet.step(ctx, now)
	s.ended = append(s.ended, ended...)
	return err
}

// goOn keeps the clock at the pace of real time, and the devices at work,
// until ctx ends.
func (s *story) goOn(ctx context.Context) error {
	var beat metronome
	defer beat.stop()
	last := clock.Wall()
	for beat.wait(ctx, time.Second) == nil {
		by := clock.Wall().Sub(last).Truncate(time.Millisecond)
		if by <= 0 {
			continue
		}
		last = last.Add(by)
		if err := s.goOnBy(ctx, by); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// goOnBy moves the clock, and goes on without a device that was lost: somebody
// may have taken its place by hand.
func (s *story) goOnBy(ctx context.Context, by time.Duration) error {
	err := s.advance(ctx, by)
	if gone := (*lost)(nil); ctx.Err() == nil && errors.As(err, &gone) {
		s.tell(event{who: "devices", what: fmt.Sprintf("%s is gone: %v", gone.device.name, gone.err), tone: lateTone})
		s.fleet.drop(gone.device)
		err = nil
	}
	for _, e := range plainly(s.ended) {
		s.tell(e)
	}
	s.ended = nil
	return err
}

// metronome beats in real time. Beats that nobody waits for are left out.
type metronome struct{ ticker *time.Ticker }

// wait waits for the next beat; every 0 there is no waiting.
func (m *metronome) wait(ctx context.Context, every time.Duration) error {
	if every == 0 {
		return ctx.Err()
	}
	if m.ticker == nil {
		m.ticker = time.NewTicker(every)
	}
	select {
	case <-m.ticker.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *metronome) stop() {
	if m.ticker != nil {
		m.ticker.Stop()
	}
}
