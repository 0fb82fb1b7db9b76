package store

import (
	"context"
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/fleet/software"
)

// PackageVersionID is the id of a version as a [Resource].
func PackageVersionID(pkg, name string) string { return pkg + versionInfix + name }

const versionInfix = "/version/"

// CutPackageVersionID takes such an id apart; ok is false if it is none.
func CutPackageVersionID(id string) (pkg, name string, ok bool) { return strings.Cut(id, versionInfix) }

// Software is the software packages within a transaction.
type Software interface {
	Package(name string) (software.Package, error)
	PutPackage(software.Package) error // inserts or replaces by name
	// DeletePackage deletes a package and its tags; one that is not there is
	// deleted already.
	DeletePackage(name string) error
	PackageVersion(pkg, name string) (software.Version, error)
	// VersionsIn is the first n versions of a package, by name.
	VersionsIn(pkg string, n int) ([]software.Version, error)
	PutPackageVersion(software.Version) error // inserts or replaces by package and name
	// DeletePackageVersion is as DeletePackage.
	DeletePackageVersion(pkg, name string) error
	PackageConfig() (software.Config, error)
	PutPackageConfig(software.Config) error
	// InsertGivenDocument keeps the document of a job as it was given, beside
	// the one that something of its packages was put into.
	InsertGivenDocument(jobID int64, document []byte) error
	// Token is what was asked for under a client's token, "" if nothing was.
	Token(token string) (input string, err error)
	PutToken(token, input string, now time.Time) error
	// ForgetTokens forgets those that were used before, and of the others the
	// oldest until no more than most are left, 1,000 in a call.
	ForgetTokens(before time.Time, most int) error
}

// SoftwareReader answers from what is committed of the software packages.
type SoftwareReader interface {
	Package(ctx context.Context, name string) (software.Package, error)
	Packages(context.Context, Page) ([]software.Package, Cursor, error) // by name
	PackageVersion(ctx context.Context, pkg, name string) (software.Version, error)
	// PackageVersions are those of a package by name; status 0 is any.
	PackageVersions(ctx context.Context, pkg string, s software.Status, p Page) ([]software.Version, Cursor, error)
	PackageConfig(context.Context) (software.Config, error)
	// GivenDocument is what InsertGivenDocument kept, or nil.
	GivenDocument(ctx context.Context, jobID int64) ([]byte, error)
}
