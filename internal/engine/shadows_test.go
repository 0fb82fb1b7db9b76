package engine

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/shadow"
)

// shadowed is an engine with thing press-1.
func shadowed(t *testing.T) *Engine {
	t.Helper()
	s, v := newStore(t)
	e := New(Config{Store: s, Clock: v, Log: slog.New(slog.DiscardHandler)})
	_, err := e.CreateThing(t.Context(), fleet.Thing{Name: "press-1"})
	check(t, err)
	return e
}

func shadowUpdate(t *testing.T, text string) shadow.Update {
	t.Helper()
	u, err := shadow.Parse([]byte(text))
	check(t, err)
	return u
}

func TestARefusedUpdateOfAShadowLeavesItsNeighboursAlone(t *testing.T) {
	e := shadowed(t)
	var results []Submitted[ShadowChange]
	for i := range 30 {
		version := i / 2 // every other one is of a version that is gone
		results = append(results, e.UpdateShadow("press-1", "", shadowUpdate(t, fmt.Sprintf(`{"state":{"desired":{"n":%d}},"version":%d}`, i, version))))
	}
	results = append(results, e.UpdateShadow("nobody", "", shadowUpdate(t, `{"state":{}}`)))
	for i, submitted := range results[:30] {
		done, _, err := submitted.Wait(t.Context())
		switch {
		case i%2 == 0 && (err != nil || done.After.Version != int64(i/2+1) || done.Before.Version != int64(i/2)):
			t.Errorf("update %d: %+v, %v", i, done, err)
		case i%2 == 1 && !fault.Is(err, fault.VersionConflict):
			t.Errorf("update %d: %v, want a conflict", i, err)
		}
	}
	if _, _, err := results[30].Wait(t.Context()); !fault.Is(err, fault.NotFound) {
		t.Errorf("of no thing: %v", err)
	}
	s, err := e.Shadow(t.Context(), "press-1", "")
	check(t, err)
	if s.Version != 15 {
		t.Errorf("version %d, want 15", s.Version)
	}
}

func TestAThingHasSoManyShadows(t *testing.T) {
	e := shadowed(t)
	var results []Submitted[ShadowChange]
	for i := range shadow.MostOfThing {
		results = append(results, e.UpdateShadow("press-1", fmt.Sprintf("s-%d", i), shadowUpdate(t, `{"state":{}}`)))
	}
	for _, submitted := range results {
		_, _, err := submitted.Wait(t.Context())
		check(t, err)
	}
	one := func() error {
		_, _, err := e.UpdateShadow("press-1", "one-more", shadowUpdate(t, `{"state":{}}`)).Wait(t.Context())
		return err
	}
	if err := one(); !fault.Is(err, fault.InvalidRequest) {
		t.Errorf("one more: %v", err)
	}
	_, _, err := e.UpdateShadow("press-1", "s-0", shadowUpdate(t, `{"state":{}}`)).Wait(t.Context())
	check(t, err)
	_, _, err = e.DeleteShadow("press-1", "s-7").Wait(t.Context())
	check(t, err)
	check(t, one()) // what is left of the deleted one makes room
}

func TestConnectionsAreThoseOfThings(t *testing.T) {
	e := shadowed(t)
	at := e.Now()
	for _, client := range []string{"press-1", "app-7"} {
		check(t, e.Connected(t.Context(), client, fleet.Connection{Connected: true, At: at}))
	}
	c, err := e.Connection(t.Context(), "press-1")
	check(t, err)
	if want := (fleet.Connection{Connected: true, At: at.UTC()}); c != want {
		t.Errorf("connected: %+v, want %+v", c, want)
	}
	if _, err := e.Connection(t.Context(), "app-7"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a client that is no thing: %v", err)
	}
	check(t, e.DisconnectAll(t.Context(), "CONNECTION_LOST"))
	c, err = e.Connection(t.Context(), "press-1")
	check(t, err)
	if want := (fleet.Connection{At: at.UTC(), Reason: "CONNECTION_LOST"}); c != want {
		t.Errorf("disconnected: %+v, want %+v", c, want)
	}
}
