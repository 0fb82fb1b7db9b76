package s3

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/artifact/disk"
)

const (
	contentSHA256  = "X-Amz-Content-Sha256"
	checksumHeader = "X-Amz-Checksum-"
	signedChunks   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" // and with -TRAILER
	unsignedChunks = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// algorithm is one of S3's checksums.
type algorithm struct {
	name string // "CRC32"
	sum  func() hash.Hash
}

// algorithms are those that are known.
var algorithms = []algorithm{
	{"CRC32", func() hash.Hash { return crc32.NewIEEE() }},
	{"CRC32C", func() hash.Hash { return crc32.New(castagnoli) }},
	{"CRC64NVME", func() hash.Hash { return crc64.New(nvme) }},
	{"SHA1", sha1.New},
	{"SHA256", sha256.New},
}

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	nvme       = crc64.MakeTable(0x9a6c9329ac4bc9b5)
)

// algorithmOf is an algorithm by its name; "" is none.
func algorithmOf(name string) (algorithm, error) {
	for _, a := range algorithms {
		if strings.EqualFold(a.name, name) {
			return a, nil
		}
	}
	if name == "" {
		return algorithm{}, nil
	}
	return algorithm{}, artifact.Refuse(artifact.InvalidRequest, "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
}

// content is the body of a request, which is checked at its end against all
// that the request said of it.
type content struct {
	from     io.Reader
	sums     []expected
	sum      hash.Hash // of algo, or nil
	algo     algorithm
	told     func() string // what the client says that sum is, at the end; "": nothing
	checksum disk.Checksum
	left     int64 // of what may come
}

// expected is a sum of all bytes that the request gave before them.
type expected struct {
	sum   hash.Hash
	value []byte
	wrong error
}

// content is the body of a request.
func (d *Door) content(in *request) (*content, error) {
	c := &content{from: in.Body, left: mostObject}
	if in.ContentLength > mostObject+mostFraming {
		return nil, tooLarge()
	}
	if err := c.expectSHA256(in.Header.Get(contentSHA256)); err != nil {
		return nil, err
	}
	if err := c.expectMD5(in.Header.Get("Content-Md5")); err != nil {
		return nil, err
	}
	chunks, err := chunksOf(in)
	if err != nil {
		return nil, err
	}
	if chunks != nil {
		c.from = chunks
	}
	return c, c.expectChecksum(in.Header, chunks)
}

// What an object may have in one piece, and what chunks may have around it.
const (
	mostObject  = 5 << 30
	mostFraming = 1 << 30
)

func tooLarge() error {
	return artifact.Refuse(artifact.EntityTooLarge, "Your proposed upload exceeds the maximum allowed object size.")
}

func (c *content) expectSHA256(text string) error {
	switch {
	case text == "" || text == "UNSIGNED-PAYLOAD" || strings.HasPrefix(text, "STREAMING-"):
		return nil
	}
	value, err := hex.DecodeString(text)
	if err != nil || len(value) != sha256.Size {
		return artifact.Refuse(artifact.InvalidArgument, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD or a valid sha256 value.")
	}
	c.sums = append(c.sums, expected{sha256.New(), value, artifact.Refuse(artifact.WrongSHA256, "The provided 'x-amz-content-sha256' header does not match what was computed.")})
	return nil
}

func (c *content) expectMD5(text string) error {
	if text == "" {
		return nil
	}
	value, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(value) != md5.Size {
		return artifact.Refuse(artifact.InvalidDigest, "The Content-MD5 you specified was invalid.")
	}
	c.sums = append(c.sums, expected{md5.New(), value, artifact.Refuse(artifact.BadDigest, "The Content-MD5 you specified did not match what we received.")})
	return nil
}

// expectChecksum reads the one checksum that a request gives, in its header or
// behind its chunks.
func (c *content) expectChecksum(h http.Header, chunks *chunks) error {
	given := 0
	for _, a := range algorithms {
		name := http.CanonicalHeaderKey(checksumHeader + a.name)
		if value := h.Get(name); value != "" {
			given++
			c.algo, c.told = a, func() string { return value }
		}
		if chunks != nil && chunks.trailer[name] {
			given++
			c.algo, c.told = a, func() string { return chunks.said[name] }
		}
	}
	if given > 1 {
		return artifact.Refuse(artifact.InvalidRequest, "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
	}
	if given == 1 {
		return c.compute(c.algo)
	}
	return nil
}

// compute makes the checksum of all bytes known at the end, whether the client
// says it or not. What it says has to be of that algorithm.
func (c *content) compute(a algorithm) error {
	if a.sum == nil {
		return nil
	}
	if c.told != nil && c.algo.name != a.name {
		return artifact.Refuse(artifact.InvalidRequest, "Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s", strings.ToLower(a.name), strings.ToLower(c.algo.name))
	}
	c.algo, c.sum = a, a.sum()
	return nil
}

// Read implements io.Reader.
func (c *content) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, tooLarge()
	}
	for _, e := range c.sums {
		e.sum.Write(p[:n])
	}
	if c.sum != nil {
		c.sum.Write(p[:n])
	}
	if err == io.EOF {
		if wrong := c.check(); wrong != nil {
			return 0, wrong
		}
	}
	return n, err
}

// check compares at the end.
func (c *content) check() error {
	for _, e := range c.sums {
		if subtle.ConstantTimeCompare(e.sum.Sum(nil), e.value) != 1 {
			return e.wrong
		}
	}
	if c.sum == nil {
		return nil
	}
	c.checksum = disk.Checksum{Algorithm: c.algo.name, Value: base64.StdEncoding.EncodeToString(c.sum.Sum(nil))}
	if c.told == nil || c.told() == c.checksum.Value {
		return nil
	}
	if value, err := base64.StdEncoding.DecodeString(c.told()); err != nil || len(value) != c.sum.Size() {
		return artifact.Refuse(artifact.InvalidRequest, "Value for x-amz-checksum-%s header is invalid.", strings.ToLower(c.algo.name))
	}
	return artifact.Refuse(artifact.BadDigest, "The %s you specified did not match the calculated checksum.", c.algo.name)
}

// Checksum implements disk.Content.
func (c *content) Checksum() disk.Checksum { return c.checksum }

// showChecksum puts a checksum into the header of an answer.
func showChecksum(h http.Header, c disk.Checksum) {
	if c.Value == "" {
		return
	}
	h.Set(checksumHeader+c.Algorithm, c.Value)
	kind := "FULL_OBJECT"
	if strings.Contains(c.Value, "-") {
		kind = "COMPOSITE"
	}
	h.Set(checksumHeader+"Type", kind)
}

// assembled is the checksum of an object that came in parts: of all bytes, if
// there is a sum of them, or of the parts' checksums.
func assembled(u disk.Upload, told string) func([]disk.Part, hash.Hash) (disk.Checksum, error) {
	return func(parts []disk.Part, sum hash.Hash) (disk.Checksum, error) {
		a, err := algorithmOf(u.Algorithm)
		if err != nil || a.sum == nil {
			return disk.Checksum{}, err
		}
		suffix := ""
		if sum == nil {
			sum, suffix = a.sum(), "-"+strconv.Itoa(len(parts))
			for _, p := range parts {
				value, _ := base64.StdEncoding.DecodeString(p.Checksum.Value) // it is ours
				sum.Write(value)
			}
		}
		c := disk.Checksum{Algorithm: a.name, Value: base64.StdEncoding.EncodeToString(sum.Sum(nil)) + suffix}
		if told != "" && told != c.Value && told+suffix != c.Value {
			return c, artifact.Refuse(artifact.BadDigest, "The %s you specified did not match the calculated checksum.", a.name)
		}
		return c, nil
	}
}

// sumShown is a checksum as a body of XML has it.
type sumShown struct {
	ChecksumCRC32     string `xml:",omitempty"`
	ChecksumCRC32C    string `xml:",omitempty"`
	ChecksumCRC64NVME string `xml:",omitempty"`
	ChecksumSHA1      string `xml:",omitempty"`
	ChecksumSHA256    string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
}

func (s *sumShown) show(c disk.Checksum) {
	if c.Value == "" {
		return
	}
	*map[string]*string{
		"CRC32": &s.ChecksumCRC32, "CRC32C": &s.ChecksumCRC32C, "CRC64NVME": &s.ChecksumCRC64NVME, "SHA1": &s.ChecksumSHA1, "SHA256": &s.ChecksumSHA256,
	}[c.Algorithm] = c.Value
	s.ChecksumType = map[bool]string{true: "COMPOSITE", false: "FULL_OBJECT"}[strings.Contains(c.Value, "-")]
}
