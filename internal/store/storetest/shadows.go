package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/store"
)

// Shadows is about shadows and connections of things.
func Shadows(t *testing.T, fresh Fresh) {
	t.Run("a shadow is kept as it was put", func(t *testing.T) { keptShadow(t, fresh) })
	t.Run("named shadows are listed by name", func(t *testing.T) { namedShadows(t, fresh) })
	t.Run("shadows and connection go with their thing", func(t *testing.T) { shadowsOfTheGone(t, fresh) })
	t.Run("a connection is kept as it was put", func(t *testing.T) { keptConnection(t, fresh) })
}

// shadowOf is a shadow after one update.
func (h *house) shadowOf(update string) shadow.Shadow {
	h.Helper()
	u, err := shadow.Parse([]byte(update))
	h.must(err)
	s, err := shadow.Shadow{}.Update(u, h.clock.Now())
	h.must(err)
	return s
}

// wantShadow checks a shadow within a transaction and as it is read.
func (h *house) wantShadow(thing fleet.Thing, name string, want shadow.Shadow) {
	h.Helper()
	var inside shadow.Shadow
	h.write(func(tx store.Tx) (err error) {
		inside, err = tx.Shadow(thing.ID, name)
		return err
	})
	outside, err := h.ShadowOf(context.Background(), thing.Name, name)
	h.must(err)
	for _, got := range []shadow.Shadow{inside, outside} {
		if diff := cmp.Diff(want, got); diff != "" {
			h.Errorf("shadow %q of %s (-want +got):\n%s", name, thing.Name, diff)
		}
	}
}

func (h *house) putShadow(thing fleet.Thing, name string, s shadow.Shadow) {
	h.Helper()
	h.write(func(tx store.Tx) error { return tx.PutShadow(thing.ID, name, s) })
}

func keptShadow(t *testing.T, fresh Fresh) {
	h := newHouse(t, fresh)
	one, two := h.thing("press-1"), h.thing("press-2")
	h.wantShadow(one, "", shadow.Shadow{})
	classic := h.shadowOf(`{"state":{"desired":{"v":1.10,"l":[1,{"a":"<&>"}]},"reported":{"x":{"y":12345678901234567890}}}}`)
	named := h.shadowOf(`{"state":{"reported":{"a":true}}}`)
	h.putShadow(one, "", classic)
	h.putShadow(one, "config", named)
	h.wantShadow(one, "", classic)
	h.wantShadow(one, "config", named)
	h.wantShadow(two, "", shadow.Shadow{})

	gone, err := classic.Delete("", h.clock.Now())
	h.must(err)
	h.putShadow(one, "", gone)
	h.must(h.Close())
	h.reopen()
	h.wantShadow(one, "", gone)
	h.wantShadow(one, "config", named)
	h.write(func(tx store.Tx) error {
		for _, want := range []int{2, 1} {
			if n, err := tx.CountShadows(one.ID); err != nil || n != want {
				return fmt.Errorf("%d shadows, %w, want %d", n, err, want)
			}
			if err := tx.ForgetDeletedShadows(one.ID); err != nil {
				return err
			}
		}
		return nil
	})
	h.wantShadow(one, "", shadow.Shadow{})
	if _, err := h.ShadowOf(context.Background(), "nobody", ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("a shadow of no thing: %v", err)
	}
}

func namedShadows(t *testing.T, fresh Fresh) {
	h := newHouse(t, fresh)
	one, two := h.thing("press-1"), h.thing("press-2")
	s := h.shadowOf(`{"state":{}}`)
	gone, err := s.Delete("", h.clock.Now())
	h.must(err)
	for _, name := range []string{"b", "", "$package", "C", "a"} {
		h.putShadow(one, name, s)
	}
	h.putShadow(one, "deleted", gone)
	h.putShadow(two, "other", s)
	var got []string
	for p := (store.Page{Limit: 2}); ; {
		names, next, err := h.NamedShadows(context.Background(), one.ID, p)
		h.must(err)
		got = append(got, names...)
		if p.After = next; next == "" {
			break
		}
	}
	if want := []string{"$package", "C", "a", "b"}; !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q", got, want)
	}
}

func shadowsOfTheGone(t *testing.T, fresh Fresh) {
	h := newHouse(t, fresh)
	first := h.thing("press-1")
	h.putShadow(first, "", h.shadowOf(`{"state":{}}`))
	h.write(func(tx store.Tx) error {
		if err := tx.PutConnection(first.ID, fleet.Connection{Connected: true, At: tx.Now()}); err != nil {
			return err
		}
		return tx.DeleteThing(first.ID)
	})
	h.write(func(tx store.Tx) error {
		n, err := tx.CountShadows(first.ID)
		if things, err := tx.ConnectedThings(10); err != nil || len(things) > 0 {
			t.Errorf("still connected: %v, %v", things, err)
		}
		if n != 0 {
			t.Errorf("%d shadows are left", n)
		}
		return err
	})
	h.wantShadow(h.thing("press-1"), "", shadow.Shadow{})
}

func keptConnection(t *testing.T, fresh Fresh) {
	h := newHouse(t, fresh)
	one, two := h.thing("press-1"), h.thing("press-2")
	put := func(thing fleet.Thing, c fleet.Connection) {
		h.write(func(tx store.Tx) error { return tx.PutConnection(thing.ID, c) })
		var inside fleet.Connection
		h.write(func(tx store.Tx) (err error) {
			inside, err = tx.Connection(thing.ID)
			return err
		})
		outside, err := h.ConnectionOf(context.Background(), thing.Name)
		h.must(err)
		if inside != c || outside != c {
			t.Errorf("put %+v, got %+v and %+v", c, inside, outside)
		}
	}
	put(one, fleet.Connection{Connected: true, At: start})
	put(one, fleet.Connection{At: start.Add(time.Minute), Reason: "CONNECTION_LOST"})
	put(two, fleet.Connection{Connected: true, At: start})
	h.write(func(tx store.Tx) error {
		things, err := tx.ConnectedThings(10)
		if len(things) != 1 || things[0].Name != two.Name || things[0].ID != two.ID {
			t.Errorf("connected: %+v", things)
		}
		return err
	})
	if c, err := h.ConnectionOf(context.Background(), h.thing("press-3").Name); err != nil || c != (fleet.Connection{}) {
		t.Errorf("a thing that never was connected: %+v, %v", c, err)
	}
	if _, err := h.ConnectionOf(context.Background(), "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a connection of no thing: %v", err)
	}
}
