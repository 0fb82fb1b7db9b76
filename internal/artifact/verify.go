package artifact

import (
	"crypto/hmac"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Signed is where a request says who signed it.
type Signed uint8

// The places of a signature.
const (
	Unsigned Signed = iota
	InQuery
	InHeader
)

// SignedBy tells where a request has its signature.
func SignedBy(r *http.Request) Signed {
	switch {
	case strings.Contains(r.URL.RawQuery, "X-Amz-Signature=") || strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") || isVersion2(r):
		return InQuery
	case r.Header.Get("Authorization") != "":
		return InHeader
	}
	return Unsigned
}

// isVersion2 tells a query that was signed as it once was.
func isVersion2(r *http.Request) bool {
	return strings.Contains(r.URL.RawQuery, accessKey2+"=")
}

const (
	mostLife    = 7 * 24 * time.Hour
	mostSkew    = 15 * time.Minute
	amzDate     = "20060102T150405Z"
	ourSignings = "AWS4-HMAC-SHA256"
)

// Verify refuses a request whose signature is not by the signer's key, or does
// not hold at now: its query has one, or else its header. The path must be as
// it was sent. Ahead is how far a signature may be ahead of now.
func (s *Signer) Verify(r *http.Request, now time.Time, ahead time.Duration) error {
	switch {
	case SignedBy(r) != InQuery:
		return s.verifyHeader(r, now)
	case isVersion2(r):
		return s.verifyQuery2(r, now)
	}
	return s.verifyQuery(r, now, ahead)
}

// claim is what a request says of its signature.
type claim struct {
	algorithm, credential, headers, signature string
	at                                        time.Time
}

func (s *Signer) verifyQuery(r *http.Request, now time.Time, ahead time.Duration) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Refuse(QueryParametersError, "The query of the URL cannot be read.")
	}
	at, err := time.Parse(amzDate, query.Get("X-Amz-Date"))
	if err != nil {
		return Refuse(QueryParametersError, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
	}
	life, err := strconv.ParseInt(query.Get("X-Amz-Expires"), 10, 64)
	if err != nil || life < 0 || life > int64(mostLife/time.Second) {
		return Refuse(QueryParametersError, "X-Amz-Expires must be a number of seconds from 0 to 604800")
	}
	c := claim{
		query.Get("X-Amz-Algorithm"), query.Get("X-Amz-Credential"), query.Get("X-Amz-SignedHeaders"), query.Get("X-Amz-Signature"), at,
	}
	if err := s.matches(r, c, s.ofQuery); err != nil {
		return err
	}
	switch {
	case now.After(at.Add(time.Duration(life) * time.Second)):
		return Refuse(AccessDenied, "Request has expired")
	case at.After(now.Add(ahead)):
		return Refuse(AccessDenied, "Request is not valid yet")
	}
	return nil
}

func (s *Signer) verifyHeader(r *http.Request, now time.Time) error {
	at, err := time.Parse(amzDate, r.Header.Get("X-Amz-Date"))
	if err != nil || at.Sub(now).Abs() > mostSkew {
		return Refuse(AccessDenied, "X-Amz-Date is missing, or too far from the time of this server")
	}
	c := claimOf(r.Header.Get("Authorization"))
	c.at = at
	return s.matches(r, c, s.ofHeader)
}

// claimOf reads a header, whatever it has.
func claimOf(authorization string) claim {
	algorithm, fields, _ := strings.Cut(authorization, " ")
	c := claim{algorithm: algorithm}
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Credential":
			c.credential = value
		case "SignedHeaders":
			c.headers = value
		case "Signature":
			c.signature = value
		}
	}
	return c
}

// matches signs the request again, by sign, as the claim says, and compares.
func (s *Signer) matches(r *http.Request, c claim, sign func(*http.Request, claim, string) (string, error)) error {
	scope := strings.Split(c.credential, "/")
	switch {
	case c.algorithm != ourSignings || len(scope) < 5:
		return Refuse(QueryParametersError, "Only signatures of version 4, AWS4-HMAC-SHA256, are taken")
	case strings.Join(scope[:len(scope)-4], "/") != s.at.AccessKey:
		return unknownKey()
	case !c.covers(r):
		return Refuse(AccessDenied, "There were headers present in the request which were not signed")
	case scope[len(scope)-4] != c.at.Format("20060102") || scope[len(scope)-2] != service || scope[len(scope)-1] != "aws4_request":
		return Refuse(QueryParametersError, "The credential must be of service s3 and of the date of the request")
	}
	region := scope[len(scope)-3]
	for _, path := range []string{r.URL.EscapedPath(), Escape(r.URL.Path)} { // as it was sent, else as S3 writes it
		again, err := resigned(r, path, c.headers)
		if err != nil {
			continue
		}
		if want, err := sign(again, c, region); err == nil && hmac.Equal([]byte(want), []byte(c.signature)) {
			return nil
		}
	}
	return wrongSignature()
}

// covers tells whether all that means something to S3 was signed: whoever got a
// URL to put one object may not have it made a copy of another.
func (c claim) covers(r *http.Request) bool {
	signed := strings.Split(c.headers, ";")
	for name := range r.Header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz-") && name != "x-amz-content-sha256" && name != "x-amz-date" && !slices.Contains(signed, name) {
			return false
		}
	}
	return true
}

func unknownKey() error {
	return Refuse(InvalidAccessKey, "The AWS Access Key Id you provided does not exist in our records.")
}

func wrongSignature() error {
	return Refuse(SignatureDoesNotMatch, "The request signature we calculated does not match the signature you provided. Check your key and signing method.")
}

// resigned is the request as it was before it was signed, with the headers that
// were signed alone.
func resigned(r *http.Request, path, headers string) (*http.Request, error) {
	again, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+r.Host+path, nil)
	if err != nil {
		return nil, err
	}
	query := r.URL.Query()
	for _, name := range []string{"Signature", "Date", "Credential", "Algorithm", "SignedHeaders"} {
		query.Del("X-Amz-" + name)
	}
	again.URL.RawQuery = query.Encode()
	again.Host = r.Host
	for name := range strings.SplitSeq(headers, ";") {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			again.Header[http.CanonicalHeaderKey(name)] = slices.Clone(r.Header.Values(name))
		}
	}
	return again, nil
}

// ofQuery is the signature of a request that has it in its query. A signer
// keeps the key of each region that it signs for, so each is used once here.
func (s *Signer) ofQuery(r *http.Request, c claim, region string) (string, error) {
	hash := r.URL.Query().Get("X-Amz-Content-Sha256")
	if hash == "" {
		hash = r.Header.Get("X-Amz-Content-Sha256")
	}
	if hash == "" {
		hash = unsignedPayload
	}
	signed, _, err := v4.NewSigner(asS3).PresignHTTP(r.Context(), s.credentials, r, hash, service, region, c.at)
	if err != nil {
		return "", err
	}
	_, signature, _ := strings.Cut(signed, "X-Amz-Signature=")
	return signature, nil
}

func (s *Signer) ofHeader(r *http.Request, c claim, region string) (string, error) {
	hash := r.Header.Get("X-Amz-Content-Sha256")
	if hash == "" {
		hash = emptyHash
	}
	if err := v4.NewSigner(asS3).SignHTTP(r.Context(), s.credentials, r, hash, service, region, c.at); err != nil {
		return "", err
	}
	_, signature, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
	return signature, nil
}
