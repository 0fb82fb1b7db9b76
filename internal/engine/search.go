package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/store"
)

// Found is a thing that a search has found, as the index knows it.
type Found struct {
	Document query.Document           // of its shadows only their names
	Shadows  map[string]shadow.Shadow // that the index holds, by name
}

// Search is the things that a query means, by registration.
// spec: wire-protocol.md#10-fleet-index-query-language-searchindex-dynamic-groups
//
// Errors: InvalidQuery, IndexNotReady.
func (e *Engine) Search(ctx context.Context, text string, p store.Page) ([]Found, store.Cursor, error) {
	q, _, err := e.asked(ctx, text)
	if err != nil {
		return nil, "", err
	}
	things, cursor, err := e.store.Search(ctx, q, p)
	if err != nil {
		return nil, "", err
	}
	list := make([]Found, 0, len(things))
	for _, t := range things {
		f, err := e.found(ctx, t)
		if err != nil {
			return nil, "", err
		}
		list = append(list, f)
	}
	return list, cursor, nil
}

// found reads the shadows of what a search has found. They are no part of the
// index but of what it is made of, so one may be newer, or gone.
func (e *Engine) found(ctx context.Context, t store.Found) (Found, error) {
	f := Found{Document: query.DocumentOf(t.Entries), Shadows: map[string]shadow.Shadow{}}
	for _, name := range slices.Sorted(maps.Keys(f.Document.Shadows)) {
		s, err := e.store.ShadowOf(ctx, f.Document.Thing.Name, name)
		if err := unless(fault.NotFound, err); err != nil {
			return f, err
		}
		if !s.None() {
			f.Shadows[name] = s
		}
	}
	return f, nil
}
