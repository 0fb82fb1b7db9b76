package s3

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/artifact"
)

// absent is what a parameter of a request means that is not built.
type absent struct {
	on    level
	query string
	name  string // "BucketAcl": with Get, Put or Delete before it
	whole bool   // the name is all of it
}

// absentees are the operations of S3 that are not built.
var absentees = []absent{
	{onBucket, "accelerate", "BucketAccelerateConfiguration", false},
	{onBucket, "acl", "BucketAcl", false},
	{onBucket, "analytics", "BucketAnalyticsConfiguration", false},
	{onBucket, "cors", "BucketCors", false},
	{onBucket, "encryption", "BucketEncryption", false},
	{onBucket, "intelligent-tiering", "BucketIntelligentTieringConfiguration", false},
	{onBucket, "inventory", "BucketInventoryConfiguration", false},
	{onBucket, "lifecycle", "BucketLifecycleConfiguration", false},
	{onBucket, "logging", "BucketLogging", false},
	{onBucket, "metadataConfiguration", "BucketMetadataConfiguration", false},
	{onBucket, "metadataTable", "BucketMetadataTableConfiguration", false},
	{onBucket, "metrics", "BucketMetricsConfiguration", false},
	{onBucket, "notification", "BucketNotificationConfiguration", false},
	{onBucket, "object-lock", "ObjectLockConfiguration", false},
	{onBucket, "ownershipControls", "BucketOwnershipControls", false},
	{onBucket, "policy", "BucketPolicy", false},
	{onBucket, "policyStatus", "BucketPolicyStatus", false},
	{onBucket, "publicAccessBlock", "PublicAccessBlock", false},
	{onBucket, "replication", "BucketReplication", false},
	{onBucket, "requestPayment", "BucketRequestPayment", false},
	{onBucket, "session", "CreateSession", true},
	{onBucket, "tagging", "BucketTagging", false},
	{onBucket, "versioning", "BucketVersioning", false},
	{onBucket, "versions", "ListObjectVersions", true},
	{onBucket, "website", "BucketWebsite", false},
	{onObject, "acl", "ObjectAcl", false},
	{onObject, "attributes", "GetObjectAttributes", true},
	{onObject, "encryption", "UpdateObjectEncryption", true},
	{onObject, "legal-hold", "ObjectLegalHold", false},
	{onObject, "partNumber", "GetObject of a part", true},
	{onObject, "renameObject", "RenameObject", true},
	{onObject, "restore", "RestoreObject", true},
	{onObject, "retention", "ObjectRetention", false},
	{onObject, "select", "SelectObjectContent", true},
	{onObject, "tagging", "ObjectTagging", false},
	{onObject, "torrent", "ObjectTorrent", false},
}

var verbs = map[string]string{http.MethodGet: "Get", http.MethodHead: "Get", http.MethodPut: "Put", http.MethodPost: "Post", http.MethodDelete: "Delete"}

// notBuilt refuses a request whose parameter means something else than op.
func (in *request) notBuilt(op operation) error {
	for _, a := range absentees {
		if a.on != in.level() || !in.query.Has(a.query) || a.query == op.query || a.query == op.also {
			continue
		}
		name := a.name
		if !a.whole {
			name = verbs[in.Method] + name
		}
		return artifact.Refuse(artifact.NotImplemented, "This server does not have %s.", name)
	}
	if in.Method == http.MethodPost && in.level() == onBucket && op.name == "" {
		return artifact.Refuse(artifact.NotImplemented, "This server does not have PostObject.")
	}
	return nil
}

// strange refuses a change with a parameter that op does not read: what it asks
// for would not be, and what it wants kept be changed. Those that begin with x-
// are of signatures and of clients' own.
func (in *request) strange(op operation) error {
	if in.Method == http.MethodGet || in.Method == http.MethodHead {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(in.query)) {
		switch {
		case name == op.query, name == op.also, strings.HasPrefix(strings.ToLower(name), "x-"), artifact.IsOfVersion2(name):
		default:
			return artifact.Refuse(artifact.NotImplemented, "This server does not have the parameter %s of %s.", name, op.name)
		}
	}
	return nil
}

// notPromised refuses a request whose header asks for what an object would not
// get: to keep silent would be a promise.
func (in *request) notPromised(op operation) error {
	if in.Method != http.MethodPut && in.Method != http.MethodDelete && op.name != "CreateMultipartUpload" {
		return nil
	}
	for name, values := range in.Header {
		for _, value := range values {
			conditional := in.Method == http.MethodDelete && (name == "If-Match" || name == "If-None-Match")
			if conditional || !isPromised(name, value) {
				return artifact.Refuse(artifact.NotImplemented, "A header you provided implies functionality that is not implemented: this server does not have '%s: %s'.", strings.ToLower(name), value)
			}
		}
	}
	return nil
}

// isPromised tells whether what a header of an upload asks for is so.
func isPromised(name, value string) bool {
	switch name {
	case "X-Amz-Storage-Class":
		return value == "STANDARD"
	case "X-Amz-Acl":
		return value == "private" || value == "bucket-owner-full-control" || value == "bucket-owner-read"
	case "X-Amz-Tagging", "X-Amz-Website-Redirect-Location", "X-Amz-Bucket-Object-Lock-Enabled":
		return value == "" || value == "false"
	case "X-Amz-Write-Offset-Bytes":
		return false
	}
	return !strings.HasPrefix(name, "X-Amz-If-Match-") && !strings.HasPrefix(name, "X-Amz-Server-Side-Encryption") && !strings.HasPrefix(name, "X-Amz-Object-Lock-") &&
		!strings.HasPrefix(name, "X-Amz-Grant-") && !strings.HasPrefix(name, "X-Amz-Copy-Source-Server-Side-Encryption")
}
