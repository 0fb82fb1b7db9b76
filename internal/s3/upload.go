package s3

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/artifact/disk"
)

func (d *Door) createUpload(in *request) error {
	headers, err := headersOf(in)
	if err != nil {
		return err
	}
	a, err := algorithmOf(in.Header.Get(checksumHeader + "Algorithm"))
	if err != nil {
		return err
	}
	kind := strings.ToUpper(in.Header.Get(checksumHeader + "Type"))
	whole := kind == "FULL_OBJECT" || kind == "" && a.name == "CRC64NVME"
	if a.sum == nil && kind != "" || whole && strings.HasPrefix(a.name, "SHA") || kind != "" && kind != "FULL_OBJECT" && kind != "COMPOSITE" {
		return artifact.Refuse(artifact.InvalidRequest, "The %s checksum type cannot be used with the %s checksum algorithm.", kind, a.name)
	}
	u, err := d.store.Begin(disk.Upload{Bucket: in.bucket, Key: in.key, Headers: headers, Algorithm: a.name, Whole: whole})
	if err != nil {
		return err
	}
	if a.name != "" {
		in.w.Header().Set(checksumHeader+"Algorithm", a.name)
		in.w.Header().Set(checksumHeader+"Type", map[bool]string{true: "FULL_OBJECT", false: "COMPOSITE"}[whole])
	}
	writeXML(in, http.StatusOK, struct {
		XMLName  xml.Name `xml:"InitiateMultipartUploadResult"`
		NS       string   `xml:"xmlns,attr"`
		Bucket   string
		Key      string
		UploadID string `xml:"UploadId"`
	}{NS: namespace, Bucket: in.bucket, Key: in.key, UploadID: u.ID})
	return nil
}

// upload is the upload that a request is about.
func (d *Door) upload(in *request) (disk.Upload, error) {
	return d.store.Upload(in.bucket, in.key, in.query.Get("uploadId"))
}

// part is a part of an upload that a request puts.
type part struct {
	disk.Upload
	number int
	sum    algorithm // of the checksum that the upload wants
}

// part is the one that a request is about.
func (d *Door) part(in *request) (p part, err error) {
	p.number, err = strconv.Atoi(in.query.Get("partNumber"))
	if err != nil || p.number < 1 || p.number > disk.MostParts {
		return p, artifact.Refuse(artifact.InvalidArgument, "Part number must be an integer between 1 and %d, inclusive", disk.MostParts)
	}
	if p.Upload, err = d.upload(in); err != nil {
		return p, err
	}
	p.sum, err = algorithmOf(p.Algorithm)
	return p, err
}

func (d *Door) putPart(in *request) error {
	of, err := d.part(in)
	if err != nil {
		return err
	}
	body, err := d.content(in)
	if err != nil {
		return err
	}
	if err := body.compute(of.sum); err != nil {
		return err
	}
	p, err := d.store.PutPart(of.Upload, of.number, body)
	if err != nil {
		return err
	}
	in.w.Header().Set("ETag", quoted(p.ETag))
	if p.Checksum.Value != "" {
		in.w.Header().Set(checksumHeader+p.Checksum.Algorithm, p.Checksum.Value)
	}
	return done(in, http.StatusOK)
}

type partShown struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int64
}

type partList struct {
	XMLName              xml.Name `xml:"ListPartsResult"`
	NS                   string   `xml:"xmlns,attr"`
	Bucket               string
	Key                  string
	UploadID             string `xml:"UploadId"`
	StorageClass         string
	PartNumberMarker     int
	NextPartNumberMarker int `xml:",omitempty"`
	MaxParts             int
	IsTruncated          bool
	Parts                []partShown `xml:"Part"`
}

func (d *Door) listParts(in *request) error {
	u, err := d.upload(in)
	if err != nil {
		return err
	}
	after, err := in.number("part-number-marker", 0)
	if err != nil {
		return err
	}
	most, err := in.number("max-parts", mostListed)
	if err != nil {
		return err
	}
	shown := partList{
		NS: namespace, Bucket: in.bucket, Key: in.key, UploadID: u.ID, StorageClass: "STANDARD",
		PartNumberMarker: after, MaxParts: min(most, mostListed),
	}
	parts, more, err := d.store.Parts(u, after, shown.MaxParts)
	if err != nil {
		return err
	}
	for _, p := range parts {
		shown.Parts = append(shown.Parts, partShown{p.Number, stamp(p.Modified), quoted(p.ETag), p.Size})
		shown.NextPartNumberMarker = p.Number
	}
	shown.IsTruncated = more
	writeXML(in, http.StatusOK, shown)
	return nil
}

// number is a parameter that is a number; absent if it is not there.
func (in *request) number(name string, absent int) (int, error) {
	text := in.query.Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, artifact.Refuse(artifact.InvalidArgument, "Argument %s must be an integer between 0 and 2147483647", name)
	}
	return int(n), nil
}

func (d *Door) abortUpload(in *request) error {
	u, err := d.upload(in)
	if err != nil {
		return err
	}
	if err := d.store.Abort(u); err != nil {
		return err
	}
	return done(in, http.StatusNoContent)
}

// completion is the list of parts that an object is made of.
type completion struct {
	XMLName xml.Name    `xml:"CompleteMultipartUpload"`
	Parts   []partGiven `xml:"Part"`
}

type partGiven struct {
	PartNumber        int
	ETag              string
	ChecksumCRC32     string
	ChecksumCRC32C    string
	ChecksumCRC64NVME string
	ChecksumSHA1      string
	ChecksumSHA256    string
}

// checksum is what a client says of a part, in the upload's algorithm.
func (p partGiven) checksum(algorithm string) disk.Checksum {
	value := map[string]string{
		"CRC32": p.ChecksumCRC32, "CRC32C": p.ChecksumCRC32C, "CRC64NVME": p.ChecksumCRC64NVME, "SHA1": p.ChecksumSHA1, "SHA256": p.ChecksumSHA256,
	}[algorithm]
	return disk.Checksum{Algorithm: algorithm, Value: value}
}

func (d *Door) completeUpload(in *request) error {
	u, err := d.upload(in)
	if err != nil {
		return err
	}
	a, err := d.assembly(in, u)
	if err != nil {
		return err
	}
	o, err := d.store.Complete(a, in.alive())
	if err != nil {
		return err
	}
	shown := completed{NS: namespace, Location: in.URL.Path, Bucket: in.bucket, Key: in.key, ETag: quoted(o.ETag)}
	shown.show(o.Checksum)
	writeXML(in, http.StatusOK, shown)
	return nil
}

// assembly is what a request wants to make of an upload.
func (d *Door) assembly(in *request, u disk.Upload) (disk.Assembly, error) {
	condition, err := conditionOf(in)
	if err != nil {
		return disk.Assembly{}, err
	}
	told := in.Header.Get(checksumHeader + u.Algorithm)
	for _, algo := range algorithms { // they are the object's, and not of the list
		in.Header.Del(checksumHeader + algo.name)
	}
	var asked completion
	if err := d.readXML(in, &asked); err != nil {
		return disk.Assembly{}, err
	}
	if len(asked.Parts) == 0 || len(asked.Parts) > disk.MostParts {
		return disk.Assembly{}, artifact.Refuse(artifact.MalformedXML, "The XML you provided was not well-formed or did not validate against our published schema: it must name 1 to %d parts", disk.MostParts)
	}
	algo, err := algorithmOf(u.Algorithm)
	if err != nil {
		return disk.Assembly{}, err
	}
	a := disk.Assembly{Upload: u, Condition: condition, Of: assembled(u, told)}
	if u.Whole {
		a.Sum = algo.sum()
	}
	for _, p := range asked.Parts {
		o := disk.Object{ETag: strings.Trim(p.ETag, `"`), Checksum: p.checksum(u.Algorithm)}
		a.Parts = append(a.Parts, disk.Part{Number: p.PartNumber, Object: o})
	}
	return a, nil
}

type completed struct {
	XMLName  xml.Name `xml:"CompleteMultipartUploadResult"`
	NS       string   `xml:"xmlns,attr"`
	Location string
	Bucket   string
	Key      string
	ETag     string
	sumShown
}
