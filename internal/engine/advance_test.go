package engine

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
)

func TestAnAdvanceThatNobodyWaitsForStopsAtAnInstant(t *testing.T) {
	s, v := newStore(t)
	e := New(Config{Store: s, Clock: v, Log: slog.New(slog.DiscardHandler)})
	began := v.Now()
	gone, leave := context.WithCancel(t.Context())
	leave()
	now, err := e.advance(t.Context(), advance{asked: gone, by: 24 * time.Hour})
	if err != nil || !now.Equal(began) || !v.Now().Equal(began) {
		t.Errorf("the clock went from %s to %s: %v", began, v.Now(), err)
	}
	now, err = e.advance(t.Context(), advance{asked: t.Context(), by: time.Second})
	if err != nil || !now.Equal(began.Add(time.Second)) {
		t.Errorf("the next advance leads to %s: %v", now, err)
	}
}

func TestAClockHasAnEnd(t *testing.T) {
	s, v := newStore(t)
	e := New(Config{Store: s, Clock: v, Log: slog.New(slog.DiscardHandler)})
	v.Set(clock.End().Add(-time.Minute))
	_, err := e.advance(t.Context(), advance{asked: t.Context(), by: time.Minute + 1})
	if !fault.Is(err, fault.InvalidRequest) || !strings.Contains(err.Error(), "ends at 9990-01-01T00:00:00Z") {
		t.Errorf("beyond its end it is %v", err)
	}
	now, err := e.advance(t.Context(), advance{asked: t.Context(), by: time.Minute})
	if err != nil || !now.Equal(clock.End()) {
		t.Errorf("it ends at %s: %v", now, err)
	}
}
