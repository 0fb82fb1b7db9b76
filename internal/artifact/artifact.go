// Package artifact knows where files for devices lie, in any store that speaks
// S3, and signs the URLs by which a device gets one or leaves one. The store is
// the node's own, package disk below this one, or another by configuration.
//
// Begin with [Signer]: it makes presigned URLs and verifies what others signed
// with its key; [Signer.Fill] resolves the placeholders of a job document.
// [Outside] reads an object from a store that is not ours. The package has no
// goroutines; everything may be used by many.
//
// What must stay out: the requests of S3, which package s3 answers, and rules
// about jobs.
package artifact

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/drover-iot/drover/internal/fault"
)

// Location is where an object lies.
type Location struct {
	Bucket  string
	Key     string // not encoded
	Version string // "" is the newest
}

// amazon are the hosts of S3, with the bucket in front or in the path.
// spec: device-api.md#81-placeholders
var amazon = regexp.MustCompile(`^(?:(.+)\.)?s3(?:[.-]dualstack)?(?:[.-][a-z]{2}(?:-[a-z]+)+-[0-9]+)?\.amazonaws\.com(?:\.cn)?$`)

// locate reads the URL of an object: one of S3, whose host says nothing about
// where we look, or one below base, the URL of our own store. The key is
// percent-decoded once. It may be empty; the bucket may not.
func locate(text, base string) (Location, error) {
	u, err := url.Parse(text)
	if err != nil || u.Fragment != "" || u.User != nil {
		return Location{}, Refuse(InvalidURI, "'%s' is not the URL of an object in S3", clip(text))
	}
	path, ok := pathOf(u, text, base)
	if !ok {
		return Location{}, Refuse(InvalidURI, "'%s' is not the URL of an object in S3, such as https://s3.us-east-1.amazonaws.com/BUCKET/KEY", clip(text))
	}
	return locationOf(path, u, text)
}

// pathOf is BUCKET/KEY of a URL, still encoded.
func pathOf(u *url.URL, text, base string) (path string, ok bool) {
	if rest, ours := strings.CutPrefix(text, strings.TrimSuffix(base, "/")+"/"); ours && base != "" {
		path, _, _ = strings.Cut(rest, "?")
		return path, true
	}
	host := amazon.FindStringSubmatch(strings.ToLower(u.Host))
	if u.Scheme != "https" || host == nil {
		return "", false
	}
	path = strings.TrimPrefix(u.EscapedPath(), "/")
	if host[1] != "" {
		path = host[1] + "/" + path
	}
	return path, true
}

// locationOf is the location that path, BUCKET/KEY, and the query of u name.
func locationOf(path string, u *url.URL, text string) (Location, error) {
	bucket, encoded, _ := strings.Cut(path, "/")
	key, err := url.PathUnescape(encoded)
	query, badQuery := url.ParseQuery(u.RawQuery)
	version := query.Get("versionId")
	query.Del("versionId")
	switch {
	case CheckBucket(bucket) != nil:
		return Location{}, Refuse(InvalidURI, "'%s' names no bucket", clip(text))
	case err != nil || badQuery != nil || len(query) > 0:
		return Location{}, Refuse(InvalidURI, "'%s' has more than a bucket, a key and a versionId", clip(text))
	case key == "":
		return Location{Bucket: bucket, Version: version}, nil
	}
	return Location{bucket, key, version}, CheckKey(key)
}

// mostTold is how much of what a stranger sent an error repeats, in bytes.
const mostTold = 200

// clip is what of a text an error may repeat.
func clip(text string) string { return fault.Clip(text, mostTold) }
