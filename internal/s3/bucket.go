package s3

import (
	"encoding/xml"
	"net/http"

	"github.com/drover-iot/drover/internal/artifact"
)

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// owner is whose everything is.
type owner struct {
	ID          string
	DisplayName string
}

type bucketList struct {
	XMLName xml.Name      `xml:"ListAllMyBucketsResult"`
	NS      string        `xml:"xmlns,attr"`
	Owner   owner         `xml:"Owner"`
	Buckets []bucketShown `xml:"Buckets>Bucket"`
}

type bucketShown struct {
	Name         string
	CreationDate string
}

func (d *Door) listBuckets(in *request) error {
	all, err := d.store.Buckets()
	if err != nil {
		return err
	}
	shown := bucketList{NS: namespace, Owner: owner{"drover", "drover"}}
	for _, b := range all {
		shown.Buckets = append(shown.Buckets, bucketShown{b.Name, stamp(b.Made)})
	}
	writeXML(in, http.StatusOK, shown)
	return nil
}

// createBucket makes a bucket, of whatever region the body says: there is one.
func (d *Door) createBucket(in *request) error {
	if in.Body != http.NoBody {
		var chosen struct {
			XMLName xml.Name `xml:"CreateBucketConfiguration"`
		}
		if err := d.readXML(in, &chosen); err != nil {
			return err
		}
	}
	if err := d.store.MakeBucket(in.bucket); err != nil {
		return err
	}
	in.w.Header().Set("Location", "/"+in.bucket)
	return done(in, http.StatusOK)
}

func (d *Door) headBucket(in *request) error {
	if err := d.store.HasBucket(in.bucket); err != nil {
		return err
	}
	in.w.Header().Set("X-Amz-Bucket-Region", d.signer.Region())
	return done(in, http.StatusOK)
}

func (d *Door) deleteBucket(in *request) error {
	if err := d.store.DeleteBucket(in.bucket); err != nil {
		return err
	}
	return done(in, http.StatusNoContent)
}

func (d *Door) locateBucket(in *request) error {
	if err := d.store.HasBucket(in.bucket); err != nil {
		return err
	}
	writeXML(in, http.StatusOK, struct {
		XMLName xml.Name `xml:"LocationConstraint"`
		NS      string   `xml:"xmlns,attr"`
		Region  string   `xml:",chardata"`
	}{NS: namespace, Region: d.signer.Region()})
	return nil
}

// mostDeleted is how many objects a request deletes.
const mostDeleted = 1000

type deletion struct {
	XMLName xml.Name `xml:"Delete"`
	Objects []struct {
		Key       string
		VersionID string `xml:"VersionId"`
		// Conditions, which are not built.
		ETag, LastModifiedTime, Size string
	} `xml:"Object"`
	Quiet bool
}

type deletedShown struct {
	Key string
}

type deleteError struct {
	Key     string
	Code    artifact.Code
	Message string
}

type deletionAnswer struct {
	XMLName xml.Name       `xml:"DeleteResult"`
	NS      string         `xml:"xmlns,attr"`
	Deleted []deletedShown `xml:"Deleted"`
	Errors  []deleteError  `xml:"Error"`
}

func (d *Door) deleteObjects(in *request) error {
	var asked deletion
	if err := d.readXML(in, &asked); err != nil {
		return err
	}
	if len(asked.Objects) == 0 || len(asked.Objects) > mostDeleted {
		return artifact.Refuse(artifact.MalformedXML, "The XML you provided was not well-formed or did not validate against our published schema: it must name 1 to %d objects", mostDeleted)
	}
	if err := d.store.HasBucket(in.bucket); err != nil {
		return err
	}
	answer := deletionAnswer{NS: namespace}
	for _, o := range asked.Objects {
		err := artifact.CheckKey(o.Key)
		if o.VersionID != "" && o.VersionID != "null" {
			err = noVersion()
		}
		if o.ETag+o.LastModifiedTime+o.Size != "" {
			err = artifact.Refuse(artifact.NotImplemented, "This server does not delete objects on a condition: ETag, LastModifiedTime or Size.")
		}
		if err == nil {
			err = d.store.Delete(in.bucket, o.Key)
		}
		switch {
		case err != nil:
			r := said(ofClient(err))
			answer.Errors = append(answer.Errors, deleteError{o.Key, r.Code, r.Message})
		case !asked.Quiet:
			answer.Deleted = append(answer.Deleted, deletedShown{o.Key})
		}
	}
	writeXML(in, http.StatusOK, answer)
	return nil
}
