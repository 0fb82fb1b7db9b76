package artifact

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// signedParameters are those of a query that a signature of version 2 covers.
var signedParameters = []string{
	"acl", "cors", "defaultObjectAcl", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy", "requestPayment",
	"response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language", "response-content-type",
	"response-expires", "restore", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
}

// The parameters of a signature of version 2.
const (
	accessKey2 = "AWSAccessKeyId"
	signature2 = "Signature"
	expires2   = "Expires"
)

// IsOfVersion2 tells whether a parameter of a query is part of a signature of
// version 2.
func IsOfVersion2(parameter string) bool {
	return parameter == accessKey2 || parameter == signature2 || parameter == expires2
}

// verifyQuery2 verifies a URL that was signed by version 2: `aws s3 presign`
// still makes those for the first of Amazon's regions.
func (s *Signer) verifyQuery2(r *http.Request, now time.Time) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Refuse(QueryParametersError, "The query of the URL cannot be read.")
	}
	expires, err := strconv.ParseInt(query.Get(expires2), 10, 64)
	if err != nil {
		return Refuse(QueryParametersError, "Expires must be a number of seconds since 1970")
	}
	if query.Get(accessKey2) != s.at.AccessKey {
		return unknownKey()
	}
	given, err := base64.StdEncoding.DecodeString(query.Get(signature2))
	switch {
	case err != nil || !slices.ContainsFunc(s.resources2(r), func(path string) bool { return s.signs2(signedText2(r, query, path), given) }):
		return wrongSignature()
	case now.Unix() > expires:
		return Refuse(AccessDenied, "Request has expired")
	}
	return nil
}

// resources2 are what the signature may call the object: its path, or with
// botocore the part of it behind that of the endpoint.
func (s *Signer) resources2(r *http.Request) []string {
	path := r.URL.EscapedPath()
	all := []string{path}
	if base, err := url.Parse(s.at.URL); err == nil && base.Path != "" && strings.HasPrefix(path, base.Path+"/") {
		all = append(all, path[len(base.Path):])
	}
	return all
}

func (s *Signer) signs2(text string, given []byte) bool {
	mac := hmac.New(sha1.New, []byte(s.at.SecretKey))
	mac.Write([]byte(text))
	return hmac.Equal(mac.Sum(nil), given)
}

// signedText2 is what a signature of version 2 in a query is made of.
func signedText2(r *http.Request, query url.Values, resource string) string {
	lines := []string{r.Method, r.Header.Get("Content-Md5"), r.Header.Get("Content-Type"), query.Get(expires2)}
	var fields []string
	for name, values := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") {
			fields = append(fields, name+":"+strings.Join(values, ","))
		}
	}
	slices.Sort(fields)
	var covered []string
	for _, name := range signedParameters {
		if !query.Has(name) {
			continue
		}
		if value := query.Get(name); value != "" {
			name += "=" + value
		}
		covered = append(covered, name)
	}
	if len(covered) > 0 {
		resource += "?" + strings.Join(covered, "&")
	}
	return strings.Join(append(append(lines, fields...), resource), "\n")
}
