package s3

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/artifact"
)

func TestBodiesInChunks(t *testing.T) {
	s := start(t, nil)
	const (
		unsigned = "X-Amz-Content-Sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER"
		signed   = "X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
		both     = "X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
		five     = "X-Amz-Decoded-Content-Length: 5"
		crc      = "X-Amz-Trailer: x-amz-checksum-crc32"
	)
	sig := ";chunk-signature=" + strings.Repeat("0", 64)
	for _, c := range []struct {
		name, body string
		fields     []string
		status     int
		within     string
	}{
		{"without trailers", "5\r\nhello\r\n0\r\n\r\n", []string{unsigned, five}, 200, ""},
		{"by the encoding alone", "5\r\nhello\r\n0\r\n\r\n", []string{"Content-Encoding: aws-chunked", five}, 200, ""},
		{"several", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", []string{unsigned, five}, 200, ""},
		{"signed", "5" + sig + "\r\nhello\r\n0" + sig + "\r\n\r\n", []string{signed, five}, 200, ""},
		{"with a checksum behind", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", []string{unsigned, five, crc}, 200, ""},
		{"with a checksum behind, and no end", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n", []string{unsigned, five, crc}, 200, ""},
		{"with a checksum and a signature behind", "5" + sig + "\r\nhello\r\n0" + sig + "\r\nx-amz-checksum-crc32:NhCmhg==\n\r\n\r\nx-amz-trailer-signature:00\r\n\r\n", []string{both, five, crc}, 200, ""},
		{"with another checksum behind", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", []string{unsigned, five, crc}, 400, "BadDigest"},
		{"without the checksum that was announced", "5\r\nhello\r\n0\r\n\r\n", []string{unsigned, five, crc}, 400, "InvalidRequest"},
		{"shorter than announced", "4\r\nhell\r\n0\r\n\r\n", []string{unsigned, five}, 400, "IncompleteBody"},
		{"longer than announced", "6\r\nhello!\r\n0\r\n\r\n", []string{unsigned, five}, 400, "IncompleteBody"},
		{"broken off in a chunk", "5\r\nhel", []string{unsigned, five}, 400, "IncompleteBody"},
		{"broken off between chunks", "5\r\nhello\r\n", []string{unsigned, five}, 400, "IncompleteBody"},
		{"a chunk longer than it says", "4\r\nhello\r\n0\r\n\r\n", []string{unsigned, five}, 400, "IncompleteBody"},
		{"no length", "hello", []string{unsigned, five}, 400, "IncompleteBody"},
		{"a length below nothing", "-5\r\nhello\r\n0\r\n\r\n", []string{unsigned, five}, 400, "IncompleteBody"},
		{"a length beyond everything", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", []string{unsigned, five}, 400, "IncompleteBody"},
		{"a line that does not end", strings.Repeat("5", 4096), []string{unsigned, five}, 400, "IncompleteBody"},
		{"trailers that do not end", "5\r\nhello\r\n0\r\n" + strings.Repeat("a:b\r\n", 100), []string{unsigned, five}, 400, "IncompleteBody"},
		{"nothing at all", "0\r\n\r\n", []string{unsigned, "X-Amz-Decoded-Content-Length: 0"}, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.do("DELETE", "/firmware/k", "")
			s.do("PUT", "/firmware/k", c.body, c.fields...).want(c.status, c.within)
			want := "hello"
			if strings.HasPrefix(c.body, "0\r\n") {
				want = ""
			}
			if c.status == 200 {
				s.do("GET", "/firmware/k", "").want(200, want).wantHeader("Content-Encoding", "")
			} else {
				s.do("GET", "/firmware/k", "").want(404, "")
			}
		})
	}
}

func TestABodyThatBreaksOffIsTheClientsMistake(t *testing.T) {
	served := make(chan Served, 1)
	s := start(t, nil)
	s.door.served = func(_ *http.Request, s Served) { served <- s }
	for _, body := range []string{"", "5", "5\r\nhel", "5\r\nhello", "5\r\nhello\r\n"} {
		r := httptest.NewRequest("PUT", "/s3/firmware/k", strings.NewReader(body))
		r.RemoteAddr = "127.0.0.1:1"
		r.Header.Set("X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
		r.Header.Set("X-Amz-Decoded-Content-Length", "5")
		s.door.ServeHTTP(httptest.NewRecorder(), r)
		if got := <-served; !artifact.Is(got.Err, artifact.IncompleteBody) {
			t.Errorf("%q: served with %v", body, got.Err)
		}
	}
}

// FuzzChunks: what is read is what was announced, or an error; and whatever is
// cut into chunks comes back whole.
func FuzzChunks(f *testing.F) {
	for _, body := range []string{"5\r\nhello\r\n0\r\n\r\n", "2;a=b\r\nhe\r\n0\r\nx:y\r\n\r\n", "0\r\n\r\n", "\r\n", "5\nhello\n0\n\n"} {
		f.Add([]byte(body), int64(5), "x-amz-checksum-crc32")
	}
	f.Fuzz(func(t *testing.T, body []byte, size int64, trailers string) {
		if size < 0 || size > mostObject {
			return
		}
		got, err := io.ReadAll(newChunks(strings.NewReader(string(body)), size, trailers))
		if err == nil && int64(len(got)) != size {
			t.Fatalf("%q of %d is read as %q", body, size, got)
		}
		if err != nil && artifact.As(err) == nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%q is answered with %v", body, err)
		}
		var cut strings.Builder
		for i := 0; i < len(body); i += 7 {
			piece := body[i:min(i+7, len(body))]
			fmt.Fprintf(&cut, "%x;s=0\r\n%s\r\n", len(piece), piece)
		}
		cut.WriteString("0\r\na:b\r\n\r\n")
		again, err := io.ReadAll(newChunks(strings.NewReader(cut.String()), int64(len(body)), "a"))
		if err != nil || string(again) != string(body) {
			t.Fatalf("%q came back as %q, %v", body, again, err)
		}
	})
}
