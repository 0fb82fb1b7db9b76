package artifact

import (
	"errors"
	"fmt"
	"regexp"
	"unicode/utf8"
)

// Code is what was wrong, in the words of S3.
type Code string

// The codes of S3 that are met here.
const (
	AccessDenied          Code = "AccessDenied"
	BadDigest             Code = "BadDigest"
	BucketAlreadyOwned    Code = "BucketAlreadyOwnedByYou"
	BucketNotEmpty        Code = "BucketNotEmpty"
	EntityTooLarge        Code = "EntityTooLarge"
	EntityTooSmall        Code = "EntityTooSmall"
	IncompleteBody        Code = "IncompleteBody"
	InternalError         Code = "InternalError"
	InvalidAccessKey      Code = "InvalidAccessKeyId"
	InvalidArgument       Code = "InvalidArgument"
	InvalidBucketName     Code = "InvalidBucketName"
	InvalidDigest         Code = "InvalidDigest"
	InvalidPart           Code = "InvalidPart"
	InvalidPartOrder      Code = "InvalidPartOrder"
	InvalidRange          Code = "InvalidRange"
	InvalidRequest        Code = "InvalidRequest"
	InvalidURI            Code = "InvalidURI"
	KeyTooLong            Code = "KeyTooLongError"
	MalformedXML          Code = "MalformedXML"
	MetadataTooLarge      Code = "MetadataTooLarge"
	MethodNotAllowed      Code = "MethodNotAllowed"
	MissingContentLength  Code = "MissingContentLength"
	NoSuchBucket          Code = "NoSuchBucket"
	NoSuchKey             Code = "NoSuchKey"
	NoSuchUpload          Code = "NoSuchUpload"
	NoSuchVersion         Code = "NoSuchVersion"
	NotImplemented        Code = "NotImplemented"
	PreconditionFailed    Code = "PreconditionFailed"
	QueryParametersError  Code = "AuthorizationQueryParametersError"
	RequestTimeout        Code = "RequestTimeout"
	SignatureDoesNotMatch Code = "SignatureDoesNotMatch"
	SlowDown              Code = "SlowDown"
	TooManyBuckets        Code = "TooManyBuckets"
	Unavailable           Code = "ServiceUnavailable"
	WrongSHA256           Code = "XAmzContentSHA256Mismatch"
)

// Refusal is an error that a client may read.
type Refusal struct {
	Code    Code
	Message string
}

func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Message }

// Refuse makes a *Refusal.
func Refuse(c Code, format string, args ...any) error {
	return &Refusal{c, fmt.Sprintf(format, args...)}
}

// As finds the Refusal in err's chain, or nil.
func As(err error) *Refusal {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	return nil
}

// Is tells whether err is a refusal with the code.
func Is(err error, c Code) bool {
	r := As(err)
	return r != nil && r.Code == c
}

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	address    = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$|\.\.`)
)

// CheckBucket refuses what cannot be the name of a bucket.
func CheckBucket(name string) error {
	if !bucketName.MatchString(name) || address.MatchString(name) {
		return Refuse(InvalidBucketName, "The specified bucket is not valid.")
	}
	return nil
}

// MostKey is how many bytes a key may have.
const MostKey = 1024

// CheckKey refuses what cannot be the key of an object.
func CheckKey(key string) error {
	switch {
	case key == "":
		return Refuse(InvalidURI, "An object has a key of at least one character.")
	case len(key) > MostKey:
		return Refuse(KeyTooLong, "Your key is too long: at most %d bytes are allowed.", MostKey)
	case !utf8.ValidString(key):
		return Refuse(InvalidURI, "A key is UTF-8.")
	}
	return nil
}
