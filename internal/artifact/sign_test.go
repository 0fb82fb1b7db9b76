package artifact

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

var (
	now  = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	ours = NewSigner(Endpoint{URL: "http://drover.example.net:7070/s3", Region: "eu-central-1", AccessKey: "DROVER1", SecretKey: "secret"})
)

// received is a request as the node gets it, by its URL.
func received(method, text string) *http.Request {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(method, u.RequestURI(), nil)
	r.Host = u.Host
	return r
}

func presigned(t *testing.T, method string, l Location) string {
	t.Helper()
	text, err := ours.Presign(method, l, now, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestASignedURLHoldsForItsTimeAndForNothingElse(t *testing.T) {
	get := presigned(t, http.MethodGet, Location{Bucket: "firmware", Key: "press/größe 1+1%.bin"})
	for _, c := range []struct {
		name, method, url string
		after             time.Duration
		want              Code
	}{
		{"at once", "GET", get, 0, ""},
		{"until it ends", "GET", get, time.Hour, ""},
		{"afterwards", "GET", get, time.Hour + time.Second, AccessDenied},
		{"a moment before, for clocks differ", "GET", get, -10 * time.Minute, ""},
		{"long before", "GET", get, -time.Hour, AccessDenied},
		{"by another method", "PUT", get, 0, SignatureDoesNotMatch},
		{"of another object", "GET", strings.Replace(get, "press", "pross", 1), 0, SignatureDoesNotMatch},
		{"with something added", "GET", get + "&response-content-type=text/html", 0, SignatureDoesNotMatch},
		{"for longer", "GET", strings.Replace(get, "Expires=3600", "Expires=7200", 1), 0, SignatureDoesNotMatch},
		{"for longer than may be", "GET", strings.Replace(get, "Expires=3600", "Expires=604801", 1), 0, QueryParametersError},
		{"for no time", "GET", strings.Replace(get, "Expires=3600", "Expires=x", 1), 0, QueryParametersError},
		{"without a date", "GET", strings.Replace(get, "X-Amz-Date=", "X-Amz-Day=", 1), 0, QueryParametersError},
		{"by another key", "GET", strings.Replace(get, "DROVER1", "DROVER2", 1), 0, InvalidAccessKey},
		{"of another service", "GET", strings.Replace(get, "%2Fs3%2F", "%2Fiot%2F", 1), 0, QueryParametersError},
		{"by another algorithm", "GET", strings.Replace(get, "HMAC-SHA256", "ECDSA", 1), 0, QueryParametersError},
		{"without a signature", "GET", strings.Replace(get, "X-Amz-Signature", "X-Amz-Sign", 1), 0, SignatureDoesNotMatch},
		{"with a query that cannot be read", "GET", get + "&%zz", 0, QueryParametersError},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := ours.Verify(received(c.method, c.url), now.Add(c.after), 15*time.Minute)
			if c.want == "" && err != nil || c.want != "" && !Is(err, c.want) {
				t.Errorf("answered %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheSameArgumentsGiveTheSameURL(t *testing.T) {
	l := Location{Bucket: "firmware", Key: "a b", Version: "7"}
	a, b := presigned(t, http.MethodGet, l), presigned(t, http.MethodGet, l)
	if a != b {
		t.Errorf("%s is not %s", a, b)
	}
	if !strings.HasPrefix(a, "http://drover.example.net:7070/s3/firmware/a%20b?") || !strings.Contains(a, "versionId=7") {
		t.Errorf("it is %s", a)
	}
}

// TestHeadersThatWereSignedHaveToBeSent: an upload may be bound to its type.
func TestHeadersThatWereSignedHaveToBeSent(t *testing.T) {
	r, _ := http.NewRequest(http.MethodPut, ours.URL(Location{Bucket: "firmware", Key: "k"})+"?X-Amz-Expires=60", nil)
	r.Header.Set("Content-Type", "text/plain")
	text, _, err := v4.NewSigner(asS3).PresignHTTP(t.Context(), aws.Credentials{AccessKeyID: "DROVER1", SecretAccessKey: "secret"}, r, unsignedPayload, "s3", "us-west-2", now)
	if err != nil {
		t.Fatal(err)
	}
	put := received(http.MethodPut, text)
	if err := ours.Verify(put, now, 0); !Is(err, SignatureDoesNotMatch) {
		t.Errorf("without the header it is answered with %v", err)
	}
	put.Header.Set("Content-Type", "text/plain")
	if err := ours.Verify(put, now, 0); err != nil {
		t.Errorf("with it: %v", err)
	}
}

func TestASignatureInTheHeaderIsVerified(t *testing.T) {
	sign := func(secret string) *http.Request {
		r, _ := http.NewRequest(http.MethodPut, ours.URL(Location{Bucket: "firmware", Key: "a:b c"}), nil)
		r.Header.Set("X-Amz-Content-Sha256", emptyHash)
		if err := v4.NewSigner(asS3).SignHTTP(t.Context(), aws.Credentials{AccessKeyID: "DROVER1", SecretAccessKey: secret}, r, emptyHash, "s3", "us-west-2", now); err != nil {
			t.Fatal(err)
		}
		got := received(http.MethodPut, r.URL.String())
		got.Header = r.Header
		return got
	}
	if err := ours.Verify(sign("secret"), now, 0); err != nil {
		t.Error(err)
	}
	if err := ours.Verify(sign("guessed"), now, 0); !Is(err, SignatureDoesNotMatch) {
		t.Errorf("one by another secret is answered with %v", err)
	}
	if err := ours.Verify(sign("secret"), now.Add(time.Hour), 0); !Is(err, AccessDenied) {
		t.Errorf("one of an hour ago is answered with %v", err)
	}
	if err := ours.Verify(received(http.MethodGet, "http://h/s3/firmware/k"), now, 0); !Is(err, AccessDenied) {
		t.Errorf("none is answered with %v", err)
	}
}

func TestURLsOfTheOlderSignatureAreTaken(t *testing.T) {
	s := NewSigner(Endpoint{URL: "http://h/s3", AccessKey: "DROVERNQBZ22WNF4PTLN", SecretKey: "OLDER"})
	sign := func(text string) string {
		mac := hmac.New(sha1.New, []byte("OLDER"))
		mac.Write([]byte(text))
		return "AWSAccessKeyId=DROVERNQBZ22WNF4PTLN&Expires=1769860800&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	get := sign("GET\n\n\n1769860800\n/s3/firmware/a%20b")
	for _, c := range []struct {
		name, method, url string
		after             time.Duration
		want              Code
	}{
		{"at once", "GET", "/s3/firmware/a%20b?" + get, 0, ""},
		{"as botocore calls the object", "GET", "/s3/firmware/k?" + sign("GET\n\n\n1769860800\n/firmware/k"), 0, ""},
		{"when it has ended", "GET", "/s3/firmware/a%20b?" + get, time.Second, AccessDenied},
		{"by another method", "PUT", "/s3/firmware/a%20b?" + get, 0, SignatureDoesNotMatch},
		{"of another object", "GET", "/s3/firmware/a?" + get, 0, SignatureDoesNotMatch},
		{"asked for something else", "GET", "/s3/firmware/a%20b?uploadId=1&" + get, 0, SignatureDoesNotMatch},
		{"with what is signed too", "GET", "/s3/firmware/k?response-content-type=text/plain&" + sign("GET\n\n\n1769860800\n/s3/firmware/k?response-content-type=text/plain"), 0, ""},
		{"by another key", "GET", "/s3/firmware/a%20b?" + strings.Replace(get, "DROVER", "DRIVER", 1), 0, InvalidAccessKey},
		{"without an end", "GET", "/s3/firmware/a%20b?" + strings.Replace(get, "Expires", "Ends", 1), 0, QueryParametersError},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := s.Verify(received(c.method, "http://h"+c.url), now.Add(c.after), 0)
			if c.want == "" && err != nil || c.want != "" && !Is(err, c.want) {
				t.Errorf("answered %v, want %q", err, c.want)
			}
		})
	}
}

// FuzzVerify: whatever a stranger sends is refused, and never by a panic.
func FuzzVerify(f *testing.F) {
	f.Add("/s3/firmware/k", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=DROVER1%2F20260131%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20260131T120000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00", "")
	f.Add("/s3", "", "AWS4-HMAC-SHA256 Credential=DROVER1/20260131/r/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=00")
	f.Fuzz(func(t *testing.T, path, query, auth string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: path, RawQuery: query}
		r.Header.Set("Authorization", auth)
		r.Header.Set("X-Amz-Date", "20260131T120000Z")
		if err := ours.Verify(r, now, time.Hour); As(err) == nil {
			t.Fatalf("%q?%q by %q is answered with %v", path, query, auth, err)
		}
	})
}
