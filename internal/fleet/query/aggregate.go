package query

import (
	"math"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
)

// What an aggregation may ask for.
const (
	DefaultBuckets = 10
	MaxPercents    = 1_000
)

// Aggregated is a field that is aggregated.
type Aggregated struct {
	Field string
	// Type says which values count. Numbers: those that read as one. Booleans:
	// true and false, as 1 and 0. Untyped: all, and numbers and booleans have
	// a number.
	Type FieldType
}

// Aggregation resolves aggregationField, "" being the default one. The custom
// types are those that the index is told of attributes and shadows, by field.
//
// Errors: InvalidAggregation.
// spec: wire-protocol.md#10-fleet-index-query-language-searchindex-dynamic-groups
func Aggregation(field string, custom map[string]FieldType) (Aggregated, error) {
	if field == "" {
		field = RegistryVersion
	}
	name, of, ok := Field(field)
	if !ok {
		return Aggregated{}, fault.New(fault.InvalidAggregation, "Value '%s' at 'aggregationField' is no field of the index", clip(field))
	}
	if of == Untyped {
		of = custom[name]
	}
	return Aggregated{Field: name, Type: of}, nil
}

// Ranked is the field with its numbers alone, as percentiles see it. A field
// whose values are known to be none is refused.
//
// Errors: InvalidAggregation.
func (a Aggregated) Ranked() (Aggregated, error) {
	if a.Type == TextField || a.Type == BooleanField {
		return a, fault.New(fault.InvalidAggregation, "Value '%s' at 'aggregationField' is not a field of numbers", a.Field)
	}
	a.Type = NumberField
	return a, nil
}

// Count tells whether a value of the field counts, and which number it is, if
// it is one.
func (a Aggregated) Count(v Value) (number float64, numeric, counts bool) {
	truth := v.Kind == Boolean || a.Type == BooleanField && isTruth(v)
	switch {
	case a.Type == TextField:
		return 0, false, true
	case truth && a.Type != NumberField:
		return truthOf(v), true, true
	case a.Type == BooleanField:
		return 0, false, false
	case v.Numeric:
		return v.Number, true, true
	default:
		return 0, false, a.Type == Untyped
	}
}

func isTruth(v Value) bool { return v.Folded() == "true" || v.Folded() == "false" }

func truthOf(v Value) float64 {
	if v.Folded() == "true" {
		return 1
	}
	return 0
}

// Sums are what the statistics of a field are made of, over the things that a
// query means: those that have a value that counts, and the numbers among the
// values. A thing with a list has several.
type Sums struct {
	Things           int64 // with a value that counts
	N                int64 // numbers
	Beyond           int64 // numbers among them too large to be summed
	Sum, SumSquares  float64
	Minimum, Maximum float64
	// Deviations is the sum of the squares of the numbers' distances from
	// their average: taken from the sums it would lose all its digits where
	// the values are large and close, as times are.
	Deviations float64
}

// Average of the numbers; 0 without any.
func (s Sums) Average() float64 {
	if s.N == 0 {
		return 0
	}
	return s.Sum / float64(s.N)
}

// Statistics is the answer of GetStatistics.
type Statistics struct {
	Count int64
	// Numeric tells that there is more than the count: there are numbers, and
	// none of them is too large.
	Numeric                    bool
	Average, Sum, SumOfSquares float64
	Minimum, Maximum           float64
	Variance, StdDeviation     float64 // of the population
}

// Statistics are those of the sums.
func (s Sums) Statistics() Statistics {
	stats := Statistics{Count: s.Things}
	if s.N == 0 || s.Beyond > 0 {
		return stats
	}
	stats.Numeric = true
	stats.Average, stats.Sum, stats.SumOfSquares = s.Average(), s.Sum, s.SumSquares
	stats.Minimum, stats.Maximum = s.Minimum, s.Maximum
	stats.Variance = s.Deviations / float64(s.N)
	stats.StdDeviation = math.Sqrt(stats.Variance)
	return stats
}

// Percents are what GetPercentiles is asked for, each from 0 to 100: those
// given, or the default ones, each once and in rising order.
//
// Errors: InvalidAggregation.
func Percents(given []float64) ([]float64, error) {
	if len(given) == 0 {
		return []float64{1, 5, 25, 50, 75, 95, 99}, nil
	}
	if len(given) > MaxPercents {
		return nil, fault.New(fault.InvalidAggregation, "Value at 'percents' has %d items, at most %d are allowed", len(given), MaxPercents)
	}
	list := slices.Clone(given)
	slices.Sort(list)
	return slices.Compact(list), nil
}

// Rank is which of n numbers in rising order, from 1, is the percentile: the
// nearest rank, the first that so many percent are not beyond.
func Rank(percent float64, n int64) int64 {
	return min(n, max(1, int64(math.Ceil(percent*float64(n)/100))))
}

// Bucket is a value of a field and how many things have it.
type Bucket struct {
	Key   string
	Count int64
}
