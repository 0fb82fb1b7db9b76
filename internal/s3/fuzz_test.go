package s3

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzRange: a range of an object is that range of its bytes, or is refused.
func FuzzRange(f *testing.F) {
	for _, r := range []string{"bytes=0-1", "bytes=-3", "bytes=4-", "bytes=9-2", "bytes=1-2,4-5", "bytes=99999999999999999999-", "x", "bytes="} {
		f.Add(r)
	}
	s := start(f, nil)
	const body = "0123456789"
	s.do("PUT", "/firmware/k", body).want(200, "")
	f.Fuzz(func(t *testing.T, ranges string) {
		r := httptest.NewRequest("GET", "/s3/firmware/k", nil)
		r.RemoteAddr = "127.0.0.1:1"
		r.Header.Set("Range", ranges)
		w := httptest.NewRecorder()
		s.door.ServeHTTP(w, r)
		switch got := w.Body.String(); w.Code {
		case 200:
			if got != body {
				t.Fatalf("%q is answered with all of %q", ranges, got)
			}
		case 206:
			if !strings.HasPrefix(w.Header().Get("Content-Type"), "multipart/") && !strings.Contains(body, got) {
				t.Fatalf("%q is answered with %q", ranges, got)
			}
		case 416:
		default:
			t.Fatalf("%q is answered with %d", ranges, w.Code)
		}
	})
}

// FuzzXML: a body of XML is answered, and never by a fault of ours.
func FuzzXML(f *testing.F) {
	f.Add([]byte("<Delete><Object><Key>k</Key></Object></Delete>"))
	f.Add([]byte("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>"))
	f.Add([]byte("<!DOCTYPE a [<!ENTITY b \"c\">]><Delete>&b;</Delete>"))
	s := start(f, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, path := range []string{"/s3/firmware?delete", "/s3/firmware/k?uploadId=" + strings.Repeat("0", 32)} {
			r := httptest.NewRequest("POST", path, bytes.NewReader(body))
			r.RemoteAddr = "127.0.0.1:1"
			w := httptest.NewRecorder()
			s.door.ServeHTTP(w, r)
			if w.Code >= 500 && w.Code != 503 {
				t.Fatalf("%q is answered with %d %s", body, w.Code, w.Body)
			}
		}
	})
}
