package s3

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/artifact/disk"
	"github.com/drover-iot/drover/internal/clock"
)

// site is a door behind a listener, with the bucket firmware.
type site struct {
	t      testing.TB
	door   *Door
	url    string
	signer *artifact.Signer
}

func start(t testing.TB, change func(*Config)) *site {
	t.Helper()
	now := clock.NewReal()
	store, err := disk.Open(disk.Config{Dir: filepath.Join(t.TempDir(), "artifacts"), Clock: now, Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s := &site{t: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.door.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	s.url = server.URL + Prefix
	s.signer = artifact.NewSigner(artifact.Endpoint{URL: s.url, Region: "us-east-1", AccessKey: "DROVER1", SecretKey: "secret"})
	c := Config{Store: store, Signer: s.signer, Clock: now, Ahead: time.Minute, Streams: 4}
	if change != nil {
		change(&c)
	}
	s.door = New(c)
	s.do("PUT", "/firmware", "").want(200, "")
	return s
}

// answer is what came back.
type answer struct {
	t testing.TB
	*http.Response
	body string
}

// do sends a request; fields are of its header, "Name: value".
func (s *site) do(method, path, body string, fields ...string) answer {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body == "" {
		r.Body = http.NoBody
	}
	for _, f := range fields {
		if name, value, ok := strings.Cut(f, ": "); ok {
			r.Header.Add(name, value)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{s.t, resp, string(b)}
}

// want holds an answer to a status, and to a text within its body.
func (a answer) want(status int, within string) answer {
	a.t.Helper()
	if a.StatusCode != status || !strings.Contains(a.body, within) {
		a.t.Errorf("%s %s is answered with %d %s, want %d with %q", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.body, status, within)
	}
	return a
}

func (a answer) wantHeader(name, want string) answer {
	a.t.Helper()
	if got := a.Header.Get(name); got != want {
		a.t.Errorf("%s is %q, want %q", name, got, want)
	}
	return a
}

func TestOperationsOfS3(t *testing.T) {
	s := start(t, nil)
	s.do("PUT", "/documents", `<CreateBucketConfiguration xmlns="x"><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>`).
		want(200, "").wantHeader("Location", "/documents")
	s.do("GET", "/", "").want(200, "<Bucket><Name>documents</Name><CreationDate>20").want(200, "<Name>firmware</Name>")
	s.do("GET", "", "").want(200, "<ListAllMyBucketsResult")
	s.do("HEAD", "/firmware", "").want(200, "").wantHeader("X-Amz-Bucket-Region", "us-east-1")
	s.do("HEAD", "/nothing", "").want(404, "")
	s.do("GET", "/firmware?location", "").want(200, "us-east-1</LocationConstraint>")

	s.do("PUT", "/firmware/press/fw%203.bin", "hello", "Content-Type: text/plain", "X-Amz-Meta-Version: 3", "Cache-Control: no-cache", "Content-Encoding: aws-chunked,gzip",
		"X-Amz-Decoded-Content-Length: 5", "Content-Md5: XUFAKrxLKna5cZ2REBfFkg==").want(400, "IncompleteBody")
	s.do("PUT", "/firmware/press/fw%203.bin", "hello", "Content-Type: text/plain", "X-Amz-Meta-Version: 3", "Cache-Control: no-cache").
		want(200, "").wantHeader("ETag", `"5d41402abc4b2a76b9719d911017c592"`)
	s.do("GET", "/firmware/press/fw%203.bin", "").want(200, "hello").wantHeader("Content-Type", "text/plain").wantHeader("X-Amz-Meta-Version", "3").
		wantHeader("Cache-Control", "no-cache").wantHeader("Content-Security-Policy", "sandbox").wantHeader("Accept-Ranges", "bytes").
		wantHeader("ETag", `"5d41402abc4b2a76b9719d911017c592"`)
	s.do("HEAD", "/firmware/press/fw%203.bin", "").want(200, "").wantHeader("Content-Length", "5")
	s.do("GET", "/firmware/press/fw%203.bin?versionId=null", "").want(200, "hello")
	s.do("GET", "/firmware/press/fw%203.bin?versionId=7", "").want(404, "<Code>NoSuchVersion</Code>")
	s.do("GET", "/firmware/nothing", "").want(404, "<Code>NoSuchKey</Code>").want(404, "<Key>nothing</Key>")
	s.do("HEAD", "/firmware/nothing", "").want(404, "")

	s.do("DELETE", "/firmware", "").want(409, "<Code>BucketNotEmpty</Code>")
	s.do("POST", "/firmware?delete", `<Delete><Object><Key>press/fw 3.bin</Key></Object><Object><Key></Key></Object><Object><Key>k</Key><VersionId>7</VersionId></Object></Delete>`).
		want(200, "<Deleted><Key>press/fw 3.bin</Key></Deleted>").want(200, "<Code>InvalidURI</Code>").want(200, "<Code>NoSuchVersion</Code>")
	s.do("POST", "/firmware?delete", `<Delete><Quiet>true</Quiet><Object><Key>k</Key></Object></Delete>`).want(200, `"></DeleteResult>`)
	s.do("DELETE", "/firmware/nothing", "").want(204, "")
	s.do("DELETE", "/firmware", "").want(204, "")
	s.do("GET", "/firmware?list-type=2", "").want(404, "<Code>NoSuchBucket</Code>")
}

func TestRequestsThatAreRefused(t *testing.T) {
	s := start(t, nil)
	s.do("PUT", "/firmware/k", "hello").want(200, "")
	long := strings.Repeat("k", 1025)
	for _, c := range []struct {
		name, method, path, body string
		fields                   []string
		status                   int
		code                     string
	}{
		{"a bucket with a name that cannot be", "PUT", "/Firmware", "", nil, 400, "InvalidBucketName"},
		{"a bucket that is there", "PUT", "/firmware", "", nil, 409, "BucketAlreadyOwnedByYou"},
		{"a bucket with no XML", "PUT", "/documents", "{}", nil, 400, "MalformedXML"},
		{"a method that there is not", "PATCH", "/firmware/k", "", nil, 405, "MethodNotAllowed"},
		{"what is not built", "GET", "/firmware?acl", "", nil, 501, "NotImplemented"},
		{"what is not built, of an object", "PUT", "/firmware/k?tagging", "", nil, 501, "NotImplemented"},
		{"a key that is too long", "PUT", "/firmware/" + long, "x", nil, 400, "KeyTooLongError"},
		{"a key that is no UTF-8", "PUT", "/firmware/%ff", "x", nil, 400, "InvalidURI"},
		{"a list of no version", "GET", "/firmware?list-type=3", "", nil, 400, "InvalidArgument"},
		{"a page of no size", "GET", "/firmware?list-type=2&max-keys=-1", "", nil, 400, "InvalidArgument"},
		{"a token of another list", "GET", "/firmware?list-type=2&continuation-token=x", "", nil, 400, "InvalidArgument"},
		{"an encoding that there is not", "GET", "/firmware?list-type=2&encoding-type=base64", "", nil, 400, "InvalidArgument"},
		{"a part without a number", "PUT", "/firmware/k?uploadId=x", "x", nil, 400, "InvalidArgument"},
		{"a part of a number that cannot be", "PUT", "/firmware/k?partNumber=10001&uploadId=x", "x", nil, 400, "InvalidArgument"},
		{"a part of no upload", "PUT", "/firmware/k?partNumber=1&uploadId=x", "x", nil, 404, "NoSuchUpload"},
		{"parts of no upload", "GET", "/firmware/k?uploadId=../..", "", nil, 404, "NoSuchUpload"},
		{"to delete nothing", "POST", "/firmware?delete", "<Delete></Delete>", nil, 400, "MalformedXML"},
		{"an MD5 that is none", "PUT", "/firmware/k", "x", []string{"Content-Md5: x"}, 400, "InvalidDigest"},
		{"another MD5", "PUT", "/firmware/k", "x", []string{"Content-Md5: XUFAKrxLKna5cZ2REBfFkg=="}, 400, "BadDigest"},
		{"another SHA256", "PUT", "/firmware/k", "x", []string{"X-Amz-Content-Sha256: " + strings.Repeat("0", 64)}, 400, "XAmzContentSHA256Mismatch"},
		{"a SHA256 that is none", "PUT", "/firmware/k", "x", []string{"X-Amz-Content-Sha256: x"}, 400, "InvalidArgument"},
		{"another checksum", "PUT", "/firmware/k", "x", []string{"X-Amz-Checksum-Crc32: AAAAAA=="}, 400, "BadDigest"},
		{"a checksum that is none", "PUT", "/firmware/k", "x", []string{"X-Amz-Checksum-Crc32: x"}, 400, "InvalidRequest"},
		{"two checksums", "PUT", "/firmware/k", "x", []string{"X-Amz-Checksum-Crc32: AAAAAA==", "X-Amz-Checksum-Crc32c: AAAAAA=="}, 400, "InvalidRequest"},
		{"an algorithm that there is not", "POST", "/firmware/k?uploads", "", []string{"X-Amz-Checksum-Algorithm: ADLER"}, 400, "InvalidRequest"},
		{"metadata that are too large", "PUT", "/firmware/k", "x", []string{"X-Amz-Meta-A: " + strings.Repeat("a", 2048)}, 400, "MetadataTooLarge"},
		{"one to be written if it is not there", "PUT", "/firmware/k", "x", []string{"If-None-Match: *"}, 412, "PreconditionFailed"},
		{"one to be written if it is another", "PUT", "/firmware/k", "x", []string{`If-Match: "x"`}, 412, "PreconditionFailed"},
		{"a condition that there is not", "PUT", "/firmware/k", "x", []string{`If-None-Match: "x"`}, 501, "NotImplemented"},
		{"larger than may be, which it says", "PUT", "/firmware/k", "x", []string{"X-Amz-Content-Sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER", "X-Amz-Decoded-Content-Length: 5368709121"}, 400, "EntityTooLarge"},
		{"chunks of no length", "PUT", "/firmware/k", "x", []string{"X-Amz-Content-Sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, 400, "MissingContentLength"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.do(c.method, c.path, c.body, c.fields...).want(c.status, "<Code>"+c.code+"</Code>").wantHeader("Content-Type", "application/xml")
		})
	}
	s.t = t
	s.do("GET", "/firmware/k", "").want(200, "hello")
}

func TestPathsThatLeadNowhereElse(t *testing.T) {
	s := start(t, nil)
	for _, path := range []string{"/firmware/..%2f..%2fcredentials", "/firmware/%2e%2e/x", "/firmware//a", "/firmware/a//b", "/firmware/./x", "/firmware/%00", "/firmware/C%3A%5Cx"} {
		s.do("PUT", path, path).want(200, "")
	}
	for _, path := range []string{"/firmware/..%2f..%2fcredentials", "/firmware/%2e%2e/x", "/firmware//a", "/firmware/a//b", "/firmware/./x", "/firmware/%00", "/firmware/C%3A%5Cx"} {
		s.do("GET", path, "").want(200, path)
	}
	s.do("GET", "/firmware?list-type=2&encoding-type=url", "").want(200, "<KeyCount>7</KeyCount>").want(200, "<Key>../../credentials</Key>").want(200, "<Key>%00</Key>")
}

func TestRangesAndConditions(t *testing.T) {
	s := start(t, nil)
	etag := s.do("PUT", "/firmware/k", "0123456789").Header.Get("ETag")
	modified := s.do("HEAD", "/firmware/k", "").Header.Get("Last-Modified")
	for _, c := range []struct {
		name   string
		fields []string
		status int
		body   string
	}{
		{"from where it broke off", []string{"Range: bytes=4-"}, 206, "456789"},
		{"a part", []string{"Range: bytes=2-3"}, 206, "23"},
		{"the end", []string{"Range: bytes=-3"}, 206, "789"},
		{"more than there is", []string{"Range: bytes=8-99"}, 206, "89"},
		{"more than any file has", []string{"Range: bytes=8-18446744073709551615"}, 206, "89"},
		{"the last, more than any file has", []string{"Range: bytes=-18446744073709551616"}, 206, "0123456789"},
		{"behind the end of any file", []string{"Range: bytes=18446744073709551615-"}, 416, "<Code>InvalidRange</Code>"},
		{"behind the end", []string{"Range: bytes=10-"}, 416, "<Code>InvalidRange</Code>"},
		{"the last no bytes", []string{"Range: bytes=-0"}, 416, "<Code>InvalidRange</Code>"},
		{"the last no bytes, unchanged", []string{"Range: bytes=-0", "If-None-Match: " + etag}, 304, ""},
		{"no range", []string{"Range: bytes=x"}, 200, "0123456789"},
		{"no end and no beginning", []string{"Range: bytes=-"}, 200, "0123456789"},
		{"an end before the beginning", []string{"Range: bytes=5-1"}, 200, "0123456789"},
		{"an end before the beginning, in more digits", []string{"Range: bytes=5-0001"}, 200, "0123456789"},
		{"of something else than bytes", []string{"Range: items=0-1"}, 200, "0123456789"},
		{"if it is the same", []string{"Range: bytes=4-", "If-Range: " + etag}, 206, "456789"},
		{"if it was, and is not", []string{"Range: bytes=4-", `If-Range: "x"`}, 200, "0123456789"},
		{"if it matches", []string{"If-Match: " + etag}, 200, "0123456789"},
		{"if it matches, and does not", []string{`If-Match: "x"`}, 412, "<Code>PreconditionFailed</Code>"},
		{"if it is another", []string{"If-None-Match: " + etag}, 304, ""},
		{"if it was changed", []string{"If-Modified-Since: " + modified}, 304, ""},
		{"if it was not changed", []string{"If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT"}, 412, "<Code>PreconditionFailed</Code>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			got := s.do("GET", "/firmware/k", "", c.fields...)
			if got.StatusCode != c.status || strings.HasPrefix(c.body, "<") != strings.HasPrefix(got.body, "<?xml") || !strings.HasPrefix(c.body, "<") && got.body != c.body {
				t.Errorf("answered %d %q, want %d %q", got.StatusCode, got.body, c.status, c.body)
			}
			got.want(c.status, c.body)
		})
	}
}

func TestOfAnObjectWithoutBytesOnlyTheLastCanBeHad(t *testing.T) {
	s := start(t, nil)
	etag := s.do("PUT", "/firmware/k", "").want(200, "").Header.Get("ETag")
	for _, r := range []string{"bytes=-5", "bytes=x"} {
		if got := s.do("GET", "/firmware/k", "", "Range: "+r).want(200, ""); got.body != "" || got.Header.Get("Content-Range") != "" {
			t.Errorf("%s is answered with %q, %v", r, got.body, got.Header)
		}
	}
	for _, r := range []string{"bytes=0-", "bytes=0-0", "bytes=1-2", "bytes=-0"} {
		s.do("GET", "/firmware/k", "", "Range: "+r).want(416, "<Code>InvalidRange</Code>")
		s.do("GET", "/firmware/k", "", "Range: "+r, "If-None-Match: "+etag).want(304, "")
		s.do("GET", "/firmware/k", "", "Range: "+r, `If-Range: "x"`).want(200, "")
		s.do("HEAD", "/firmware/k", "", "Range: "+r).want(416, "")
	}
}

func TestListsByPage(t *testing.T) {
	s := start(t, nil)
	for _, key := range []string{"a", "b/1", "b/2", "c%20d", "d"} {
		s.do("PUT", "/firmware/"+key, "x").want(200, "")
	}
	first := s.do("GET", "/firmware?list-type=2&delimiter=/&max-keys=2&encoding-type=url", "").
		want(200, "<IsTruncated>true</IsTruncated>").want(200, "<KeyCount>2</KeyCount>").want(200, "<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>")
	var page struct{ NextContinuationToken, NextMarker string }
	if err := xml.Unmarshal([]byte(first.body), &page); err != nil {
		t.Fatal(err)
	}
	s.do("GET", "/firmware?list-type=2&delimiter=/&encoding-type=url&continuation-token="+page.NextContinuationToken, "").
		want(200, "<IsTruncated>false</IsTruncated>").want(200, "<Key>c%20d</Key>").want(200, "<KeyCount>2</KeyCount>")
	s.do("GET", "/firmware?list-type=2&prefix=b/&start-after=b/1", "").want(200, "<Key>b/2</Key>").want(200, "<KeyCount>1</KeyCount>")
	s.do("GET", "/firmware?list-type=2&max-keys=0", "").want(200, "<KeyCount>0</KeyCount>")
	s.do("GET", "/firmware?delimiter=/&max-keys=2", "").want(200, "<NextMarker>b/</NextMarker>").want(200, "<Marker></Marker>")
	s.do("GET", "/firmware?delimiter=/&marker=b/", "").want(200, "<Key>c d</Key>").want(200, "<IsTruncated>false</IsTruncated>")
}
