package quota

import (
	"maps"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var rateRow = regexp.MustCompile(`(?m)^\| (of devices: )?([A-Z][A-Za-z, ]+) \| (\d+) \| (each|together.*)? ?\|$`)

// spec: job-lifecycle.md#111-rates-of-calls
func TestTheRatesAreThoseOfTheSpecification(t *testing.T) {
	page, err := os.ReadFile("../../docs/spec/job-lifecycle.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n### 11.1 ")
	table, _, _ = strings.Cut(table, "\n## ")
	want, got := map[Call]int{}, map[Call]int{}
	for _, row := range rateRow.FindAllStringSubmatch(table, -1) {
		service := "iot"
		if row[1] != "" {
			service = "iot-jobs-data"
		}
		for operation := range strings.SplitSeq(row[2], ", ") {
			want[Call{Service: service, Operation: operation}], err = strconv.Atoi(row[3])
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for call, rate := range Rates() {
		got[call] = rate.PerSecond
	}
	if !maps.Equal(got, want) {
		t.Errorf("the rates are %v, those of the specification %v", got, want)
	}
}
