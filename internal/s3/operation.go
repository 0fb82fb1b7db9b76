package s3

import (
	"net/http"
	"slices"

	"github.com/drover-iot/drover/internal/artifact"
)

// operation is one that is built.
type operation struct {
	name   string
	method string
	on     level
	query  string // a parameter that the request has; "" is any
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
	{"ListBuckets", http.MethodGet, onService, "", false, (*Door).listBuckets},
	{"CreateBucket", http.MethodPut, onBucket, "", false, (*Door).createBucket},
	{"DeleteBucket", http.MethodDelete, onBucket, "", false, (*Door).deleteBucket},
	{"HeadBucket", http.MethodHead, onBucket, "", false, (*Door).headBucket},
	{"GetBucketLocation", http.MethodGet, onBucket, "location", false, (*Door).locateBucket},
	{"ListObjectsV2", http.MethodGet, onBucket, "list-type", false, (*Door).listObjectsV2},
	{"ListObjects", http.MethodGet, onBucket, "", false, (*Door).listObjects},
	{"DeleteObjects", http.MethodPost, onBucket, "delete", false, (*Door).deleteObjects},

	{"UploadPart", http.MethodPut, onObject, "uploadId", true, (*Door).putPart},
	{"PutObject", http.MethodPut, onObject, "", true, (*Door).putObject},
	{"ListParts", http.MethodGet, onObject, "uploadId", false, (*Door).listParts},
	{"GetObject", http.MethodGet, onObject, "", true, (*Door).getObject},
	{"HeadObject", http.MethodHead, onObject, "", false, (*Door).getObject},
	{"AbortMultipartUpload", http.MethodDelete, onObject, "uploadId", false, (*Door).abortUpload},
	{"DeleteObject", http.MethodDelete, onObject, "", false, (*Door).deleteObject},
	{"CreateMultipartUpload", http.MethodPost, onObject, "uploads", false, (*Door).createUpload},
	{"CompleteMultipartUpload", http.MethodPost, onObject, "uploadId", true, (*Door).completeUpload},
}

// notBuilt are parameters that mean something else than what is built.
var notBuilt = []string{
	"accelerate", "acl", "analytics", "attributes", "cors", "encryption", "intelligent-tiering", "inventory", "legal-hold", "lifecycle", "logging",
	"metadataConfiguration", "metadataTable", "metrics", "notification", "object-lock", "ownershipControls", "partNumber", "policy", "policyStatus",
	"publicAccessBlock", "renameObject", "replication", "requestPayment", "restore", "retention", "select", "session", "tagging", "torrent", "uploads",
	"versioning", "versions", "website",
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
		if op.method == in.Method && op.on == in.level() && (op.query == "" || in.query.Has(op.query)) {
			return op, in.understood(op)
		}
	}
	return operation{}, artifact.Refuse(artifact.MethodNotAllowed, "The specified method is not allowed against this resource.")
}

// understood refuses a request that asks for more than op does.
func (in *request) understood(op operation) error {
	for _, name := range notBuilt {
		if in.query.Has(name) && name != op.query && !(name == "partNumber" && op.name == "UploadPart") {
			return artifact.Refuse(artifact.NotImplemented, "This server does not have what '?%s' asks for.", name)
		}
	}
	if in.Header.Get("X-Amz-Copy-Source") != "" {
		return artifact.Refuse(artifact.NotImplemented, "This server does not copy objects.")
	}
	versioned := []string{"GetObject", "HeadObject", "DeleteObject"}
	if v := in.query.Get("versionId"); v != "" && v != "null" && slices.Contains(versioned, op.name) {
		return artifact.Refuse(artifact.NoSuchVersion, "The specified version does not exist: this server keeps one version of an object, 'null'.")
	}
	return nil
}
