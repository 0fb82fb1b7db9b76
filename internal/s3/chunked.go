package s3

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/artifact"
)

// chunks are a body in the form aws-chunked: chunks with their lengths in front,
// which may be signed each, and trailers behind them. Signatures are verified if
// there is a chain of them to hold to, when the chunk has been read: an error
// then drops the whole body.
type chunks struct {
	from    *bufio.Reader
	left    int64 // of the chunk
	begun   bool
	ended   bool
	declare int64           // how much is still to come, as the request said
	trailer map[string]bool // the names that were announced
	said    map[string]string
	// Of a body that is verified.
	chain     *artifact.Chain
	sum       hash.Hash // of the chunk
	signature string    // of the chunk
	signed    strings.Builder
}

const (
	mostLine     = 1 << 10 // of a chunk's length with its signature, and of a trailer
	mostTrailers = 16
)

// chunksOf is a body that has this form, or nil.
func chunksOf(in *request) (*chunks, error) {
	streaming := strings.HasPrefix(in.Header.Get(contentSHA256), "STREAMING-")
	if !streaming && !strings.Contains(strings.ToLower(in.Header.Get("Content-Encoding")), awsChunked) {
		return nil, nil
	}
	size, err := strconv.ParseInt(in.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	switch {
	case err != nil || size < 0:
		return nil, artifact.Refuse(artifact.MissingContentLength, "You must provide the x-amz-decoded-content-length HTTP header.")
	case size > mostObject:
		return nil, tooLarge()
	}
	c := newChunks(in.Body, size, in.Header.Get("X-Amz-Trailer"))
	c.chain = in.chain
	return c, nil
}

const awsChunked = "aws-chunked"

func newChunks(from io.Reader, size int64, trailers string) *chunks {
	c := &chunks{from: bufio.NewReaderSize(from, 32<<10), declare: size, trailer: map[string]bool{}, said: map[string]string{}, sum: sha256.New()}
	for name := range strings.SplitSeq(trailers, ",") {
		if name = strings.TrimSpace(name); name != "" && len(c.trailer) < mostTrailers {
			c.trailer[http.CanonicalHeaderKey(name)] = true
		}
	}
	return c
}

func malformed(what string) error {
	return artifact.Refuse(artifact.IncompleteBody, "The body is not aws-chunked as the request says: %s.", what)
}

// Read implements io.Reader.
func (c *chunks) Read(p []byte) (int, error) {
	for c.left == 0 && !c.ended {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if c.ended {
		return 0, io.EOF
	}
	n, err := c.from.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if c.chain != nil {
		c.sum.Write(p[:n])
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// next reads up to the bytes of the next chunk, or to the end.
func (c *chunks) next() error {
	if c.begun {
		if line, err := c.line(); err != nil || line != "" {
			return errors.Join(malformed("a chunk is longer than it says"), err)
		}
		if err := c.verify(); err != nil {
			return err
		}
	}
	c.begun = true
	line, err := c.line()
	if err != nil {
		return err
	}
	length, extension, _ := strings.Cut(line, ";")
	c.signature = strings.TrimPrefix(extension, "chunk-signature=")
	size, err := strconv.ParseUint(strings.TrimSpace(length), 16, 63)
	switch {
	case err != nil || length == "":
		return malformed("a chunk has no length")
	case int64(size) > c.declare:
		return malformed("there is more than x-amz-decoded-content-length says")
	}
	c.left, c.declare = int64(size), c.declare-int64(size)
	if size > 0 {
		return nil
	}
	return c.end()
}

// verify refuses a chunk that has been read and is not signed as it should be.
func (c *chunks) verify() error {
	if c.chain == nil {
		return nil
	}
	defer c.sum.Reset()
	return c.chain.Chunk(c.sum.Sum(nil), c.signature)
}

// trailerSignature is the trailer that signs those before it.
const trailerSignature = "X-Amz-Trailer-Signature"

// end reads what is behind the last chunk, which is empty.
func (c *chunks) end() error {
	if c.declare > 0 {
		return malformed("there is less than x-amz-decoded-content-length says")
	}
	if err := c.verify(); err != nil {
		return err
	}
	c.ended = true
	for range mostTrailers {
		line, err := c.line()
		if errors.Is(err, io.ErrUnexpectedEOF) && line == "" { // without the empty line that ought to be there
			return c.complete()
		}
		if err != nil {
			return err
		}
		if line == "" && c.isComplete() {
			return c.complete()
		}
		if line == "" { // some write one in front of the trailers, or of their signature
			continue
		}
		c.say(line)
	}
	return malformed("there are too many trailers")
}

// say notes a trailer.
func (c *chunks) say(line string) {
	name, value, _ := strings.Cut(line, ":")
	name, value = http.CanonicalHeaderKey(strings.TrimSpace(name)), strings.TrimSpace(value)
	c.said[name] = value
	if name != trailerSignature {
		c.signed.WriteString(strings.ToLower(name) + ":" + value + "\n")
	}
}

// isSigned tells whether there have to be trailers that are signed.
func (c *chunks) isSigned() bool { return c.chain != nil && len(c.trailer) > 0 }

// isComplete tells whether all trailers have come that must.
func (c *chunks) isComplete() bool {
	for name := range c.trailer {
		if _, ok := c.said[name]; !ok {
			return false
		}
	}
	return !c.isSigned() || c.said[trailerSignature] != ""
}

// complete refuses a body without a trailer that was announced, or with one that
// is not signed.
func (c *chunks) complete() error {
	for name := range c.trailer {
		if _, ok := c.said[name]; !ok {
			return artifact.Refuse(artifact.InvalidRequest, "The body has no trailer %s, which x-amz-trailer announces.", strings.ToLower(name))
		}
	}
	if !c.isSigned() {
		return nil
	}
	return c.chain.Trailers(c.signed.String(), c.said[trailerSignature])
}

// line reads a line without its end. Behind the last byte of the body it is "".
func (c *chunks) line() (string, error) {
	var line []byte
	for len(line) < mostLine {
		b, err := c.from.ReadByte()
		if err == io.EOF {
			return string(line), io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", err
		}
		if b == '\n' {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		line = append(line, b)
	}
	return "", malformed("a line is too long")
}
