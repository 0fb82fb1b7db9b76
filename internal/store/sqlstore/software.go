package sqlstore

import (
	"context"
	"time"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet/software"
	"github.com/drover-iot/drover/internal/store"
)

// Package implements store.Software.
func (t *tx) Package(name string) (software.Package, error) { return packageNamed(t, name) }

// Package implements store.SoftwareReader.
func (s *Store) Package(ctx context.Context, name string) (software.Package, error) {
	return packageNamed(s.reads(ctx), name)
}

func packageNamed(q querier, name string) (software.Package, error) {
	p, ok, err := one(q, scanPackage, "package", name)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Package %s does not exist", name)
	}
	return p, err
}

// scanPackage reads name, description, default_version, created_at, changed_at.
func scanPackage(r row) (p software.Package, err error) {
	err = r.Scan(&p.Name, &p.Description, &p.Default, instant{&p.CreatedAt}, instant{&p.ChangedAt})
	return p, err
}

// PutPackage implements store.Software.
func (t *tx) PutPackage(p software.Package) error {
	_, err := t.exec("put_package", p.Name, p.Description, p.Default, p.CreatedAt.UnixMilli(), p.ChangedAt.UnixMilli())
	return err
}

// DeletePackage implements store.Software.
func (t *tx) DeletePackage(name string) error {
	if _, err := t.exec("delete_package", name); err != nil {
		return err
	}
	_, err := t.exec("delete_tags", store.KindPackage, name)
	return err
}

// Packages implements store.SoftwareReader.
func (s *Store) Packages(ctx context.Context, p store.Page) ([]software.Package, store.Cursor, error) {
	l := list[software.Package, string]{
		name: "packages",
		key:  func(p software.Package) string { return p.Name },
		read: func(after string, n int) ([]software.Package, error) {
			return all(s.reads(ctx), scanPackage, "packages", after, n)
		},
	}
	return l.page(p)
}

// PackageVersion implements store.Software.
func (t *tx) PackageVersion(pkg, name string) (software.Version, error) {
	return versionNamed(t, pkg, name)
}

// PackageVersion implements store.SoftwareReader.
func (s *Store) PackageVersion(ctx context.Context, pkg, name string) (software.Version, error) {
	return versionNamed(s.reads(ctx), pkg, name)
}

func versionNamed(q querier, pkg, name string) (software.Version, error) {
	v, ok, err := one(q, scanVersion, "package_version", pkg, name)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Version %s of package %s does not exist", name, pkg)
	}
	return v, err
}

// scanVersion reads package, name, description, attributes, artifact, recipe,
// status, created_at, changed_at.
func scanVersion(r row) (v software.Version, err error) {
	err = r.Scan(&v.Package, &v.Name, &v.Description, structure{&v.Attributes}, structure{&v.Artifact}, &v.Recipe, &v.Status,
		instant{&v.CreatedAt}, instant{&v.ChangedAt})
	return v, err
}

// VersionsIn implements store.Software.
func (t *tx) VersionsIn(pkg string, n int) ([]software.Version, error) {
	return all(t, scanVersion, "package_versions", "", n, pkg)
}

// PutPackageVersion implements store.Software.
func (t *tx) PutPackageVersion(v software.Version) error {
	_, err := t.exec("put_package_version", v.Package, v.Name, v.Description, names(v.Attributes), written(v.Artifact), v.Recipe,
		int64(v.Status), v.CreatedAt.UnixMilli(), v.ChangedAt.UnixMilli())
	return err
}

// DeletePackageVersion implements store.Software.
func (t *tx) DeletePackageVersion(pkg, name string) error {
	if _, err := t.exec("delete_package_version", pkg, name); err != nil {
		return err
	}
	_, err := t.exec("delete_tags", store.KindPackage, store.PackageVersionID(pkg, name))
	return err
}

// PackageVersions implements store.SoftwareReader.
func (s *Store) PackageVersions(ctx context.Context, pkg string, status software.Status, p store.Page) ([]software.Version, store.Cursor, error) {
	l := list[software.Version, string]{
		name: "package versions of " + pkg,
		key:  func(v software.Version) string { return v.Name },
		read: func(after string, n int) ([]software.Version, error) {
			return all(s.reads(ctx), scanVersion, "package_versions", after, n, pkg)
		},
		fits: func(v software.Version) bool { return status == 0 || v.Status == status },
	}
	return l.page(p)
}

// PackageConfig implements store.Software.
func (t *tx) PackageConfig() (software.Config, error) { return packageConfig(t) }

// PackageConfig implements store.SoftwareReader.
func (s *Store) PackageConfig(ctx context.Context) (software.Config, error) {
	return packageConfig(s.reads(ctx))
}

func packageConfig(q querier) (software.Config, error) {
	c, _, err := one(q, func(r row) (c software.Config, err error) {
		err = r.Scan(structure{&c})
		return c, err
	}, "package_config")
	return c, err
}

// PutPackageConfig implements store.Software.
func (t *tx) PutPackageConfig(c software.Config) error {
	_, err := t.exec("put_package_config", written(c))
	return err
}

// Token implements store.Software.
func (t *tx) Token(token string) (string, error) {
	input, _, err := one(t, func(r row) (s string, err error) {
		err = r.Scan(&s)
		return s, err
	}, "token", token)
	return input, err
}

// PutToken implements store.Software.
func (t *tx) PutToken(token, input string, now time.Time) error {
	_, err := t.exec("put_token", token, input, now.UnixMilli())
	return err
}

// ForgetTokens implements store.Software.
func (t *tx) ForgetTokens(before time.Time, most int) error {
	_, err := t.exec("forget_tokens", before.UnixMilli(), most)
	return err
}
