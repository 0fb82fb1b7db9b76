package engine

import (
	"context"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/store"
)

// Indexing is what the fleet index holds, and how far it has come with that.
func (e *Engine) Indexing(ctx context.Context) (store.Indexing, error) {
	return e.store.IndexingOf(ctx)
}

// UpdateIndexing has the index hold something else from now on. It is built by
// and by: what it had stays in it meanwhile.
//
// Errors: InvalidRequest; also to turn it off while dynamic groups follow it.
func (e *Engine) UpdateIndexing(ctx context.Context, want query.Indexing) error {
	if err := want.Check(); err != nil {
		return err
	}
	return e.write(ctx, func(o *operation) error {
		x, err := o.remembered()
		if err != nil {
			return err
		}
		if !want.Registry && len(x.builds) > 0 {
			return fault.New(fault.InvalidRequest,
				"Value 'OFF' at 'thingIndexingMode' is not allowed: there are %d dynamic thing groups, which need the index", len(x.builds))
		}
		next := store.Indexing{Indexing: want, Build: begun(x.indexing, want)}
		o.building = isWalking(next.Build)
		return o.putIndexing(next)
	})
}

// isWalking tells whether the index is being built or emptied.
func isWalking(b fleet.Build) bool { return b.Status == fleet.Emptying || b.UnderWay() }

// begun is the build that brings the index to what is wanted.
func begun(i store.Indexing, want query.Indexing) fleet.Build {
	switch {
	case !want.Registry && i.Build.Status == fleet.None:
		return fleet.Build{}
	case !want.Registry:
		return fleet.Build{Status: fleet.Emptying}
	case i.Registry && i.SameEntries(want):
		return i.Build
	default:
		return i.Build.Begun()
	}
}

func (o *operation) putIndexing(i store.Indexing) error {
	o.index.touch(theIndex)
	return o.tx.PutIndexing(i)
}

// asked reads a query, if the index can answer it, and what the index holds.
func (e *Engine) asked(ctx context.Context, text string) (query.Query, store.Indexing, error) {
	q, err := query.Parse(text, e.searches)
	if err != nil {
		return q, store.Indexing{}, err
	}
	i, err := e.store.IndexingOf(ctx)
	switch {
	case err != nil:
		return q, i, err
	case !i.Registry:
		return q, i, fault.New(fault.IndexNotReady, "The fleet index is off: UpdateIndexingConfiguration turns it on")
	case i.Build.Status != fleet.Active:
		return q, i, fault.New(fault.IndexNotReady, "The fleet index is %s", i.Build.Status)
	}
	return q, i, nil
}

// aggregated reads what an aggregation is asked for.
func (e *Engine) aggregated(ctx context.Context, text, field string) (query.Query, query.Aggregated, error) {
	q, i, err := e.asked(ctx, text)
	if err != nil {
		return q, query.Aggregated{}, err
	}
	a, err := query.Aggregation(field, i.Types())
	return q, a, err
}

// Statistics are those of a field over the things that a query means; an empty
// field is the default one.
//
// Errors: InvalidQuery, InvalidAggregation, IndexNotReady.
func (e *Engine) Statistics(ctx context.Context, text, field string) (query.Statistics, error) {
	q, a, err := e.aggregated(ctx, text, field)
	if err != nil {
		return query.Statistics{}, err
	}
	sums, err := e.store.Sums(ctx, q, a)
	return sums.Statistics(), err
}

// Cardinality is how many values a field has. Errors: as for Statistics.
func (e *Engine) Cardinality(ctx context.Context, text, field string) (int64, error) {
	q, a, err := e.aggregated(ctx, text, field)
	if err != nil {
		return 0, err
	}
	return e.store.Cardinality(ctx, q, a)
}

// Percentiles are the numbers of a field at those percents, or at the default
// ones: nearest rank. Without numbers there are none.
//
// Errors: as for Statistics.
func (e *Engine) Percentiles(ctx context.Context, text, field string, given []float64) (percents, numbers []float64, err error) {
	q, a, err := e.aggregated(ctx, text, field)
	if err != nil {
		return nil, nil, err
	}
	if a, err = a.Ranked(); err != nil {
		return nil, nil, err
	}
	if percents, err = query.Percents(given); err != nil {
		return nil, nil, err
	}
	numbers, err = e.store.Percentiles(ctx, q, a, percents)
	return percents, numbers, err
}

// Buckets are the most frequent values of a field, and how many things the
// query means in all. Errors: as for Statistics.
func (e *Engine) Buckets(ctx context.Context, text, field string, most int) ([]query.Bucket, int64, error) {
	q, a, err := e.aggregated(ctx, text, field)
	if err != nil {
		return nil, 0, err
	}
	buckets, err := e.store.Buckets(ctx, q, a, most)
	if err != nil {
		return nil, 0, err
	}
	things, err := e.store.CountMeant(ctx, q)
	return buckets, things, err
}
