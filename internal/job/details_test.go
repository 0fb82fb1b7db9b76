package job

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

func TestDetailsMayHaveAnyNumberOfPairsOfABoundedLength(t *testing.T) {
	pairs := func(n int, value string) map[string]string {
		m := map[string]string{}
		for i := range n {
			m[fmt.Sprintf("k%04d", i)] = value
		}
		return m
	}
	for _, c := range []struct {
		name    string
		details map[string]string
		refused bool
	}{
		{"none", nil, false},
		{"a thousand short ones", pairs(1000, "x"), false},
		{"fifteen of the longest", pairs(15, strings.Repeat("x", 1024)), false},
		{"sixteen of the longest", pairs(16, strings.Repeat("x", 1024)), true},
		{"eight of quotes, which are two bytes each", pairs(8, strings.Repeat(`"`, 1024)), true},
		{"four of characters of four bytes", pairs(4, strings.Repeat("\U0001F600", 1024)), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := CheckDetails(c.details); fault.Is(err, fault.InvalidRequest) != c.refused || err != nil != c.refused {
				t.Errorf("error = %v", err)
			}
		})
	}
}
