package artifact

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Endpoint is a store that speaks S3, and a key of it.
type Endpoint struct {
	URL       string // what comes before /BUCKET/KEY, without a slash at its end
	Region    string
	AccessKey string
	SecretKey string
}

const (
	service         = "s3"
	unsignedPayload = "UNSIGNED-PAYLOAD"
	emptyHash       = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// Signer signs for one Endpoint.
type Signer struct {
	at          Endpoint
	credentials aws.Credentials
	signer      *v4.Signer
}

// NewSigner makes a signer.
func NewSigner(e Endpoint) *Signer {
	e.URL = strings.TrimSuffix(e.URL, "/")
	return &Signer{
		at: e, credentials: aws.Credentials{AccessKeyID: e.AccessKey, SecretAccessKey: e.SecretKey},
		signer: v4.NewSigner(asS3),
	}
}

// asS3: the path of a request to S3 is signed as it is sent, and its headers
// stay headers.
func asS3(o *v4.SignerOptions) {
	o.DisableURIPathEscaping = true
	o.DisableHeaderHoisting = true
}

// Base is what the URLs begin with, before /BUCKET/KEY.
func (s *Signer) Base() string { return s.at.URL }

// URL is where an object lies, for whoever may read it.
func (s *Signer) URL(l Location) string { return l.below(s.at.URL) }

func (l Location) below(base string) string {
	text := base + "/" + url.PathEscape(l.Bucket) + "/" + Escape(l.Key)
	if l.Version != "" {
		text += "?versionId=" + url.QueryEscape(l.Version)
	}
	return text
}

// Presign is a URL by which whoever has it may get an object, or put one,
// from a time on for as long as life. The same arguments give the same URL.
func (s *Signer) Presign(method string, l Location, at time.Time, life time.Duration) (string, error) {
	ctx := context.Background() // nothing is waited for
	r, err := http.NewRequestWithContext(ctx, method, s.URL(l), nil)
	if err != nil {
		return "", err
	}
	query := r.URL.Query()
	query.Set("X-Amz-Expires", strconv.Itoa(int(life/time.Second)))
	query.Set("x-id", map[string]string{http.MethodGet: "GetObject", http.MethodPut: "PutObject"}[method])
	r.URL.RawQuery = query.Encode()
	signed, _, err := s.signer.PresignHTTP(ctx, s.credentials, r, unsignedPayload, service, s.at.Region, at)
	return signed, err
}

// Escape writes a key as a path, each byte but the unreserved ones and the
// slash encoded, as S3 signs it.
func Escape(key string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(key) {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.~/", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// Region is that of the endpoint.
func (s *Signer) Region() string { return s.at.Region }
