package sqlstore

import (
	"context"
	"slices"

	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/store/querysql"
)

// CountMeant implements store.Searcher.
func (s *Store) CountMeant(ctx context.Context, q query.Query) (int64, error) {
	return answer(ctx, s, querysql.Count(q), "count things")
}

// answer asks a question whose answer is a number.
func answer(ctx context.Context, s *Store, q querysql.Statement, what string) (int64, error) {
	r, done, err := s.question(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	n, _, err := one(r.asking(q), scanNumber, what)
	return n, err
}

// Sums implements store.Searcher.
func (s *Store) Sums(ctx context.Context, q query.Query, a query.Aggregated) (query.Sums, error) {
	r, done, err := s.question(ctx)
	if err != nil {
		return query.Sums{}, err
	}
	defer done()
	sums, _, err := one(r.asking(querysql.Sums(q, a)), scanSums, "sum up a field")
	if err != nil || sums.N == 0 {
		return sums, err
	}
	sums.Deviations, _, err = one(r.asking(querysql.Deviations(q, a, sums.Average())), scanFloat, "deviations of a field")
	return sums, err
}

func scanSums(r row) (s query.Sums, err error) {
	err = r.Scan(&s.Things, &s.N, &s.Beyond, &s.Sum, &s.SumSquares, &s.Minimum, &s.Maximum)
	return s, err
}

func scanFloat(r row) (f float64, err error) {
	err = r.Scan(&f)
	return f, err
}

// Cardinality implements store.Searcher.
func (s *Store) Cardinality(ctx context.Context, q query.Query, a query.Aggregated) (int64, error) {
	return answer(ctx, s, querysql.Cardinality(q, a), "count values")
}

// Percentiles implements store.Searcher. What changes between the two
// statements may leave a rank without a number: the last one stands for it.
func (s *Store) Percentiles(ctx context.Context, q query.Query, a query.Aggregated, percents []float64) ([]float64, error) {
	r, done, err := s.question(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	n, _, err := one(r.asking(querysql.Numbers(q, a)), scanNumber, "count numbers")
	if err != nil || n == 0 {
		return nil, err
	}
	ranks := make([]int64, len(percents))
	for i, percent := range percents {
		ranks[i] = query.Rank(percent, n)
	}
	found, err := all(r.asking(querysql.Ranked(q, a, slices.Compact(slices.Clone(ranks)))), scanRanked, "rank numbers")
	if err != nil || len(found) == 0 {
		return nil, err
	}
	numbers := make([]float64, len(ranks))
	for i, rank := range ranks {
		at, _ := slices.BinarySearchFunc(found, rank, func(f ranked, rank int64) int { return int(f.rank - rank) })
		numbers[i] = found[min(at, len(found)-1)].number
	}
	return numbers, nil
}

// ranked is a number and its place among those of a field.
type ranked struct {
	rank   int64
	number float64
}

func scanRanked(r row) (k ranked, err error) {
	err = r.Scan(&k.rank, &k.number)
	return k, err
}

// Buckets implements store.Searcher.
func (s *Store) Buckets(ctx context.Context, q query.Query, a query.Aggregated, most int) ([]query.Bucket, error) {
	r, done, err := s.question(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return all(r.asking(querysql.Buckets(q, a, most)), func(r row) (b query.Bucket, err error) {
		err = r.Scan(&b.Key, &b.Count)
		return b, err
	}, "buckets of a field")
}
