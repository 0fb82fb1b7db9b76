package query

import (
	"math"
	"slices"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

func TestFieldsThatAreAggregated(t *testing.T) {
	custom := map[string]FieldType{"attributes.n": NumberField, "thingName": NumberField}
	for _, c := range []struct {
		name, field string
		want        Aggregated
		refused     bool
		ranked      bool
	}{
		{"the version, when nothing is asked for", "", Aggregated{"registry.version", NumberField}, false, true},
		{"a name", "thingName", Aggregated{"thingName", TextField}, false, false},
		{"by its other name", "registry.thingGroupNames", Aggregated{"thingGroupNames", TextField}, false, false},
		{"a boolean", "connectivity.connected", Aggregated{"connectivity.connected", BooleanField}, false, false},
		{"an attribute", "attributes.a", Aggregated{"attributes.a", Untyped}, false, true},
		{"an attribute of a known type", "attributes.n", Aggregated{"attributes.n", NumberField}, false, true},
		{"an unknown field", "batterylevel", Aggregated{}, true, false},
		{"a field that no database can keep", "attributes.a\x00b", Aggregated{}, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Aggregation(c.field, custom)
			if c.refused != fault.Is(err, fault.InvalidAggregation) || got != c.want {
				t.Fatalf("is %+v, %v", got, err)
			}
			if _, err := got.Ranked(); !c.refused && (err == nil) != c.ranked {
				t.Errorf("has percentiles: %v", err)
			}
		})
	}
}

func TestWhichValuesCount(t *testing.T) {
	for _, c := range []struct {
		name            string
		of              FieldType
		value           Value
		number          float64
		numeric, counts bool
	}{
		{"a number", Untyped, numberValue("2"), 2, true, true},
		{"an attribute that reads as one", Untyped, TextValue("2"), 2, true, true},
		{"a text", Untyped, TextValue("x"), 0, false, true},
		{"true", Untyped, booleanValue(true), 1, true, true},
		{"a text that says true", Untyped, TextValue("true"), 0, false, true},
		{"a number of numbers", NumberField, TextValue("2"), 2, true, true},
		{"a text among numbers", NumberField, TextValue("x"), 0, false, false},
		{"true among numbers", NumberField, booleanValue(true), 0, false, false},
		{"a text of texts", TextField, TextValue("x"), 0, false, true},
		{"a number among texts", TextField, numberValue("2"), 0, false, true},
		{"true of booleans", BooleanField, booleanValue(true), 1, true, true},
		{"a text that says false, of booleans", BooleanField, TextValue("False"), 0, true, true},
		{"a number among booleans", BooleanField, numberValue("1"), 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			number, numeric, counts := Aggregated{Type: c.of}.Count(c.value)
			if number != c.number || numeric != c.numeric || counts != c.counts {
				t.Errorf("is %v, %v, %v", number, numeric, counts)
			}
		})
	}
}

// The example of the AWS guide: -125, 75 and 150.
func TestStatisticsOfThreeNumbers(t *testing.T) {
	average := 100.0 / 3
	sums := Sums{Things: 3, N: 3, Sum: 100, SumSquares: 43750, Minimum: -125, Maximum: 150, Deviations: 43750 - 3*average*average}
	got := sums.Statistics()
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"count", float64(got.Count), 3},
		{"average", got.Average, 33.333333333333336},
		{"sum", got.Sum, 100},
		{"minimum", got.Minimum, -125},
		{"maximum", got.Maximum, 150},
		{"sum of squares", got.SumOfSquares, 43750},
		{"variance of the population", got.Variance, 13472.222222222222},
		{"standard deviation", got.StdDeviation, 116.06990230986766},
	} {
		if math.Abs(c.got-c.want) > 1e-9 || !got.Numeric {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestStatisticsWithoutNumbers(t *testing.T) {
	for _, c := range []struct {
		name string
		sums Sums
		want Statistics
	}{
		{"nothing", Sums{}, Statistics{}},
		{"texts are counted", Sums{Things: 3}, Statistics{Count: 3}},
		{"a number too large", Sums{Things: 2, N: 2, Beyond: 1, Sum: 1}, Statistics{Count: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.sums.Statistics(); got != c.want {
				t.Errorf("statistics are %+v", got)
			}
		})
	}
}

func TestPercentsThatAreAskedFor(t *testing.T) {
	for _, c := range []struct {
		name        string
		given, want []float64
	}{
		{"none", nil, []float64{1, 5, 25, 50, 75, 95, 99}},
		{"some", []float64{90, 10, 99.9}, []float64{10, 90, 99.9}},
		{"one twice", []float64{50, 50}, []float64{50}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := Percents(c.given); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("are %v, %v", got, err)
			}
		})
	}
	if _, err := Percents(make([]float64, 1001)); !fault.Is(err, fault.InvalidAggregation) {
		t.Errorf("1001 percents: %v", err)
	}
}

func TestTheNearestRank(t *testing.T) {
	for _, c := range []struct {
		percent float64
		n, want int64
	}{
		{0, 5, 1}, {1, 5, 1}, {20, 5, 1}, {20.1, 5, 2}, {50, 5, 3}, {50, 4, 2}, {99, 5, 5}, {100, 5, 5}, {50, 1, 1}, {95, 1_000_000, 950_000},
	} {
		if got := Rank(c.percent, c.n); got != c.want {
			t.Errorf("%v %% of %d is the one at %d, want %d", c.percent, c.n, got, c.want)
		}
	}
}
