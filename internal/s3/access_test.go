package s3

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/fault"
)

// TestWhoMayUseTheStore: a signature in the query is always verified; others
// come from this machine, or are signed.
func TestWhoMayUseTheStore(t *testing.T) {
	s := start(t, nil)
	s.do("PUT", "/firmware/k", "hello").want(200, "")
	l := artifact.Location{Bucket: "firmware", Key: "k"}
	path := func(method string, signer *artifact.Signer, at time.Time) string {
		url, err := signer.Presign(method, l, at, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(url, s.url)
	}
	now := clock.Wall()
	get := path("GET", s.signer, now)
	s.do("GET", get, "").want(200, "hello")
	s.do("GET", get, "", "Range: bytes=2-").want(206, "llo")
	s.do("GET", get+"&response-content-type=text/html", "").want(403, "SignatureDoesNotMatch")
	s.do("PUT", get, "x").want(403, "SignatureDoesNotMatch")
	s.do("GET", path("GET", s.signer, now.Add(-time.Hour)), "").want(403, "Request has expired")
	s.do("GET", path("GET", s.signer, now.Add(time.Hour)), "").want(403, "not valid yet")
	stranger := artifact.NewSigner(artifact.Endpoint{URL: s.url, Region: "us-east-1", AccessKey: "DROVER1", SecretKey: "guessed"})
	s.do("GET", path("GET", stranger, now), "").want(403, "SignatureDoesNotMatch")
	s.do("PUT", path("PUT", s.signer, now), "new").want(200, "")
	s.do("GET", "/firmware/k", "", "Authorization: AWS4-HMAC-SHA256 Credential=any/20260101/r/s3/aws4_request, SignedHeaders=host, Signature=0").want(200, "new")

	from := func(addr string, change func(*http.Request)) int {
		r := httptest.NewRequest("GET", "/s3/firmware/k", nil)
		r.RemoteAddr = addr
		change(r)
		w := httptest.NewRecorder()
		s.door.ServeHTTP(w, r)
		return w.Code
	}
	for _, c := range []struct {
		name, addr string
		change     func(*http.Request)
		want       int
	}{
		{"from this machine", "127.0.0.1:1", func(*http.Request) {}, 200},
		{"from this machine, as IPv6 writes it", "[::ffff:127.0.0.1]:1", func(*http.Request) {}, 200},
		{"from elsewhere", "192.0.2.1:1", func(*http.Request) {}, 403},
		{"from elsewhere, signed by nobody", "192.0.2.1:1", func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=any") }, 403},
		{"from elsewhere, in chunks", "192.0.2.1:1", func(r *http.Request) {
			r.Header.Set("Authorization", "x")
			r.Header.Set("X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
		}, 403},
		{"from elsewhere, in chunks that are signed by another algorithm", "192.0.2.1:1", func(r *http.Request) {
			r.Header.Set("Authorization", "x")
			r.Header.Set("X-Amz-Content-Sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")
		}, 501},
		{"from nowhere", "", func(*http.Request) {}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := from(c.addr, c.change); got != c.want {
				t.Errorf("answered %d, want %d", got, c.want)
			}
		})
	}
}

func TestWhatIsNotAdmittedIsToldSo(t *testing.T) {
	s := start(t, nil)
	s.door.admit = func(*http.Request) error { return fault.New(fault.Forbidden, "not from a page") }
	s.do("GET", "/", "").want(403, "<Code>AccessDenied</Code><Message>not from a page</Message>")
}
