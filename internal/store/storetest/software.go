package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/software"
	"github.com/drover-iot/drover/internal/store"
)

// Software holds a store to the software packages and their versions.
func Software(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name string
		test func(*house)
	}{
		{"a package and a version come out as they went in", fullPackages},
		{"what is deleted is gone with its tags", deletedPackages},
		{"versions are those of their package", versionsOfPackage},
		{"the configuration is kept", packageConfig},
		{"tokens are kept until they are forgotten", keptTokens},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newHouse(t, fresh)) })
	}
}

func version(pkg, name string) software.Version {
	return software.Version{Package: pkg, Name: name, Status: software.Draft, CreatedAt: start, ChangedAt: start}
}

func fullPackages(h *house) {
	p := software.Package{Name: "p", Description: "d", Default: "1", CreatedAt: start, ChangedAt: start.Add(time.Second)}
	v := software.Version{
		Package: "p", Name: "1", Description: "d", Attributes: map[string]string{"a": "<&>"}, Recipe: "r", Status: software.Published,
		Artifact: software.Artifact{Bucket: "b", Key: "k", Version: "v"}, CreatedAt: start, ChangedAt: start.Add(time.Second),
	}
	h.write(func(tx store.Tx) error {
		if err := tx.PutPackage(software.Package{Name: "p", CreatedAt: start, ChangedAt: start}); err != nil {
			return err
		}
		if err := tx.PutPackageVersion(version("p", "1")); err != nil {
			return err
		}
		if err := tx.PutPackage(p); err != nil { // replaces
			return err
		}
		return tx.PutPackageVersion(v)
	})
	gotPackage, err := h.Package(context.Background(), "p")
	h.must(err)
	gotVersion, err := h.PackageVersion(context.Background(), "p", "1")
	h.must(err)
	if diff := cmp.Diff(p, gotPackage) + cmp.Diff(v, gotVersion); diff != "" {
		h.Errorf("they came out (-want +got):\n%s", diff)
	}
}

func deletedPackages(h *house) {
	ofPackage := store.Resource{Kind: store.KindPackage, ID: "p"}
	ofVersion := store.Resource{Kind: store.KindPackage, ID: store.PackageVersionID("p", "1")}
	h.write(func(tx store.Tx) error {
		for _, r := range []store.Resource{ofPackage, ofVersion} {
			if err := tx.PutTag(r, fleet.Tag{Key: "k", Value: "v"}); err != nil {
				return err
			}
		}
		if err := tx.PutPackage(software.Package{Name: "p", CreatedAt: start, ChangedAt: start}); err != nil {
			return err
		}
		return tx.PutPackageVersion(version("p", "1"))
	})
	h.write(func(tx store.Tx) error {
		if err := tx.DeletePackageVersion("p", "1"); err != nil {
			return err
		}
		if tags, err := tx.Tags(ofPackage); err != nil || len(tags) != 1 {
			h.Errorf("the package bears %v, %v", tags, err)
		}
		return tx.DeletePackage("p")
	})
	for _, r := range []store.Resource{ofPackage, ofVersion} {
		tags, _, err := h.TagsOf(context.Background(), r, store.Page{Limit: 9})
		h.must(err)
		if len(tags) > 0 {
			h.Errorf("%s bears %v", r.ID, tags)
		}
	}
	_, err := h.Package(context.Background(), "p")
	_, err2 := h.PackageVersion(context.Background(), "p", "1")
	if !fault.Is(err, fault.NotFound) || !fault.Is(err2, fault.NotFound) {
		h.Errorf("they are found: %v, %v", err, err2)
	}
}

func versionsOfPackage(h *house) {
	h.write(func(tx store.Tx) error {
		for _, v := range []software.Version{version("p", "2"), version("p", "1"), version("q", "1")} {
			if err := tx.PutPackageVersion(v); err != nil {
				return err
			}
		}
		some, err := tx.VersionsIn("p", 1)
		if len(some) != 1 || some[0].Name != "1" {
			h.Errorf("the first is %+v", some)
		}
		return err
	})
	got, next, err := h.PackageVersions(context.Background(), "p", software.Draft, store.Page{Limit: 9})
	h.must(err)
	if len(got) != 2 || got[0].Name != "1" || next != "" {
		h.Errorf("they are %+v, %q", got, next)
	}
	_, next, err = h.PackageVersions(context.Background(), "p", 0, store.Page{Limit: 1})
	h.must(err)
	if _, _, err := h.PackageVersions(context.Background(), "q", 0, store.Page{After: next, Limit: 1}); !fault.Is(err, fault.InvalidRequest) {
		h.Errorf("a cursor of another package: %v", err)
	}
}

func packageConfig(h *house) {
	want := software.Config{Report: true, RoleARN: "r"}
	for _, c := range []software.Config{{RoleARN: "old"}, want} {
		h.write(func(tx store.Tx) error { return tx.PutPackageConfig(c) })
	}
	if got, err := h.PackageConfig(context.Background()); err != nil || got != want {
		h.Errorf("it is %+v, %v", got, err)
	}
}

func keptTokens(h *house) {
	token := func(name string) (input string) {
		h.write(func(tx store.Tx) (err error) {
			input, err = tx.Token(name)
			return err
		})
		return input
	}
	h.write(func(tx store.Tx) error { return tx.PutToken("old", "1", start) })
	h.write(func(tx store.Tx) error { return tx.PutToken("new", "2", start.Add(time.Hour)) })
	h.write(func(tx store.Tx) error { return tx.ForgetTokens(start.Add(time.Minute), 5) })
	if token("old") != "" || token("new") != "2" {
		h.Errorf("they are %q and %q", token("old"), token("new"))
	}
	h.write(func(tx store.Tx) error { return tx.PutToken("newer", "3", start.Add(2*time.Hour)) })
	h.write(func(tx store.Tx) error { return tx.PutToken("newest", "4", start.Add(2*time.Hour)) })
	h.write(func(tx store.Tx) error { return tx.ForgetTokens(start, 2) })
	if token("new") != "" || token("newer") != "3" || token("newest") != "4" {
		h.Errorf("of three, two are kept: %q, %q, %q", token("new"), token("newer"), token("newest"))
	}
}
