package awsapi

import "strings"

// Kinds of resource in an ARN. spec: wire-protocol.md#6-arns
const (
	ResourceJob         = "job"
	ResourceJobTemplate = "jobtemplate"
	ResourceThing       = "thing"
	ResourceThingGroup  = "thinggroup"
	ResourceThingType   = "thingtype"
	ResourcePackage     = "package"
)

// maxARN is the longest ARN that any shape allows.
const maxARN = 2048

// Scope is whose resources a node holds: what its ARNs begin with.
type Scope struct {
	Partition string // "aws"
	Account   string // 12 digits
	Region    string
}

// ARN names the resource id of the kind given, one of the Resource constants.
func (s Scope) ARN(kind, id string) string {
	return "arn:" + s.Partition + ":iot:" + s.Region + ":" + s.Account + ":" + kind + "/" + id
}

// Provider is the scope of what comes with the service in this region, such as
// managed job templates: it has no account.
func (s Scope) Provider() Scope { return Scope{Partition: s.Partition, Region: s.Region} }

// PackageVersionARN names a version of a software package.
func (s Scope) PackageVersionARN(pkg, version string) string {
	return s.ARN(ResourcePackage, PackageVersionID(pkg, version))
}

// PackageVersionID is the id in the ARN of a version of a software package.
func PackageVersionID(pkg, version string) string { return pkg + packageVersionInfix + version }

const packageVersionInfix = "/version/"

// PackageVersion takes the id in the ARN of a software package apart; version is
// empty if it names the package itself.
func (a ARN) PackageVersion() (pkg, version string) {
	pkg, version, _ = strings.Cut(a.ID, packageVersionInfix)
	return pkg, version
}

// Holds tells whether a belongs to this node. What does not is answered as
// not found. spec: wire-protocol.md#6-arns
func (s Scope) Holds(a ARN) bool { return a.Scope == s }

// ARN is a resource of the control plane, taken apart.
type ARN struct {
	Scope
	Kind string // one of the Resource constants, or one that Drover does not know
	ID   string
}

// String puts a together again.
func (a ARN) String() string { return a.Scope.ARN(a.Kind, a.ID) }

// ParseARN takes apart arn:aws:iot:{region}:{account}:{kind}/{id}, the form
// of all that can be a target or be tagged; anything else is not ok. Whether
// the id is a valid name is not asked: one that is not, is not found.
func ParseARN(text string) (a ARN, ok bool) {
	part := strings.SplitN(text, ":", 6)
	if len(text) > maxARN || len(part) != 6 || part[0] != "arn" || part[2] != "iot" {
		return ARN{}, false
	}
	kind, id, found := strings.Cut(part[5], "/")
	if !found || kind == "" || id == "" || !strings.HasPrefix(part[1], "aws") {
		return ARN{}, false
	}
	return ARN{Scope{Partition: part[1], Region: part[3], Account: part[4]}, kind, id}, true
}
