package sqlstore

import "github.com/drover-iot/drover/internal/store"

// lookups are the queries that load what is hinted at.
func (w *work) lookups(h store.Hints) []Lookup { return nil }
