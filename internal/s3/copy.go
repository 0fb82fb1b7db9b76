package s3

import (
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/artifact/disk"
)

// copySource names the object that a request copies.
const copySource = "X-Amz-Copy-Source"

// source opens the object that a request copies, if what the request says of it
// holds. Whatever becomes of the object meanwhile, it is read as it is now.
func (d *Door) source(in *request) (f *disk.File, bucket string, err error) {
	text := in.Header.Get(copySource)
	text, version, _ := strings.Cut(text, "?versionId=")
	bucket, encoded, _ := strings.Cut(strings.TrimPrefix(text, "/"), "/")
	key, err := url.PathUnescape(encoded)
	switch {
	case err != nil || key == "" || artifact.CheckBucket(bucket) != nil:
		return nil, "", artifact.Refuse(artifact.InvalidArgument, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	case version != "" && version != "null":
		return nil, "", noVersion()
	}
	if err := artifact.CheckKey(key); err != nil {
		return nil, "", err
	}
	if f, err = d.store.Get(bucket, key); err != nil {
		return nil, "", err
	}
	if !in.stillHolds(f.Object) {
		f.Close()
		return nil, "", artifact.Refuse(artifact.PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
	}
	return f, bucket, nil
}

// stillHolds tells whether the conditions of a copy hold. One on the ETag goes
// before the one on the time that means the same.
func (in *request) stillHolds(o disk.Object) bool {
	is := func(etag string) bool { return etag == "*" || strings.Trim(etag, `"`) == o.ETag }
	given := func(name string) string { return in.Header.Get(copySource + "-If-" + name) }
	modified := o.Modified.Truncate(time.Second)
	since := func(name string) (t time.Time, ok bool) {
		t, err := http.ParseTime(given(name))
		return t, err == nil
	}
	if match := given("Match"); match != "" {
		if !is(match) {
			return false
		}
	} else if t, ok := since("Unmodified-Since"); ok && modified.After(t) {
		return false
	}
	if none := given("None-Match"); none != "" {
		return !is(none)
	}
	t, ok := since("Modified-Since")
	return !ok || modified.After(t)
}

// copying is the content of an object that is copied: not a byte of it comes or
// goes over the wire, and still it moves on.
type copying struct {
	ctx   context.Context // done when nobody waits for the copy
	from  io.Reader
	alive func()
}

// Read implements io.Reader.
func (c copying) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	c.alive()
	return c.from.Read(p)
}

// copied is a copy of some bytes as the content of a request.
func (in *request) copied(from io.Reader, a algorithm) (*content, error) {
	c := &content{from: copying{in.Context(), from, in.alive()}, left: mostObject}
	return c, c.compute(a)
}

func (d *Door) copyObject(in *request) error {
	condition, err := conditionOf(in)
	if err != nil {
		return err
	}
	f, bucket, err := d.source(in)
	if err != nil {
		return err
	}
	defer f.Close()
	if f.Size > mostObject {
		return artifact.Refuse(artifact.InvalidRequest, "The specified copy source is larger than the maximum allowable size for a copy source: %d", int64(mostObject))
	}
	headers, err := in.headersOfCopy(f.Object, bucket == in.bucket && f.Key == in.key)
	if err != nil {
		return err
	}
	a, err := in.algorithmOfCopy(f.Object)
	if err != nil {
		return err
	}
	body, err := in.copied(f, a)
	if err != nil {
		return err
	}
	o, err := d.store.Put(in.bucket, disk.Object{Key: in.key, Headers: headers}, condition, body)
	if err != nil {
		return err
	}
	in.writeCopy("CopyObjectResult", o)
	return nil
}

// headersOfCopy are those of the object, or of the request if that says so.
func (in *request) headersOfCopy(o disk.Object, itself bool) (map[string]string, error) {
	switch directive := in.Header.Get("X-Amz-Metadata-Directive"); {
	case directive == "REPLACE":
		return headersOf(in)
	case directive != "" && directive != "COPY":
		return nil, artifact.Refuse(artifact.InvalidArgument, "Unknown metadata directive.")
	case itself && in.Header.Get(checksumHeader+"Algorithm") == "":
		return nil, artifact.Refuse(artifact.InvalidRequest, "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, "+
			"storage class, website redirect location or encryption attributes.")
	}
	return o.Headers, nil
}

// algorithmOfCopy is that which the request asks for, or the object's own.
func (in *request) algorithmOfCopy(o disk.Object) (algorithm, error) {
	if name := in.Header.Get(checksumHeader + "Algorithm"); name != "" {
		return algorithmOf(name)
	}
	return algorithmOf(o.Checksum.Algorithm)
}

var oneSpan = regexp.MustCompile(`^bytes=([0-9]{1,18})-([0-9]{1,18})$`)

// span is the part of an object that a request copies.
func (in *request) span(f *disk.File) (io.Reader, error) {
	text := in.Header.Get(copySource + "-Range")
	if text == "" {
		return f, nil
	}
	ends := oneSpan.FindStringSubmatch(text)
	if ends == nil {
		return nil, artifact.Refuse(artifact.InvalidArgument, "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
	}
	first, _ := strconv.ParseInt(ends[1], 10, 64) // it is a number
	last, _ := strconv.ParseInt(ends[2], 10, 64)
	if first > last || last >= f.Size {
		return nil, artifact.Refuse(artifact.InvalidArgument, "Range specified is not valid for source object of size: %d", f.Size)
	}
	if _, err := f.Seek(first, io.SeekStart); err != nil {
		return nil, err
	}
	return io.LimitReader(f, last-first+1), nil
}

func (d *Door) copyPart(in *request) error {
	of, err := d.part(in)
	if err != nil {
		return err
	}
	f, _, err := d.source(in)
	if err != nil {
		return err
	}
	defer f.Close()
	from, err := in.span(f)
	if err != nil {
		return err
	}
	body, err := in.copied(from, of.sum)
	if err != nil {
		return err
	}
	p, err := d.store.PutPart(of.Upload, of.number, body)
	if err != nil {
		return err
	}
	in.writeCopy("CopyPartResult", p.Object)
	return nil
}

// writeCopy answers what a copy has become.
func (in *request) writeCopy(element string, o disk.Object) {
	shown := copyShown{XMLName: xml.Name{Local: element}, NS: namespace, LastModified: stamp(o.Modified), ETag: quoted(o.ETag)}
	shown.show(o.Checksum)
	writeXML(in, http.StatusOK, shown)
}

type copyShown struct {
	XMLName      xml.Name
	NS           string `xml:"xmlns,attr"`
	LastModified string
	ETag         string
	sumShown
}
