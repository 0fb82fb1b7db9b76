package iot

import (
	"strconv"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet/query"
)

// aggregating are the rows that the aggregations share.
func aggregating() awsapi.Shape {
	return awsapi.Shape{indexName, queryString, {Name: "aggregationField", Rule: queryString.Rule}, queryVersion}
}

// GetCardinality asks how many values a field has.
var GetCardinality = awsapi.MustLookup(awsapi.IoT, "GetCardinality")

// GetCardinalityRequest is what GetCardinality takes.
type GetCardinalityRequest struct {
	IndexName        string `json:"indexName,omitempty"`
	QueryString      string `json:"queryString"`
	AggregationField string `json:"aggregationField,omitempty"`
	QueryVersion     string `json:"queryVersion,omitempty"`
}

// Shape implements awsapi.Shaped.
func (GetCardinalityRequest) Shape() awsapi.Shape { return aggregating() }

// Asked is the index and the language that the request means.
func (r GetCardinalityRequest) Asked() Asked { return Asked{r.IndexName, r.QueryVersion} }

// GetCardinalityAnswer is a number of values.
type GetCardinalityAnswer struct {
	Cardinality int64 `json:"cardinality"`
}

// GetStatistics asks for the statistics of a field.
var GetStatistics = awsapi.MustLookup(awsapi.IoT, "GetStatistics")

// GetStatisticsRequest is what GetStatistics takes.
type GetStatisticsRequest struct {
	IndexName        string `json:"indexName,omitempty"`
	QueryString      string `json:"queryString"`
	AggregationField string `json:"aggregationField,omitempty"`
	QueryVersion     string `json:"queryVersion,omitempty"`
}

// Shape implements awsapi.Shaped.
func (GetStatisticsRequest) Shape() awsapi.Shape { return aggregating() }

// Asked is the index and the language that the request means.
func (r GetStatisticsRequest) Asked() Asked { return Asked{r.IndexName, r.QueryVersion} }

// GetStatisticsAnswer is the statistics of a field.
type GetStatisticsAnswer struct {
	Statistics Statistics `json:"statistics"`
}

// Statistics are those of a field; nil is what a field without numbers has not.
// spec: api-shapes.md#statistics
type Statistics struct {
	Count        int64    `json:"count"`
	Average      *float64 `json:"average,omitempty"`
	Sum          *float64 `json:"sum,omitempty"`
	Minimum      *float64 `json:"minimum,omitempty"`
	Maximum      *float64 `json:"maximum,omitempty"`
	SumOfSquares *float64 `json:"sumOfSquares,omitempty"`
	Variance     *float64 `json:"variance,omitempty"`
	StdDeviation *float64 `json:"stdDeviation,omitempty"`
}

// StatisticsOf is s as GetStatistics shows it.
func StatisticsOf(s query.Statistics) Statistics {
	if !s.Numeric {
		return Statistics{Count: s.Count}
	}
	return Statistics{
		Count: s.Count, Average: &s.Average, Sum: &s.Sum, Minimum: &s.Minimum, Maximum: &s.Maximum,
		SumOfSquares: &s.SumOfSquares, Variance: &s.Variance, StdDeviation: &s.StdDeviation,
	}
}

// GetPercentiles asks for percentiles of a field.
var GetPercentiles = awsapi.MustLookup(awsapi.IoT, "GetPercentiles")

// GetPercentilesRequest is what GetPercentiles takes.
type GetPercentilesRequest struct {
	IndexName        string           `json:"indexName,omitempty"`
	QueryString      string           `json:"queryString"`
	AggregationField string           `json:"aggregationField,omitempty"`
	QueryVersion     string           `json:"queryVersion,omitempty"`
	Percents         []awsapi.Decimal `json:"percents,omitempty"`
}

// Shape implements awsapi.Shaped.
func (GetPercentilesRequest) Shape() awsapi.Shape {
	return append(aggregating(), awsapi.Member{Name: "percents"})
}

// Asked is the index and the language that the request means.
func (r GetPercentilesRequest) Asked() Asked { return Asked{r.IndexName, r.QueryVersion} }

// Given are the percents of the request. They have as many digits as clients
// like, so their range is checked here.
func (r GetPercentilesRequest) Given() ([]float64, error) {
	var given []float64
	for i, d := range r.Percents {
		percent, err := strconv.ParseFloat(d.String(), 64)
		if err != nil || percent < 0 || percent > 100 {
			return nil, fault.New(fault.InvalidRequest, "Value %.40s at 'percents[%d]' failed to satisfy constraint: must be 0 to 100", d.String(), i)
		}
		given = append(given, percent)
	}
	return given, nil
}

// GetPercentilesAnswer is percentiles of a field.
type GetPercentilesAnswer struct {
	Percentiles []PercentPair `json:"percentiles"`
}

// PercentPair is one percentile. spec: api-shapes.md#percentpair
type PercentPair struct {
	Percent float64 `json:"percent"`
	Value   float64 `json:"value"`
}

// PercentPairsOf are the numbers at percents as GetPercentiles shows them.
func PercentPairsOf(percents, numbers []float64) []PercentPair {
	pairs := make([]PercentPair, 0, len(numbers))
	for i, n := range numbers {
		pairs = append(pairs, PercentPair{Percent: percents[i], Value: n})
	}
	return pairs
}

// GetBucketsAggregation asks which values a field has, and how often.
var GetBucketsAggregation = awsapi.MustLookup(awsapi.IoT, "GetBucketsAggregation")

// GetBucketsAggregationRequest is what GetBucketsAggregation takes.
type GetBucketsAggregationRequest struct {
	IndexName              string                  `json:"indexName,omitempty"`
	QueryString            string                  `json:"queryString"`
	AggregationField       string                  `json:"aggregationField"`
	QueryVersion           string                  `json:"queryVersion,omitempty"`
	BucketsAggregationType *BucketsAggregationType `json:"bucketsAggregationType"`
}

// Shape implements awsapi.Shaped.
func (GetBucketsAggregationRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		indexName,
		queryString,
		{Name: "aggregationField", Required: true, Rule: queryString.Rule},
		queryVersion,
		{Name: "bucketsAggregationType", Required: true},
	}
}

// Asked is the index and the language that the request means.
func (r GetBucketsAggregationRequest) Asked() Asked { return Asked{r.IndexName, r.QueryVersion} }

// Most is how many buckets the request asks for.
func (r GetBucketsAggregationRequest) Most() int {
	if terms := r.BucketsAggregationType.TermsAggregation; terms != nil && terms.MaxBuckets != 0 {
		return terms.MaxBuckets
	}
	return query.DefaultBuckets
}

// BucketsAggregationType says how values are put into buckets: each into one of
// its own. spec: api-shapes.md#bucketsaggregationtype
type BucketsAggregationType struct {
	TermsAggregation *TermsAggregation `json:"termsAggregation,omitempty"`
}

// Shape implements awsapi.Shaped.
func (BucketsAggregationType) Shape() awsapi.Shape { return awsapi.Shape{{Name: "termsAggregation"}} }

// TermsAggregation is how many buckets there are at most.
// spec: api-shapes.md#termsaggregation
type TermsAggregation struct {
	MaxBuckets int `json:"maxBuckets,omitempty"` // 0: absent
}

// Shape implements awsapi.Shaped.
func (TermsAggregation) Shape() awsapi.Shape {
	return awsapi.Shape{{Name: "maxBuckets", Rule: awsapi.Rule{Range: awsapi.Span{Min: 1, Max: 10000}}}}
}

// GetBucketsAggregationAnswer is buckets and how many things there are in all.
type GetBucketsAggregationAnswer struct {
	TotalCount int64    `json:"totalCount"`
	Buckets    []Bucket `json:"buckets"`
}

// Bucket is a value and how many things have it. spec: api-shapes.md#bucket
type Bucket struct {
	KeyValue string `json:"keyValue"`
	Count    int64  `json:"count"`
}

// BucketsOf are buckets as GetBucketsAggregation shows them.
func BucketsOf(list []query.Bucket) []Bucket {
	shown := make([]Bucket, 0, len(list))
	for _, b := range list {
		shown = append(shown, Bucket{KeyValue: b.Key, Count: b.Count})
	}
	return shown
}
