package store

import (
	"context"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/query"
)

// Indexing is what the fleet index holds, and how far it has come with that.
type Indexing struct {
	query.Indexing
	Build fleet.Build // None: the index is off and empty
}

// Index is the fleet index and what follows it, within a transaction.
type Index interface {
	// Indexing is the zero value if the index was never on.
	Indexing() (Indexing, error)
	PutIndexing(Indexing) error
	// Entries are those of a thing whose fields begin with prefix, "" being
	// all, in the order of the index.
	Entries(thing int64, prefix string) ([]query.Entry, error)
	// Reindex takes entries of a thing away and puts others there, as
	// query.Diff answers them.
	Reindex(thing int64, gone, come []query.Entry) error
	// Unindex takes all entries of a thing away.
	Unindex(thing int64) error
	// EmptyIndex takes up to n entries away, whosever they are, and answers how
	// many.
	EmptyIndex(n int) (int, error)
	// Meant is the things that a query means among some of the next.
	Meant(q query.Query, after int64, look, most int) (Meant, error)
	// ThingsBehind are the next n things by registration.
	ThingsBehind(after int64, n int) ([]fleet.Thing, error)
	// DynamicGroup is one that is not deleted, else NotFound.
	DynamicGroup(id int64) (fleet.Group, error)
	// DynamicGroups are all there are, by id.
	DynamicGroups() ([]fleet.Group, error)
}

// Meant is a part of the answer to a query.
type Meant struct {
	Things []int64 // in the order of registration
	After  int64   // all up to this thing were looked at
	End    bool    // nothing is left behind After
}

// Found is a thing that a search found. Entries are all but those of shadows,
// of which there are those that query.DocumentOf tells the names by.
type Found struct {
	Thing   int64
	Entries []query.Entry
}

// Searcher answers from the fleet index as it is committed. Whether it is ready
// is the caller's to know.
type Searcher interface {
	IndexingOf(context.Context) (Indexing, error)
	// GroupsUnderWay is how many dynamic groups look for their members among
	// all things.
	GroupsUnderWay(context.Context) (int64, error)
	// Search is the things that a query means, by registration.
	Search(context.Context, query.Query, Page) ([]Found, Cursor, error)
	// CountMeant is how many things a query means.
	CountMeant(context.Context, query.Query) (int64, error)
	Sums(context.Context, query.Query, query.Aggregated) (query.Sums, error)
	Cardinality(context.Context, query.Query, query.Aggregated) (int64, error)
	// Percentiles are the numbers of a field at those percents, which rise;
	// none if there are no numbers.
	Percentiles(ctx context.Context, q query.Query, a query.Aggregated, percents []float64) ([]float64, error)
	// Buckets are the most frequent values of a field.
	Buckets(ctx context.Context, q query.Query, a query.Aggregated, most int) ([]query.Bucket, error)
}
