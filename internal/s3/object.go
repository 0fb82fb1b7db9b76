package s3

import (
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/artifact/disk"
)

// keptHeaders are those of an upload that are the object's, beside metadata.
var keptHeaders = []string{"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires"}

const (
	metadata     = "X-Amz-Meta-"
	mostMetadata = 2 << 10 // bytes of names and values
)

// headersOf are the headers of an upload that are the object's.
func headersOf(in *request) (map[string]string, error) {
	kept, size := map[string]string{}, 0
	for _, name := range keptHeaders {
		if value := in.Header.Get(name); value != "" {
			kept[name] = value
		}
	}
	for name, values := range in.Header {
		if strings.HasPrefix(name, metadata) {
			value := strings.Join(values, ",")
			kept[strings.ToLower(name)] = value // as S3 tells it: to some clients the case matters
			size += len(name) - len(metadata) + len(value)
		}
	}
	if size > mostMetadata {
		return nil, artifact.Refuse(artifact.MetadataTooLarge, "Your metadata headers exceed the maximum allowed metadata size")
	}
	dropChunked(kept)
	return kept, nil
}

// dropChunked takes the form in which a body was sent out of its encodings.
func dropChunked(kept map[string]string) {
	var codings []string
	for coding := range strings.SplitSeq(kept["Content-Encoding"], ",") {
		if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, awsChunked) {
			codings = append(codings, coding)
		}
	}
	delete(kept, "Content-Encoding")
	if len(codings) > 0 {
		kept["Content-Encoding"] = strings.Join(codings, ",")
	}
}

// conditionOf is what must be there when an object is written.
func conditionOf(in *request) (disk.Condition, error) {
	one := func(name string) (value string, ok bool) {
		values := in.Header.Values(name)
		value = strings.Join(values, ",")
		return value, len(values) == 0 || len(values) == 1 && value != ""
	}
	none, okNone := one("If-None-Match")
	match, okMatch := one("If-Match")
	if !okNone || !okMatch || none != "" && none != "*" || match == "*" {
		return disk.Condition{}, artifact.Refuse(artifact.NotImplemented, "An object is written on the condition that there is none, If-None-Match: *, or on one ETag in If-Match.")
	}
	return disk.Condition{Absent: none != "", ETag: strings.Trim(match, `"`)}, nil
}

func (d *Door) putObject(in *request) error {
	headers, err := headersOf(in)
	if err != nil {
		return err
	}
	condition, err := conditionOf(in)
	if err != nil {
		return err
	}
	body, err := d.content(in)
	if err != nil {
		return err
	}
	o, err := d.store.Put(in.bucket, disk.Object{Key: in.key, Headers: headers}, condition, body)
	if err != nil {
		return err
	}
	in.w.Header().Set("ETag", quoted(o.ETag))
	showChecksum(in.w.Header(), o.Checksum)
	return done(in, http.StatusOK)
}

func quoted(etag string) string { return `"` + etag + `"` }

// getObject answers GET and HEAD. net/http knows ranges and conditions.
func (d *Door) getObject(in *request) error {
	f, err := d.store.Get(in.bucket, in.key)
	if err != nil {
		return err
	}
	defer f.Close()
	h := in.w.Header()
	for name, value := range f.Headers {
		h[name] = []string{value}
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "binary/octet-stream")
	}
	in.override(h)
	// No page that a device left may act for who looks at it here.
	h.Set("Content-Security-Policy", "sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", quoted(f.ETag))
	if strings.EqualFold(in.Header.Get("X-Amz-Checksum-Mode"), "ENABLED") && in.Header.Get("Range") == "" {
		showChecksum(h, f.Checksum)
	}
	in.mendRange(f.Size)
	answer := &inWords{ResponseWriter: in.w, in: in}
	http.ServeContent(answer, in.Request, "", f.Modified, f)
	return answer.refused
}

var oneRange = regexp.MustCompile(`^([0-9]*)-([0-9]*)$`)

// behindAll is a range that no object has, of which net/http says how long the
// object is.
var behindAll = "bytes=" + strconv.FormatInt(math.MaxInt64, 10) + "-"

// unreadable is a range that net/http refuses even for an object without bytes,
// of which it answers all for any other.
const unreadable = "bytes=x"

// mendRange makes of the ranges asked for what net/http reads as S3 does: one
// that is no range is as if it was not there, the last no bytes cannot be had,
// and numbers may have any length. Of an object without bytes only the last n can
// be had, which are all of it.
func (in *request) mendRange(size int64) {
	list, ok := strings.CutPrefix(in.Header.Get("Range"), "bytes=")
	none, mended := false, []string{}
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		ends := oneRange.FindStringSubmatch(part)
		ok = ok && ends != nil && part != "-" && (ends[1] == "" || ends[2] == "" || !isLess(ends[2], ends[1]))
		if !ok {
			break
		}
		last := ends[1] == ""
		none = none || last && strings.Trim(ends[2], "0") == "" || !last && size == 0
		mended = append(mended, clamped(ends[1])+"-"+clamped(ends[2]))
	}
	switch {
	case !ok || size == 0 && !none:
		in.Header.Del("Range")
	case size == 0:
		in.Header.Set("Range", unreadable)
	case none:
		in.Header.Set("Range", behindAll)
	default:
		in.Header.Set("Range", "bytes="+strings.Join(mended, ","))
	}
}

// clamped is a number of any length, or none, as one that net/http can read.
func clamped(number string) string {
	most := strconv.FormatInt(math.MaxInt64, 10)
	if isLess(most, number) {
		return most
	}
	return number
}

// isLess compares numbers of any length.
func isLess(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return len(a) < len(b) || len(a) == len(b) && a < b
}

// override takes headers of the answer from the query of a signed request.
func (in *request) override(h http.Header) {
	if artifact.SignedBy(in.Request) == artifact.Unsigned {
		return
	}
	for _, name := range keptHeaders {
		if value := in.query.Get("response-" + strings.ToLower(name)); value != "" {
			h.Set(name, value)
		}
	}
}

// inWords is an answer whose refusals are S3's and not net/http's.
type inWords struct {
	http.ResponseWriter
	in      *request
	refused error
}

// Unwrap is for http.ResponseController.
func (a *inWords) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (a *inWords) WriteHeader(status int) {
	switch status {
	case http.StatusRequestedRangeNotSatisfiable:
		a.refused = artifact.Refuse(artifact.InvalidRange, "The requested range is not satisfiable")
	case http.StatusPreconditionFailed:
		a.refused = artifact.Refuse(artifact.PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
	case http.StatusInternalServerError:
		a.refused = artifact.Refuse(artifact.InternalError, "We encountered an internal error. Please try again.")
	default:
		a.ResponseWriter.WriteHeader(status)
	}
}

func (a *inWords) isRefused() bool { return a.refused != nil }

// Write implements io.Writer.
func (a *inWords) Write(p []byte) (int, error) {
	if a.isRefused() { // its words are another's
		return len(p), nil
	}
	return a.ResponseWriter.Write(p)
}

func (d *Door) deleteObject(in *request) error {
	if err := d.store.Delete(in.bucket, in.key); err != nil {
		return err
	}
	return done(in, http.StatusNoContent)
}
