package artifact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// Chain verifies a body whose chunks are signed each: a signature covers the one
// before it, and the first that of the request. It is used by one.
type Chain struct {
	key  []byte
	time string // as the request has it
	of   string // the scope
	last string
}

// Chain is that of a request whose header was verified.
func (s *Signer) Chain(r *http.Request) *Chain {
	c := claimOf(r.Header.Get("Authorization"))
	_, scope, _ := strings.Cut(c.credential, s.at.AccessKey+"/")
	key := []byte("AWS4" + s.at.SecretKey)
	for part := range strings.SplitSeq(scope, "/") {
		key = sign256(key, part)
	}
	return &Chain{key, r.Header.Get("X-Amz-Date"), scope, c.signature}
}

func sign256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// Chunk refuses a chunk, by the SHA-256 of its bytes, that is not signed as the
// next of the chain.
func (c *Chain) Chunk(sum []byte, signature string) error {
	return c.next("AWS4-HMAC-SHA256-PAYLOAD", signature, emptyHash, hex.EncodeToString(sum))
}

// Trailers refuses trailers, each as "name:value\n", that are not signed as the
// end of the chain.
func (c *Chain) Trailers(text, signature string) error {
	sum := sha256.Sum256([]byte(text))
	return c.next("AWS4-HMAC-SHA256-TRAILER", signature, hex.EncodeToString(sum[:]))
}

func (c *Chain) next(kind, signature string, hashes ...string) error {
	lines := append([]string{kind, c.time, c.of, c.last}, hashes...)
	c.last = hex.EncodeToString(sign256(c.key, strings.Join(lines, "\n")))
	if !hmac.Equal([]byte(c.last), []byte(signature)) {
		return wrongSignature()
	}
	return nil
}
