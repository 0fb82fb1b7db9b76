package s3

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/artifact/disk"
	"github.com/drover-iot/drover/internal/clock"
)

func TestACopyIsTheObjectAgain(t *testing.T) {
	s := start(t, nil)
	s.do("PUT", "/documents", "").want(200, "")
	etag := s.do("PUT", "/firmware/a%20b/k", "hello", "Content-Type: text/plain", "X-Amz-Meta-Version: 3", "X-Amz-Checksum-Crc32: NhCmhg==").Header.Get("ETag")
	s.do("PUT", "/documents/k", "", "X-Amz-Copy-Source: /firmware/a%20b/k").want(200, "<CopyObjectResult ").want(200, "<LastModified>2").
		want(200, "<ETag>&#34;5d41402abc4b2a76b9719d911017c592&#34;</ETag><ChecksumCRC32>NhCmhg==</ChecksumCRC32>")
	s.do("GET", "/documents/k", "", "X-Amz-Checksum-Mode: ENABLED").want(200, "hello").wantHeader("Content-Type", "text/plain").wantHeader("X-Amz-Meta-Version", "3").
		wantHeader("ETag", etag).wantHeader("X-Amz-Checksum-Crc32", "NhCmhg==")
	s.do("PUT", "/documents/k", "", "X-Amz-Copy-Source: firmware/a%20b/k?versionId=null", "X-Amz-Metadata-Directive: REPLACE", "Content-Type: text/x", "X-Amz-Checksum-Algorithm: SHA1").
		want(200, "<ChecksumSHA1>qvTGHdzF6KLavt4PO0gs2a6pQ00=</ChecksumSHA1>")
	s.do("HEAD", "/documents/k", "").want(200, "").wantHeader("Content-Type", "text/x").wantHeader("X-Amz-Meta-Version", "").wantHeader("Content-Length", "5")
	s.do("PUT", "/firmware/a%20b/k", "", "X-Amz-Copy-Source: /firmware/a%20b/k", "X-Amz-Metadata-Directive: REPLACE", "X-Amz-Meta-Version: 4").want(200, "")
	s.do("GET", "/firmware/a%20b/k", "").want(200, "hello").wantHeader("X-Amz-Meta-Version", "4").wantHeader("Content-Type", "binary/octet-stream")
}

func TestCopiesThatAreRefused(t *testing.T) {
	s := start(t, nil)
	etag := s.do("PUT", "/firmware/k", "hello").Header.Get("ETag")
	s.do("PUT", "/firmware/there", "other").want(200, "")
	for _, c := range []struct {
		name, source string
		fields       []string
		status       int
		code         string
	}{
		{"of a bucket that is not there", "/nothing/k", nil, 404, "NoSuchBucket"},
		{"of an object that is not there", "/firmware/nothing", nil, 404, "NoSuchKey"},
		{"of nothing", "", nil, 400, "InvalidArgument"},
		{"of no object", "/firmware", nil, 400, "InvalidArgument"},
		{"of no bucket", "k", nil, 400, "InvalidArgument"},
		{"of what leads out of the buckets", "/../credentials", nil, 400, "InvalidArgument"},
		{"of what would lead out of the bucket", "/firmware/../../credentials", nil, 404, "NoSuchKey"},
		{"of what is not encoded right", "/firmware/%zz", nil, 400, "InvalidArgument"},
		{"of an access point", "arn:aws:s3:us-east-1:000000000000:accesspoint/a/object/k", nil, 400, "InvalidArgument"},
		{"of a key that is too long", "/firmware/" + strings.Repeat("k", 1025), nil, 400, "KeyTooLongError"},
		{"of an older version", "/firmware/k?versionId=7", nil, 404, "NoSuchVersion"},
		{"with no directive that there is", "/firmware/k", []string{"X-Amz-Metadata-Directive: MERGE"}, 400, "InvalidArgument"},
		{"with no algorithm that there is", "/firmware/k", []string{"X-Amz-Checksum-Algorithm: ADLER"}, 400, "InvalidRequest"},
		{"if it is another", "/firmware/k", []string{`X-Amz-Copy-Source-If-Match: "x"`}, 412, "PreconditionFailed"},
		{"if it is not this one", "/firmware/k", []string{"X-Amz-Copy-Source-If-None-Match: " + etag}, 412, "PreconditionFailed"},
		{"if it is changed", "/firmware/k", []string{"X-Amz-Copy-Source-If-Modified-Since: Mon, 01 Jan 2120 00:00:00 GMT"}, 412, "PreconditionFailed"},
		{"if it is unchanged", "/firmware/k", []string{"X-Amz-Copy-Source-If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT"}, 412, "PreconditionFailed"},
		{"if there is nothing", "/firmware/k", []string{"If-None-Match: *"}, 412, "PreconditionFailed"},
		{"by a key of its own", "/firmware/k", []string{"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Algorithm: AES256"}, 501, "NotImplemented"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.do("PUT", "/firmware/there", "", append(c.fields, "X-Amz-Copy-Source: "+c.source)...).want(c.status, "<Code>"+c.code+"</Code>")
		})
	}
	s.t = t
	s.do("GET", "/firmware/there", "").want(200, "other")
	s.do("PUT", "/firmware/k", "", "X-Amz-Copy-Source: /firmware/k").want(400, "trying to copy an object to itself without changing")
	s.do("PUT", "/firmware/there", "", "X-Amz-Copy-Source: /firmware/k", "X-Amz-Copy-Source-If-Match: "+etag, "X-Amz-Copy-Source-If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT").
		want(200, "")
	s.do("GET", "/firmware/there", "").want(200, "hello")
}

func TestPartsThatAreCopied(t *testing.T) {
	s := start(t, nil)
	large := strings.Repeat("x", disk.LeastPart) + "0123456789"
	s.do("PUT", "/firmware/large", large).want(200, "")
	var begun struct {
		UploadID string `xml:"UploadId"`
	}
	if err := xml.Unmarshal([]byte(s.do("POST", "/firmware/k?uploads", "", "X-Amz-Checksum-Algorithm: CRC32").body), &begun); err != nil {
		t.Fatal(err)
	}
	at := "/firmware/k?uploadId=" + begun.UploadID
	copied := func(number int, span string) answer {
		return s.do("PUT", fmt.Sprintf("%s&partNumber=%d", at, number), "", "X-Amz-Copy-Source: firmware/large", "X-Amz-Copy-Source-Range: "+span)
	}
	for _, span := range []string{"bytes=5-1", "bytes=0-", "bytes=-5", "0-5", "bytes=0-9999999", "bytes=0-1,3-4", "bytes=99999999999999999999-99999999999999999999"} {
		copied(1, span).want(400, "<Code>InvalidArgument</Code>")
	}
	copied(10001, "bytes=0-5").want(400, "<Code>InvalidArgument</Code>")
	var parts strings.Builder
	for i, span := range []string{fmt.Sprintf("bytes=0-%d", disk.LeastPart-1), fmt.Sprintf("bytes=%d-%d", disk.LeastPart+4, disk.LeastPart+9)} {
		var made struct{ ETag, ChecksumCRC32 string }
		if err := xml.Unmarshal([]byte(copied(i+1, span).want(200, "<CopyPartResult ").body), &made); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&parts, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag><ChecksumCRC32>%s</ChecksumCRC32></Part>", i+1, made.ETag, made.ChecksumCRC32)
	}
	s.do("POST", at, "<CompleteMultipartUpload>"+parts.String()+"</CompleteMultipartUpload>").want(200, "-2</ChecksumCRC32>")
	s.do("GET", "/firmware/k", "", fmt.Sprintf("Range: bytes=%d-", disk.LeastPart-1)).want(206, "x456789")
	s.do("PUT", at+"&partNumber=1", "", "X-Amz-Copy-Source: firmware/large").want(404, "NoSuchUpload")
}

// TestWhoMayPutOneObjectMayNotCopyAnother: what a request asks for in headers
// has to be signed as well.
func TestWhoMayPutOneObjectMayNotCopyAnother(t *testing.T) {
	s := start(t, nil)
	s.do("PUT", "/firmware/secret", "secret").want(200, "")
	url, err := s.signer.Presign("PUT", artifact.Location{Bucket: "firmware", Key: "k"}, clock.Wall(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	put := strings.TrimPrefix(url, s.url)
	for _, field := range []string{"X-Amz-Copy-Source: firmware/secret", "X-Amz-Meta-Version: 3"} {
		s.do("PUT", put, "", field).want(403, "not signed")
	}
	s.do("GET", "/firmware/k", "").want(404, "NoSuchKey")
	s.do("PUT", put, "own").want(200, "")
}

func TestUploadsThatHaveBegunAreListed(t *testing.T) {
	s := start(t, nil)
	s.do("PUT", "/documents", "").want(200, "")
	for _, at := range []string{"/firmware/b", "/firmware/a%20b", "/firmware/a%20b", "/documents/c"} {
		s.do("POST", at+"?uploads", "").want(200, "")
	}
	var page struct {
		NextKeyMarker, NextUploadIDMarker string
		IsTruncated                       bool
		Upload                            []struct{ Key string }
	}
	list := func(more string) (keys []string) {
		t.Helper()
		page.Upload, page.IsTruncated = nil, false
		body := strings.ReplaceAll(s.do("GET", "/firmware?uploads&encoding-type=url"+more, "").want(200, "<ListMultipartUploadsResult ").body, "IdMarker", "IDMarker")
		if err := xml.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Upload {
			keys = append(keys, u.Key)
		}
		return keys
	}
	for _, c := range []struct{ query, want string }{
		{"", "[a%20b a%20b b]"},
		{"&prefix=a", "[a%20b a%20b]"},
		{"&key-marker=a%20b", "[b]"},
		{"&max-uploads=0", "[]"},
		{"&max-uploads=1", "[a%20b]"},
	} {
		if got := fmt.Sprint(list(c.query)); got != c.want {
			t.Errorf("%q lists %s, want %s", c.query, got, c.want)
		}
	}
	if got := fmt.Sprint(list("&key-marker="+page.NextKeyMarker+"&upload-id-marker="+page.NextUploadIDMarker), page.IsTruncated); got != "[a%20b b] false" {
		t.Errorf("the second page is %s", got)
	}
	s.do("GET", "/nothing?uploads", "").want(404, "NoSuchBucket")
	s.do("GET", "/firmware?uploads&max-uploads=x", "").want(400, "InvalidArgument")
	s.do("GET", "/firmware?uploads&encoding-type=x", "").want(400, "InvalidArgument")
	s.do("GET", "/firmware?uploads&delimiter=/", "").want(501, "NotImplemented")
}

// TestWhatIsNotBuiltIsRefusedByName: by the operation's, or by that of what a
// header asks for.
func TestWhatIsNotBuiltIsRefusedByName(t *testing.T) {
	s := start(t, nil)
	s.do("PUT", "/firmware/k", "hello").want(200, "")
	for _, c := range []struct{ method, path, field, name string }{
		{"GET", "/firmware?versioning", "", "GetBucketVersioning"},
		{"PUT", "/firmware?versioning", "", "PutBucketVersioning"},
		{"GET", "/firmware?versions", "", "ListObjectVersions"},
		{"DELETE", "/firmware?policy", "", "DeleteBucketPolicy"},
		{"GET", "/firmware?acl", "", "GetBucketAcl"},
		{"GET", "/firmware/k?acl", "", "GetObjectAcl"},
		{"GET", "/firmware/k?attributes", "", "GetObjectAttributes"},
		{"PUT", "/firmware/k?tagging", "", "PutObjectTagging"},
		{"DELETE", "/firmware/k?tagging", "", "DeleteObjectTagging"},
		{"POST", "/firmware/k?select&select-type=2", "", "SelectObjectContent"},
		{"POST", "/firmware/k?restore", "", "RestoreObject"},
		{"POST", "/firmware", "", "PostObject"},
		{"GET", "/firmware/k?partNumber=1", "", "GetObject of a part"},
		{"PUT", "/firmware/k", "X-Amz-Server-Side-Encryption: AES256", "x-amz-server-side-encryption: AES256"},
		{"PUT", "/firmware/k", "X-Amz-Storage-Class: GLACIER", "x-amz-storage-class: GLACIER"},
		{"PUT", "/firmware/k", "X-Amz-Acl: public-read", "x-amz-acl: public-read"},
		{"PUT", "/firmware/k", "X-Amz-Tagging: a=b", "x-amz-tagging: a=b"},
		{"PUT", "/firmware/k?versionId=abc", "", "of PutObject"},
		{"PUT", "/firmware/k?versionId=abc", "X-Amz-Copy-Source: /firmware/k", "of CopyObject"},
		{"PUT", "/firmware/k?uploads", "", "of PutObject"},
		{"PUT", "/firmware/k?append&position=3", "", "of PutObject"},
		{"DELETE", "/firmware/k?uploads", "", "of DeleteObject"},
		{"DELETE", "/firmware?delete", "", "of DeleteBucket"},
		{"PUT", "/firmware/k", "X-Amz-Write-Offset-Bytes: 3", "x-amz-write-offset-bytes: 3"},
		{"PUT", "/firmware/k", "If-Match: ", "on one ETag in If-Match"},
		{"PUT", "/firmware/k", "If-None-Match: ", "on one ETag in If-Match"},
		{"DELETE", "/firmware/k", `If-Match: "x"`, "if-match:"},
		{"DELETE", "/firmware/k", "X-Amz-If-Match-Size: 3", "x-amz-if-match-size: 3"},
		{"DELETE", "/firmware/k", "X-Amz-If-Match-Last-Modified-Time: Mon, 01 Jan 2001 00:00:00 GMT", "x-amz-if-match-last-modified-time"},
		{"POST", "/firmware/k?uploads", "X-Amz-Object-Lock-Mode: GOVERNANCE", "x-amz-object-lock-mode"},
	} {
		s.do(c.method, c.path, "", c.field).want(501, "<Code>NotImplemented</Code>").want(501, c.name)
	}
	s.do("GET", "/firmware/k", "").want(200, "hello")
	s.do("POST", "/firmware?delete", "<Delete><Object><Key>k</Key><ETag>x</ETag></Object></Delete>").want(200, "<Code>NotImplemented</Code>")
	s.do("GET", "/firmware/k?tagging", "").want(200, "<TagSet></TagSet>")
	s.do("GET", "/firmware/nothing?tagging", "").want(404, "NoSuchKey")
	s.do("PUT", "/firmware/k", "again", "X-Amz-Storage-Class: STANDARD", "X-Amz-Acl: bucket-owner-full-control").want(200, "")
	s.do("GET", "/firmware/k", "").want(200, "again")
}
