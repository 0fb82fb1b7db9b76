package iot

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
)

// Several lines of a header are one list, RFC 9110 section 5.3, and one that is
// empty is there: a change that bears it does not go through unconditionally.
func TestEveryLineOfIfMatchCounts(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		want  []int64
		wrong bool
	}{
		{"no line", nil, nil, false},
		{"two lines", []string{`"7"`, `"1"`}, []int64{7, 1}, false},
		{"a second line that is no list", []string{`"1"`, `1`}, nil, true},
		{"a star beside a tag", []string{`*`, `"1"`}, nil, true},
		{"an empty line", []string{""}, nil, true},
		{"an empty line behind a tag", []string{`"1"`, ""}, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("PATCH", "/jobs/fw-3", strings.NewReader("{}"))
			r.SetPathValue("jobId", "fw-3")
			r.Header["If-Match"] = c.lines
			in, err := awsapi.NewDecoder[UpdateJobRequest]().Request(r)
			var versions []int64
			if err == nil {
				versions, err = awsapi.IfMatch(in.IfMatch)
			}
			if c.wrong != fault.Is(err, fault.InvalidRequest) || c.wrong == (err == nil) || !slices.Equal(versions, c.want) {
				t.Errorf("%v, %v", versions, err)
			}
			if c.wrong && !strings.Contains(err.Error(), "'If-Match'") {
				t.Errorf("refused as %v", err)
			}
		})
	}
}
