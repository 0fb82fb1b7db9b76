package s3

import (
	"encoding/xml"
	"net/http"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/artifact/disk"
)

type uploadShown struct {
	Key          string
	UploadID     string `xml:"UploadId"`
	Initiated    string
	StorageClass string
}

type uploadList struct {
	XMLName            xml.Name `xml:"ListMultipartUploadsResult"`
	NS                 string   `xml:"xmlns,attr"`
	Bucket             string
	KeyMarker          string
	UploadIDMarker     string `xml:"UploadIdMarker"`
	NextKeyMarker      string `xml:",omitempty"`
	NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
	Prefix             string
	EncodingType       string `xml:",omitempty"`
	MaxUploads         int
	IsTruncated        bool
	Uploads            []uploadShown `xml:"Upload"`
}

// listUploads tells who has begun and not ended.
func (d *Door) listUploads(in *request) error {
	if in.query.Get("delimiter") != "" {
		return artifact.Refuse(artifact.NotImplemented, "This server lists uploads without a delimiter.")
	}
	encoding, err := in.encoding()
	if err != nil {
		return err
	}
	most, err := in.number("max-uploads", mostListed)
	if err != nil {
		return err
	}
	q := disk.UploadQuery{
		Bucket: in.bucket, Prefix: in.query.Get("prefix"), Max: min(most, mostListed),
		AfterKey: in.query.Get("key-marker"), AfterID: in.query.Get("upload-id-marker"),
	}
	begun, more, err := d.store.Uploads(q)
	if err != nil {
		return err
	}
	shown := uploadList{
		NS: namespace, Bucket: in.bucket, Prefix: in.shown(q.Prefix), MaxUploads: q.Max, IsTruncated: more,
		KeyMarker: in.shown(q.AfterKey), UploadIDMarker: q.AfterID, EncodingType: encoding,
	}
	for _, u := range begun {
		shown.Uploads = append(shown.Uploads, uploadShown{in.shown(u.Key), u.ID, stamp(u.Begun), "STANDARD"})
		if more {
			shown.NextKeyMarker, shown.NextUploadIDMarker = in.shown(u.Key), u.ID
		}
	}
	writeXML(in, http.StatusOK, shown)
	return nil
}

// getTagging answers that an object has no tags: none has any, and clients ask
// before they copy one in parts.
func (d *Door) getTagging(in *request) error {
	f, err := d.store.Get(in.bucket, in.key)
	if err != nil {
		return err
	}
	f.Close()
	writeXML(in, http.StatusOK, struct {
		XMLName xml.Name `xml:"Tagging"`
		NS      string   `xml:"xmlns,attr"`
		TagSet  struct{}
	}{NS: namespace})
	return nil
}
