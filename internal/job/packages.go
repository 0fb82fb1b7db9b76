package job

import (
	"slices"
	"strings"

	"github.com/drover-iot/drover/internal/fault"
)

// MaxDestinations is how many package versions a job brings at most.
// spec: job-lifecycle.md#11-limits-and-quotas
const MaxDestinations = 25

// Destination is a version of a software package that a job brings to its
// things; without a version it takes the package away.
type Destination struct {
	Package string `json:"package"`
	Version string `json:"version,omitempty"`
	// Default says that $default was given; Version is what that was when the job
	// was made, "" in a template.
	Default bool `json:"default,omitempty"`
}

// asGiven is the destinations as an operator gave them: a default is whatever it
// will be.
func asGiven(list []Destination) []Destination {
	list = slices.Clone(list)
	for i := range list {
		if list[i].Default {
			list[i].Version = ""
		}
	}
	return list
}

// Contents is what a document may say of a package version.
type Contents struct {
	Destination
	Attributes map[string]string
	// Artifact is the placeholder that stands for its artifact's URL, which is
	// signed when a device gets its document; "" is none.
	Artifact string
}

// HasPackages tells whether valid JSON has placeholders of package versions.
func HasPackages(doc []byte) bool {
	for p := range placeholders(doc) {
		if p.Kind == OfPackage {
			return true
		}
	}
	return false
}

// FillPackages is a valid document with what its placeholders say of package
// versions, which have to be among those that the job brings.
// spec: device-api.md#81-placeholders
//
// Errors: InvalidRequest.
func FillPackages(doc []byte, brought []Contents) ([]byte, error) {
	return Fill(doc, func(p Placeholder) (Value, error) {
		if p.Kind != OfPackage {
			return Value{}, nil
		}
		c, what, err := find(p, brought)
		if err != nil {
			return Value{}, err
		}
		return c.say(what, p)
	})
}

// What a placeholder of a package version asks for.
const (
	allAttributes = "attributes"
	oneAttribute  = "attributes:"
	artifactURL   = "artifact-location:s3-presigned-url"
	artifactURL2  = "artifact:s3-presigned-url"
)

// find is the version that a placeholder names, and what it asks for. Without
// names it is the only one that the job brings.
func find(p Placeholder, brought []Contents) (c Contents, what string, err error) {
	name, rest, ok := strings.Cut(p.Rest, ":version:")
	version, what, more := strings.Cut(rest, ":")
	switch {
	case !ok || !more || (name == "") != (version == ""):
		return c, what, refusePlaceholder(p, "it must name a package and a version, or neither")
	case name == "" && len(brought) != 1:
		return c, what, refusePlaceholder(p, "without names it needs exactly one entry of 'destinationPackageVersions'")
	case name == "":
		return brought[0], what, brought[0].deployed(p)
	}
	for _, c := range brought {
		if c.Package == name && (c.Version == version || version == "$default" && c.Default) {
			return c, what, c.deployed(p)
		}
	}
	return c, what, refusePlaceholder(p, "its package version is not among 'destinationPackageVersions'")
}

// deployed refuses a package that is taken away: there is nothing to say of it.
func (c Contents) deployed(p Placeholder) error {
	if c.Version == "" {
		return refusePlaceholder(p, "its package is taken away")
	}
	return nil
}

func refusePlaceholder(p Placeholder, why string) error {
	return fault.New(fault.InvalidRequest, "Value at 'document' is not allowed: placeholder %s: %s", p, why)
}

// say is what a placeholder stands for.
func (c Contents) say(what string, p Placeholder) (Value, error) {
	if key, ok := strings.CutPrefix(what, oneAttribute); ok {
		value, has := c.Attributes[key]
		if !has {
			return Value{}, refusePlaceholder(p, "there is no such attribute")
		}
		return Text(value), nil
	}
	switch {
	case what == allAttributes && p.Whole:
		return Object(c.Attributes), nil
	case what == allAttributes:
		return Value{}, refusePlaceholder(p, "all attributes must be a whole value")
	case what != artifactURL && what != artifactURL2:
		return Value{}, refusePlaceholder(p, "it asks for something unknown")
	case c.Artifact == "":
		return Value{}, refusePlaceholder(p, "the version has no artifact")
	}
	return Text(c.Artifact), nil
}

// CheckDestinations refuses package versions that one job cannot bring
// together.
func CheckDestinations(list []Destination) error {
	if len(list) > MaxDestinations {
		return fault.New(fault.InvalidRequest, "Value at 'destinationPackageVersions' has %d items, at most %d are allowed", len(list), MaxDestinations)
	}
	seen := map[string]bool{}
	for _, d := range list {
		if seen[d.Package] {
			return fault.New(fault.InvalidRequest, "Value at 'destinationPackageVersions' names package %s twice", d.Package)
		}
		seen[d.Package] = true
	}
	return nil
}
