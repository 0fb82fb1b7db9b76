package s3

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/artifact"
)

// chunks are a body in the form aws-chunked: chunks with their lengths in front,
// which may be signed each, and trailers behind them. Whoever is let in by this
// form is not asked for the signatures of the chunks.
type chunks struct {
	from    *bufio.Reader
	left    int64 // of the chunk
	begun   bool
	ended   bool
	declare int64           // how much is still to come, as the request said
	trailer map[string]bool // the names that were announced
	said    map[string]string
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
	return newChunks(in.Body, size, in.Header.Get("X-Amz-Trailer")), nil
}

const awsChunked = "aws-chunked"

func newChunks(from io.Reader, size int64, trailers string) *chunks {
	c := &chunks{from: bufio.NewReaderSize(from, 32<<10), declare: size, trailer: map[string]bool{}, said: map[string]string{}}
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
	}
	c.begun = true
	line, err := c.line()
	if err != nil {
		return err
	}
	length, _, _ := strings.Cut(line, ";")
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

// end reads what is behind the last chunk.
func (c *chunks) end() error {
	if c.declare > 0 {
		return malformed("there is less than x-amz-decoded-content-length says")
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
		if line == "" {
			if err := c.complete(); err == nil {
				return nil
			}
			continue // some write an empty line in front of the trailers
		}
		name, value, _ := strings.Cut(line, ":")
		c.said[http.CanonicalHeaderKey(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return malformed("there are too many trailers")
}

// complete refuses a body without a trailer that was announced.
func (c *chunks) complete() error {
	for name := range c.trailer {
		if _, ok := c.said[name]; !ok {
			return artifact.Refuse(artifact.InvalidRequest, "The body has no trailer %s, which x-amz-trailer announces.", strings.ToLower(name))
		}
	}
	return nil
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
