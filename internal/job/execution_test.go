package job

import (
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

// spec: job-lifecycle.md#3-numbers-that-identify-an-execution
func TestTheNumberOfAnExecutionThatIsAskedFor(t *testing.T) {
	number := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		name  string
		asked *int64
		want  int64
		known bool
	}{
		{"none is the latest", nil, 0, true},
		{"the first", number(1), 1, true},
		{"a later one", number(7), 7, true},
		{"none has 0, which would be the latest", number(0), 0, false},
		{"or less", number(-1), 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := AttemptNumber(c.asked)
			if got != c.want || (err == nil) != c.known || err != nil && !fault.Is(err, fault.NotFound) {
				t.Errorf("%d, %v", got, err)
			}
		})
	}
}
