// Package software holds the nouns of the software package catalogue and their
// rules: packages, their versions, and what a job says of both. It is pure: no
// I/O, no clock, no goroutine.
//
// Begin with [Package] and [Version]. Names are what clients speak; a version is
// named by its package and its own name.
package software

import (
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// MaxAttributes is how many bytes the attributes of a version may have, keys and
// values together.
const MaxAttributes = 3 << 10

// Package is a software package.
type Package struct {
	Name, Description    string
	Default              string // name of its default version, or empty
	CreatedAt, ChangedAt time.Time
}

// Patch is what UpdatePackage asks for; zero members leave what is there.
type Patch struct {
	Description *string
	Default     string
	Unset       bool // no version is the default any more
}

// Update answers the package as p makes it. That there is a version to be the
// default, and that it may be, is for [Version.MayDeploy] to say.
func (p Package) Update(c Patch, now time.Time) (Package, error) {
	if c.Default != "" && c.Unset {
		return p, fault.New(fault.InvalidRequest, "Value true at 'unsetDefaultVersion' is not allowed beside 'defaultVersionName'")
	}
	if c.Description != nil {
		p.Description = *c.Description
	}
	if c.Default != "" || c.Unset {
		p.Default = c.Default
	}
	p.ChangedAt = now
	return p, nil
}

// Status is where a version is in its life.
type Status uint8

// The states of a version. The numbers are stored: new ones go to the end.
const (
	Draft Status = iota + 1
	Published
	Deprecated
)

var statusNames = [...]string{"", "DRAFT", "PUBLISHED", "DEPRECATED"}

func (s Status) String() string { return statusNames[s] }

// ParseStatus finds the status that is spelt s on the wire; 0 is none.
func ParseStatus(s string) Status {
	for i, name := range statusNames[1:] {
		if name == s {
			return Status(i + 1)
		}
	}
	return 0
}

// Artifact is where the file of a version lies; the zero Artifact is none.
type Artifact struct {
	Bucket  string `json:"bucket,omitempty"`
	Key     string `json:"key,omitempty"`
	Version string `json:"version,omitempty"` // of the object, or empty
}

// Check refuses, as InvalidRequest, an artifact that names no object. One that
// is given has to, while a version may have none.
func (a Artifact) Check() error {
	if a.Bucket == "" || a.Key == "" {
		return fault.New(fault.InvalidRequest, "Value at 'artifact.s3Location' must have a bucket and a key")
	}
	return nil
}

// Version is a version of a package. Its name is unique within the package.
type Version struct {
	Package, Name, Description string
	Attributes                 map[string]string
	Artifact                   Artifact
	Recipe                     string
	Status                     Status
	CreatedAt, ChangedAt       time.Time
}

// Check refuses, as InvalidRequest, what no version may have.
func (v Version) Check() error {
	n := 0
	for key, value := range v.Attributes {
		n += len(key) + len(value)
	}
	if n > MaxAttributes {
		return fault.New(fault.InvalidRequest, "Value at 'attributes' has %d bytes, at most %d are allowed", n, MaxAttributes)
	}
	if v.Artifact == (Artifact{}) {
		return nil
	}
	return v.Artifact.Check()
}

// Action is what is to become of a version.
type Action uint8

// The actions.
const (
	NoAction Action = iota
	Publish
	Deprecate
)

// ParseAction finds the action that is spelt s on the wire.
func ParseAction(s string) Action {
	switch s {
	case "PUBLISH":
		return Publish
	case "DEPRECATE":
		return Deprecate
	default:
		return NoAction
	}
}

// VersionPatch is what UpdatePackageVersion asks for; nil members leave what is
// there.
type VersionPatch struct {
	Description *string
	Attributes  map[string]string // replaces all
	Artifact    *Artifact
	Recipe      *string
	Action      Action
}

// Update answers the version as p makes it: what is deployed is fixed from the
// moment on in which the version is published.
// spec: api-operations.md#updatepackageversion
func (v Version) Update(p VersionPatch, now time.Time) (Version, error) {
	if v.Status != Draft && (p.Attributes != nil || p.Artifact != nil || p.Recipe != nil) {
		return v, fault.New(fault.InvalidRequest,
			"Version %s of package %s is %s: only the description can be changed, attributes, artifact and recipe are those of a DRAFT", v.Name, v.Package, v.Status)
	}
	if p.Description != nil {
		v.Description = *p.Description
	}
	if p.Attributes != nil {
		v.Attributes = p.Attributes
	}
	if p.Artifact != nil {
		if err := p.Artifact.Check(); err != nil {
			return v, err
		}
		v.Artifact = *p.Artifact
	}
	if p.Recipe != nil {
		v.Recipe = *p.Recipe
	}
	if err := v.Check(); err != nil {
		return v, err
	}
	v.ChangedAt = now
	return v.take(p.Action)
}

// take goes from DRAFT to PUBLISHED, and from there to DEPRECATED and back.
func (v Version) take(a Action) (Version, error) {
	switch {
	case a == NoAction:
		return v, nil
	case a == Publish && v.Status != Published:
		v.Status = Published
		return v, nil
	case a == Deprecate && v.Status == Published:
		v.Status = Deprecated
		return v, nil
	}
	return v, fault.New(fault.InvalidRequest, "Value '%s' at 'action' is not allowed: version %s of package %s is %s", a, v.Name, v.Package, v.Status)
}

func (a Action) String() string { return [...]string{"", "PUBLISH", "DEPRECATE"}[a] }

// MayDeploy refuses, as InvalidRequest, a draft: it can neither be the default
// of its package nor the destination of a job.
func (v Version) MayDeploy() error {
	if v.Status == Draft {
		return fault.New(fault.InvalidRequest, "Version %s of package %s is DRAFT: it has to be published first", v.Name, v.Package)
	}
	return nil
}

// Config is what is to happen when a job with destinationPackageVersions has
// succeeded on a thing.
type Config struct {
	Report  bool   `json:"report,omitempty"` // the version goes into the thing's reserved shadow
	RoleARN string `json:"roleArn,omitempty"`
}

// ConfigPatch is what UpdatePackageConfiguration asks for; what is nil or empty
// leaves what is there.
type ConfigPatch struct {
	Report  *bool
	RoleARN string
}

// Update answers the configuration as p makes it.
func (c Config) Update(p ConfigPatch) Config {
	if p.Report != nil {
		c.Report = *p.Report
	}
	if p.RoleARN != "" {
		c.RoleARN = p.RoleARN
	}
	return c
}
