package s3

import (
	"errors"
	"net/http"

	"github.com/drover-iot/drover/internal/artifact"
)

// operation is one that is built.
type operation struct {
	name   string
	method string
	on     level
	query  string // a parameter that the request has; "" is any
	also   string // another that it reads, if it has it
	copies bool   // what the request names in its header, if it does
	// streams says that its body, or that of its answer, is of any length.
	streams bool
	serve   func(*Door, *request) error
}

// level is what a path names.
type level uint8

const (
	onService level = iota
	onBucket
	onObject
)

// operations are those that are built. Of two that fit, the first is meant.
var operations = []operation{
	{"ListBuckets", http.MethodGet, onService, "", "", false, false, (*Door).listBuckets},
	{"CreateBucket", http.MethodPut, onBucket, "", "", false, false, (*Door).createBucket},
	{"DeleteBucket", http.MethodDelete, onBucket, "", "", false, false, (*Door).deleteBucket},
	{"HeadBucket", http.MethodHead, onBucket, "", "", false, false, (*Door).headBucket},
	{"GetBucketLocation", http.MethodGet, onBucket, "location", "", false, false, (*Door).locateBucket},
	{"ListMultipartUploads", http.MethodGet, onBucket, "uploads", "", false, false, (*Door).listUploads},
	{"ListObjectsV2", http.MethodGet, onBucket, "list-type", "", false, false, (*Door).listObjectsV2},
	{"ListObjects", http.MethodGet, onBucket, "", "", false, false, (*Door).listObjects},
	{"DeleteObjects", http.MethodPost, onBucket, "delete", "", false, false, (*Door).deleteObjects},

	{"UploadPartCopy", http.MethodPut, onObject, "uploadId", "partNumber", true, true, (*Door).copyPart},
	{"UploadPart", http.MethodPut, onObject, "uploadId", "partNumber", false, true, (*Door).putPart},
	{"CopyObject", http.MethodPut, onObject, "", "", true, true, (*Door).copyObject},
	{"PutObject", http.MethodPut, onObject, "", "", false, true, (*Door).putObject},
	{"ListParts", http.MethodGet, onObject, "uploadId", "", false, false, (*Door).listParts},
	{"GetObjectTagging", http.MethodGet, onObject, "tagging", "versionId", false, false, (*Door).getTagging},
	{"GetObject", http.MethodGet, onObject, "", "versionId", false, true, (*Door).getObject},
	{"HeadObject", http.MethodHead, onObject, "", "versionId", false, false, (*Door).getObject},
	{"AbortMultipartUpload", http.MethodDelete, onObject, "uploadId", "", false, false, (*Door).abortUpload},
	{"DeleteObject", http.MethodDelete, onObject, "", "versionId", false, false, (*Door).deleteObject},
	{"CreateMultipartUpload", http.MethodPost, onObject, "uploads", "", false, false, (*Door).createUpload},
	{"CompleteMultipartUpload", http.MethodPost, onObject, "uploadId", "", false, true, (*Door).completeUpload},
}

func (in *request) level() level {
	switch {
	case in.bucket == "":
		return onService
	case in.key == "":
		return onBucket
	}
	return onObject
}

// operation is what a request asks for.
func (in *request) operation() (operation, error) {
	for _, op := range operations {
		if op.method == in.Method && op.on == in.level() && (op.query == "" || in.query.Has(op.query)) && (!op.copies || in.Header[copySource] != nil) {
			return op, in.understood(op)
		}
	}
	if err := in.notBuilt(operation{}); err != nil {
		return operation{}, err
	}
	return operation{}, artifact.Refuse(artifact.MethodNotAllowed, "The specified method is not allowed against this resource.")
}

// understood refuses a request that asks for more than op does.
func (in *request) understood(op operation) error {
	if err := errors.Join(in.notBuilt(op), in.strange(op), in.notPromised(op)); err != nil {
		return err
	}
	if v := in.query.Get("versionId"); v != "" && v != "null" && op.also == "versionId" {
		return noVersion()
	}
	return nil
}

func noVersion() error {
	return artifact.Refuse(artifact.NoSuchVersion, "The specified version does not exist: this server keeps one version of an object, 'null'.")
}
