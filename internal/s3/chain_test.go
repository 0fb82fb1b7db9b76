package s3

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/drover-iot/drover/internal/clock"
)

// chainedBody cuts a body into chunks that are signed each, and trailers behind
// them.
func chainedBody(seed, time, secret string, trailers string, chunks ...string) string {
	key := []byte("AWS4" + secret)
	for _, part := range []string{time[:8], "us-east-1", "s3", "aws4_request"} {
		key = mac(key, part)
	}
	last := seed
	next := func(kind string, hashes ...string) string {
		last = hex.EncodeToString(mac(key, strings.Join(append([]string{kind, time, time[:8] + "/us-east-1/s3/aws4_request", last}, hashes...), "\n")))
		return last
	}
	var b strings.Builder
	for _, chunk := range append(chunks, "") {
		end := "\r\n"
		if chunk == "" {
			end = ""
		}
		fmt.Fprintf(&b, "%x;chunk-signature=%s\r\n%s%s", len(chunk), next("AWS4-HMAC-SHA256-PAYLOAD", sumOf(""), sumOf(chunk)), chunk, end)
	}
	if trailers != "" {
		fmt.Fprintf(&b, "%s\r\nx-amz-trailer-signature:%s\r\n", trailers, next("AWS4-HMAC-SHA256-TRAILER", sumOf(trailers+"\n")))
	}
	return b.String() + "\r\n"
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// TestChunksFromElsewhereAreVerified: each is signed, and the trailers too.
func TestChunksFromElsewhereAreVerified(t *testing.T) {
	s := start(t, nil)
	const crc = "x-amz-checksum-crc32:NhCmhg=="
	put := func(trailers string, spoil func(body string) string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("PUT", "http://drover.example.net/s3/firmware/k", http.NoBody)
		r.RemoteAddr = "192.0.2.1:1"
		form := signedChunks
		if trailers != "" {
			form += "-TRAILER"
			r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
		}
		r.Header.Set("Content-Encoding", "aws-chunked")
		r.Header.Set(contentSHA256, form)
		r.Header.Set("X-Amz-Decoded-Content-Length", "5")
		sign := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
		if err := sign.SignHTTP(t.Context(), aws.Credentials{AccessKeyID: "DROVER1", SecretAccessKey: "secret"}, r, form, "s3", "us-east-1", clock.Wall()); err != nil {
			t.Fatal(err)
		}
		_, seed, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
		body := spoil(chainedBody(seed, r.Header.Get("X-Amz-Date"), "secret", trailers, "he", "llo"))
		again := httptest.NewRequest("PUT", "http://drover.example.net/s3/firmware/k", strings.NewReader(body))
		again.Header, again.RemoteAddr, again.ContentLength = r.Header, r.RemoteAddr, -1
		w := httptest.NewRecorder()
		s.door.ServeHTTP(w, again)
		return w
	}
	replaced := func(old, by string) func(string) string {
		return func(body string) string { return strings.Replace(body, old, by, 1) }
	}
	same := func(body string) string { return body }
	_, signature, _ := strings.Cut(chainedBody("", clock.Wall().Format("20060102T150405Z"), "guessed", "", "he"), "=")
	for _, c := range []struct {
		name, trailers string
		spoil          func(string) string
		status         int
		within         string
	}{
		{"as they should be", "", same, 200, ""},
		{"with a trailer", crc, same, 200, ""},
		{"with a trailer behind an empty line", crc, replaced("\r\nx-amz-trailer-s", "\n\r\nx-amz-trailer-s"), 200, ""},
		{"with another byte in the first", "", replaced("\r\nhe\r\n", "\r\nha\r\n"), 403, "SignatureDoesNotMatch"},
		{"with another byte in the last", "", replaced("\r\nllo\r\n", "\r\nlla\r\n"), 403, "SignatureDoesNotMatch"},
		{"with a signature by a guess", "", func(body string) string {
			return body[:len("2;chunk-signature=")] + signature[:64] + body[len("2;chunk-signature=")+64:]
		}, 403, "SignatureDoesNotMatch"},
		{"without a signature", "", func(body string) string { return "2" + body[strings.Index(body, "\r\n"):] }, 403, "SignatureDoesNotMatch"},
		{"cut where a chunk ends", "", func(body string) string { return body[:strings.Index(body, "\r\n0;")] + "\r\n0\r\n\r\n" }, 403, "SignatureDoesNotMatch"},
		{"with another trailer", crc, replaced(crc, "x-amz-checksum-crc32:AAAAAA=="), 403, "SignatureDoesNotMatch"},
		{"with a trailer that is not signed", crc, func(body string) string {
			return body[:strings.Index(body, "x-amz-trailer-signature")] + "\r\n"
		}, 403, "SignatureDoesNotMatch"},
		{"with one trailer more", crc, replaced(crc, crc+"\r\nx-amz-meta-a:b"), 403, "SignatureDoesNotMatch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.do("DELETE", "/firmware/k", "")
			if w := put(c.trailers, c.spoil); w.Code != c.status || !strings.Contains(w.Body.String(), c.within) {
				t.Errorf("answered %d %s, want %d %s", w.Code, w.Body, c.status, c.within)
			}
			if c.status == 200 {
				s.do("GET", "/firmware/k", "").want(200, "hello")
			} else {
				s.do("GET", "/firmware/k", "").want(404, "")
			}
		})
	}
}
