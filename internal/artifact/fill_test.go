package artifact

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestPlaceholdersOfPresignedURLs(t *testing.T) {
	press := Recipient{Thing: "press:01", Job: "fw-1", Number: 2, Signed: now, Life: time.Hour}
	for _, c := range []struct {
		name, placeholder, method string
		want                      Location
		refused                   string
	}{
		{"to get", "s3-presigned-url:https://s3.eu-central-1.amazonaws.com/firmware/a%20b", "GET", Location{Bucket: "firmware", Key: "a b"}, ""},
		{"to get, second form", "s3-presigned-url-v2:https%3A%2F%2Ffirmware.s3.amazonaws.com%2Fk%3FversionId%3D7", "GET", Location{"firmware", "k", "7"}, ""},
		{"to get, second form, not encoded", "s3-presigned-url-v2:https://s3.amazonaws.com/firmware/k", "GET", Location{Bucket: "firmware", Key: "k"}, ""},
		{"to put", "s3-presigned-url-upload:https://s3.amazonaws.com/firmware/logs/k", "PUT", Location{Bucket: "firmware", Key: "logs/k"}, ""},
		{
			"to put, with variables", "s3-presigned-url-upload:https://s3.amazonaws.com/firmware/${thingName}/${jobId}-${executionNumber}-${thingName}", "PUT",
			Location{Bucket: "firmware", Key: "press:01/fw-1-2-press:01"},
			"",
		},
		{"to put, without a key", "s3-presigned-url-upload:https://s3.amazonaws.com/firmware", "PUT", Location{Bucket: "firmware", Key: "fw-1/press:01/2/1"}, ""},
		{"a variable three times", "s3-presigned-url-upload:https://s3.amazonaws.com/firmware/${jobId}${jobId}${jobId}", "", Location{}, "more than twice"},
		{"a variable in the bucket", "s3-presigned-url-upload:https://s3.amazonaws.com/${jobId}/k", "", Location{}, "names no bucket"},
		{"a variable in the host", "s3-presigned-url-upload:https://${jobId}.s3.amazonaws.com/k", "", Location{}, "not the URL"},
		{"variables are for uploads", "s3-presigned-url:https://s3.amazonaws.com/firmware/${jobId}", "GET", Location{Bucket: "firmware", Key: "${jobId}"}, ""},
		{"nothing to get", "s3-presigned-url:https://s3.amazonaws.com/firmware", "", Location{}, "has no key"},
		{"a version in the first form", "s3-presigned-url:https://s3.amazonaws.com/firmware/k?versionId=7", "", Location{}, "has a versionId"},
		{"a version to put", "s3-presigned-url-upload:https://s3.amazonaws.com/firmware/k?versionId=7", "", Location{}, "has a versionId"},
		{
			"with a signature of code in its key, which nobody makes", "s3-presigned-url:https://s3.amazonaws.com/firmware/${aws:iot:code-sign-signature:s3://eu.b/k@v}", "GET",
			Location{Bucket: "firmware", Key: "${aws:iot:code-sign-signature:s3://eu.b/k@v}"},
			"",
		},
		{"of a signature of code, which nobody makes", "s3-presigned-url:${aws:iot:code-sign-signature:s3://eu.b/k@v}", "", Location{}, "not the URL"},
		{"no URL", "s3-presigned-url:firmware/k", "", Location{}, "not the URL"},
		{"the second form, badly encoded", "s3-presigned-url-v2:https%3A%2", "", Location{}, "not percent-encoded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ours.Fill([]byte(`["${aws:iot:`+c.placeholder+`}"]`), press)
			if c.refused != "" {
				if As(err) == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("answered %v, want a refusal with %q", err, c.refused)
				}
				return
			}
			if want := `["` + presigned(t, c.method, c.want) + `"]`; err != nil || string(got) != want {
				t.Errorf("got %s, %v; want %s", got, err, want)
			}
		})
	}
	if got, err := ours.Fill([]byte(`["${aws:iot:new:k}"]`), press); err != nil || string(got) != `["${aws:iot:new:k}"]` {
		t.Errorf("a placeholder of another kind became %s, %v", got, err)
	}
}

func TestAnObjectHasAPlaceholder(t *testing.T) {
	for _, l := range []Location{{Bucket: "firmware", Key: "k"}, {"firmware", "d/k 1+&%20}é", "v+1 &"}} {
		got, err := ours.Fill([]byte(`["`+l.Placeholder().String()+`"]`), Recipient{Signed: now, Life: time.Hour})
		if want := `["` + presigned(t, "GET", l) + `"]`; err != nil || string(got) != want {
			t.Errorf("%s became %s, %v; want %s", l.Placeholder(), got, err, want)
		}
	}
	odd := Location{Bucket: "firmware/d", Key: "k"} // is no bucket
	if got, err := ours.Fill([]byte(`["`+odd.Placeholder().String()+`"]`), Recipient{Signed: now, Life: time.Hour}); As(err) == nil {
		t.Errorf("%s became %s", odd.Placeholder(), got)
	}
}

func TestAFilledURLIsTakenAndExpires(t *testing.T) {
	doc, err := ours.Fill([]byte(`"${aws:iot:s3-presigned-url:https://s3.amazonaws.com/firmware/k}"`), Recipient{Signed: now, Life: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	r := received(http.MethodGet, strings.Trim(string(doc), `"`))
	if err := ours.Verify(r, now.Add(time.Minute), 0); err != nil {
		t.Error(err)
	}
	if err := ours.Verify(r, now.Add(61*time.Second), 0); !Is(err, AccessDenied) {
		t.Errorf("afterwards it is answered with %v", err)
	}
}
