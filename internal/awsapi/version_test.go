package awsapi

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
)

func TestIfMatch(t *testing.T) {
	for _, c := range []struct {
		header string
		want   []int64
		wrong  bool
	}{
		{"", nil, false},
		{"*", nil, false},
		{` "3" `, []int64{3}, false},
		{`"3","4" ,	"5"`, []int64{3, 4, 5}, false},
		{`W/"3"`, []int64{}, false},
		{`W/"3", "4"`, []int64{4}, false},
		{`"abc"`, []int64{}, false},
		{`""`, []int64{}, false},
		{`"03"`, []int64{}, false},
		{`"9223372036854775808"`, []int64{}, false},
		{`3`, nil, true},
		{`"3`, nil, true},
		{`"3" "4"`, nil, true},
		{`"3",`, nil, true},
		{`,"3"`, nil, true},
		{`"3", *`, nil, true},
		{`w/"3"`, nil, true},
	} {
		got, err := IfMatch(c.header)
		if (err != nil) != c.wrong || !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: %v, %v", c.header, got, err)
		}
		if err != nil && (!fault.Is(err, fault.InvalidRequest) || !strings.Contains(err.Error(), "'If-Match'")) {
			t.Errorf("%s is refused as %v", c.header, err)
		}
	}
}

// Whatever the header is, it names versions that an ETag in it bears, or is
// refused.
func FuzzIfMatch(f *testing.F) {
	for _, seed := range []string{`"1", W/"2"`, `*`, `"x" ,"-3"`, `"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		versions, err := IfMatch(header)
		if err != nil && !fault.Is(err, fault.InvalidRequest) {
			t.Fatal(err)
		}
		for _, v := range versions {
			if !strings.Contains(header, ETag(v)) {
				t.Errorf("%q names %d", header, v)
			}
		}
	})
}

func TestWhoCalledIsTheKeyOrTheAddress(t *testing.T) {
	for _, c := range []struct{ authorization, want string }{
		{"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature=00", "AKIDEXAMPLE"},
		{"", "192.0.2.1"},
		{"Basic Credential=", "192.0.2.1"},
		{"AWS4-HMAC-SHA256 Credential=a b/20260101/us-east-1/iot/aws4_request", "192.0.2.1"},
		{"AWS4-HMAC-SHA256 Credential=" + strings.Repeat("A", 129) + "/20260101/us-east-1/iot/aws4_request", "192.0.2.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", c.authorization)
		r.Header.Set(Caller, "forged")
		if got := callerOf(r); got != c.want {
			t.Errorf("%q is %q, want %q", c.authorization, got, c.want)
		}
	}
}
