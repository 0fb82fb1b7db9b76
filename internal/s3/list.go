package s3

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/artifact/disk"
)

// mostListed is how many objects and prefixes a page has.
const mostListed = 1000

type listing struct {
	XMLName      xml.Name `xml:"ListBucketResult"`
	NS           string   `xml:"xmlns,attr"`
	Name         string
	Prefix       string
	Delimiter    string `xml:",omitempty"`
	MaxKeys      int
	EncodingType string `xml:",omitempty"`
	IsTruncated  bool
	// Of version 2.
	KeyCount              *int    `xml:",omitempty"`
	StartAfter            string  `xml:",omitempty"`
	ContinuationToken     string  `xml:",omitempty"`
	NextContinuationToken string  `xml:",omitempty"`
	Marker                *string `xml:",omitempty"` // of version 1, as the next
	NextMarker            string  `xml:",omitempty"`
	Contents              []objectShown
	CommonPrefixes        []prefixShown
}

type objectShown struct {
	Key          string
	LastModified string
	ETag         string
	Size         int64
	StorageClass string
}

type prefixShown struct{ Prefix string }

func (d *Door) listObjectsV2(in *request) error {
	if in.query.Get("list-type") != "2" {
		return artifact.Refuse(artifact.InvalidArgument, "list-type must be 2")
	}
	q, shown, err := in.listing()
	if err != nil {
		return err
	}
	shown.StartAfter, shown.ContinuationToken = in.shown(in.query.Get("start-after")), in.query.Get("continuation-token")
	q.After = in.query.Get("start-after")
	if shown.ContinuationToken != "" {
		if q.After, q.Prefixed, err = readToken(shown.ContinuationToken); err != nil {
			return err
		}
	}
	p, err := d.list(in, q, shown)
	if err != nil {
		return err
	}
	shown.KeyCount = new(len(p.Objects) + len(p.Prefixes))
	if p.More {
		shown.NextContinuationToken = writeToken(p.Next, p.Prefixed)
	}
	writeXML(in, http.StatusOK, shown)
	return nil
}

func (d *Door) listObjects(in *request) error {
	q, shown, err := in.listing()
	if err != nil {
		return err
	}
	q.After = in.query.Get("marker")
	// A marker that a page ended with may be a prefix that was told.
	q.Prefixed = q.Delimiter != "" && strings.HasSuffix(q.After, q.Delimiter)
	shown.Marker = new(in.shown(q.After))
	p, err := d.list(in, q, shown)
	if err != nil {
		return err
	}
	if p.More {
		shown.NextMarker = in.shown(p.Next)
	}
	writeXML(in, http.StatusOK, shown)
	return nil
}

// listing reads what both versions have in common.
func (in *request) listing() (disk.Query, *listing, error) {
	q := disk.Query{Prefix: in.query.Get("prefix"), Delimiter: in.query.Get("delimiter"), Max: mostListed}
	if text := in.query.Get("max-keys"); text != "" {
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			return q, nil, artifact.Refuse(artifact.InvalidArgument, "Argument maxKeys must be an integer between 0 and 2147483647")
		}
		q.Max = min(int(n), mostListed)
	}
	encoding, err := in.encoding()
	return q, &listing{
		NS: namespace, Name: in.bucket, Prefix: in.shown(q.Prefix), Delimiter: in.shown(q.Delimiter), MaxKeys: q.Max, EncodingType: encoding,
	}, err
}

// encoding is in which form the client wants keys, "url" or "".
func (in *request) encoding() (string, error) {
	kind := in.query.Get("encoding-type")
	if kind != "" && kind != "url" {
		return "", artifact.Refuse(artifact.InvalidArgument, "Invalid Encoding Method specified in Request")
	}
	return kind, nil
}

// shown is a key as the client wants it.
func (in *request) shown(key string) string {
	if in.query.Get("encoding-type") == "url" {
		return artifact.Escape(key)
	}
	return key
}

// list puts a page into an answer.
func (d *Door) list(in *request, q disk.Query, into *listing) (disk.Page, error) {
	if q.Max == 0 {
		return disk.Page{}, d.store.HasBucket(in.bucket)
	}
	p, err := d.store.List(in.bucket, q)
	if err != nil {
		return p, err
	}
	into.IsTruncated = p.More
	for _, o := range p.Objects {
		into.Contents = append(into.Contents, objectShown{in.shown(o.Key), stamp(o.Modified), quoted(o.ETag), o.Size, "STANDARD"})
	}
	for _, prefix := range p.Prefixes {
		into.CommonPrefixes = append(into.CommonPrefixes, prefixShown{in.shown(prefix)})
	}
	return p, nil
}

// A continuation token says where a page ended, and with what.
const (
	tokenOfKey    = "k"
	tokenOfPrefix = "p"
)

func writeToken(next string, prefixed bool) string {
	kind := tokenOfKey
	if prefixed {
		kind = tokenOfPrefix
	}
	return base64.URLEncoding.EncodeToString([]byte(kind + next))
}

func readToken(token string) (after string, prefixed bool, err error) {
	text, err := base64.URLEncoding.DecodeString(token)
	if err != nil || len(text) < 2 || text[0] != tokenOfKey[0] && text[0] != tokenOfPrefix[0] {
		return "", false, artifact.Refuse(artifact.InvalidArgument, "The continuation token provided is incorrect")
	}
	return string(text[1:]), text[0] == tokenOfPrefix[0], nil
}
