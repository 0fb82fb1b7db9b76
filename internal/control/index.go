package control

import (
	"context"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/store"
)

// asked refuses another index or language than the one there is.
func asked(a iot.Asked, unknown fault.Kind) error {
	if a.Index != "" && a.Index != query.Index {
		return fault.New(unknown, "Index %s does not exist: there is %s", a.Index, query.Index)
	}
	if a.Version != "" && a.Version != query.Version {
		return fault.New(fault.InvalidRequest, "Value '%.80s' at 'queryVersion' is not allowed: it is %s", a.Version, query.Version)
	}
	return nil
}

// searchPage is how many things a page of a search has at most.
const searchPage = 250

func (d *Door) searchIndex(ctx context.Context, in *iot.SearchIndexRequest) (*iot.SearchIndexAnswer, error) {
	if err := asked(in.Asked(), fault.NotFound); err != nil {
		return nil, err
	}
	p, err := open(iot.SearchIndex, in.NextToken, min(in.MaxResults, searchPage), in.QueryString)
	if err != nil {
		return nil, err
	}
	out := &iot.SearchIndexAnswer{}
	cursor, err := d.search(ctx, in.QueryString, p.store(), out)
	if err != nil {
		return nil, err
	}
	out.NextToken, err = p.next(cursor)
	return out, err
}

// search reads a page in steps, as things does: one with shadows may be large.
func (d *Door) search(ctx context.Context, text string, p store.Page, out *iot.SearchIndexAnswer) (store.Cursor, error) {
	out.Things = []iot.ThingDocument{}
	for size := 0; ; {
		asked := min(pageStep, p.Limit-len(out.Things))
		step, cursor, err := d.engine.Search(ctx, text, store.Page{After: p.After, Limit: asked})
		if err != nil {
			return "", err
		}
		for _, f := range step {
			shown := iot.ThingDocumentOf(f.Document, f.Shadows)
			size += shown.Size()
			out.Things = append(out.Things, shown)
		}
		if len(step) < asked || len(out.Things) == p.Limit || size >= pageBytes || cursor == "" {
			return cursor, nil
		}
		p.After = cursor
	}
}

func (d *Door) describeIndex(ctx context.Context, in *iot.DescribeIndexRequest) (*iot.DescribeIndexAnswer, error) {
	i, err := d.engine.Indexing(ctx)
	if err != nil {
		return nil, err
	}
	if in.IndexName != query.Index || !i.Registry {
		return nil, fault.New(fault.NotFound, "Index %s does not exist", in.IndexName)
	}
	return &iot.DescribeIndexAnswer{IndexName: query.Index, IndexStatus: i.Build.Status.String(), Schema: i.Schema()}, nil
}

// listIndices has at most one index to list.
func (d *Door) listIndices(ctx context.Context, in *iot.ListIndicesRequest) (*iot.ListIndicesAnswer, error) {
	if _, err := open(iot.ListIndices, in.NextToken, in.MaxResults); err != nil {
		return nil, err
	}
	i, err := d.engine.Indexing(ctx)
	if err != nil {
		return nil, err
	}
	out := &iot.ListIndicesAnswer{IndexNames: []string{}}
	if i.Registry {
		out.IndexNames = append(out.IndexNames, query.Index)
	}
	return out, nil
}

func (d *Door) getIndexing(ctx context.Context, _ *iot.GetIndexingConfigurationRequest) (*iot.GetIndexingConfigurationAnswer, error) {
	i, err := d.engine.Indexing(ctx)
	return iot.IndexingOf(i.Indexing), err
}

func (d *Door) updateIndexing(ctx context.Context, in *iot.UpdateIndexingConfigurationRequest) (*iot.Empty, error) {
	i, ok, err := in.Indexing()
	if err != nil || !ok {
		return done(err)
	}
	return done(d.engine.UpdateIndexing(ctx, i))
}

func (d *Door) getCardinality(ctx context.Context, in *iot.GetCardinalityRequest) (*iot.GetCardinalityAnswer, error) {
	if err := asked(in.Asked(), fault.NotFound); err != nil {
		return nil, err
	}
	n, err := d.engine.Cardinality(ctx, in.QueryString, in.AggregationField)
	return &iot.GetCardinalityAnswer{Cardinality: n}, err
}

func (d *Door) getStatistics(ctx context.Context, in *iot.GetStatisticsRequest) (*iot.GetStatisticsAnswer, error) {
	if err := asked(in.Asked(), fault.NotFound); err != nil {
		return nil, err
	}
	s, err := d.engine.Statistics(ctx, in.QueryString, in.AggregationField)
	return &iot.GetStatisticsAnswer{Statistics: iot.StatisticsOf(s)}, err
}

func (d *Door) getPercentiles(ctx context.Context, in *iot.GetPercentilesRequest) (*iot.GetPercentilesAnswer, error) {
	if err := asked(in.Asked(), fault.NotFound); err != nil {
		return nil, err
	}
	given, err := in.Given()
	if err != nil {
		return nil, err
	}
	percents, numbers, err := d.engine.Percentiles(ctx, in.QueryString, in.AggregationField, given)
	return &iot.GetPercentilesAnswer{Percentiles: iot.PercentPairsOf(percents, numbers)}, err
}

func (d *Door) getBuckets(ctx context.Context, in *iot.GetBucketsAggregationRequest) (*iot.GetBucketsAggregationAnswer, error) {
	if err := asked(in.Asked(), fault.NotFound); err != nil {
		return nil, err
	}
	buckets, things, err := d.engine.Buckets(ctx, in.QueryString, in.AggregationField, in.Most())
	return &iot.GetBucketsAggregationAnswer{TotalCount: things, Buckets: iot.BucketsOf(buckets)}, err
}
