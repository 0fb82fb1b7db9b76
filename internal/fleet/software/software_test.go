package software

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drover-iot/drover/internal/fault"
)

var now = time.Date(2026, 1, 30, 12, 0, 0, 0, time.UTC)

func TestTheLifeOfAVersion(t *testing.T) {
	for _, c := range []struct {
		from   Status
		action Action
		to     Status // 0: refused
	}{
		{Draft, NoAction, Draft},
		{Draft, Publish, Published},
		{Draft, Deprecate, 0},
		{Published, NoAction, Published},
		{Published, Publish, 0},
		{Published, Deprecate, Deprecated},
		{Deprecated, NoAction, Deprecated},
		{Deprecated, Publish, Published},
		{Deprecated, Deprecate, 0},
	} {
		t.Run(c.from.String()+" "+c.action.String(), func(t *testing.T) {
			next, err := Version{Package: "p", Name: "1", Status: c.from}.Update(VersionPatch{Action: c.action}, now)
			switch {
			case c.to == 0 && !fault.Is(err, fault.InvalidRequest):
				t.Errorf("it is %s, %v", next.Status, err)
			case c.to != 0 && (err != nil || next.Status != c.to || !next.ChangedAt.Equal(now)):
				t.Errorf("it is %s at %v, %v", next.Status, next.ChangedAt, err)
			}
		})
	}
}

func TestOnlyADraftIsEdited(t *testing.T) {
	description, recipe := "d", "{}"
	edits := map[string]VersionPatch{
		"attributes": {Attributes: map[string]string{"a": "b"}},
		"artifact":   {Artifact: &Artifact{Bucket: "b", Key: "k"}},
		"recipe":     {Recipe: &recipe},
	}
	for what, edit := range edits {
		for _, s := range []Status{Draft, Published, Deprecated} {
			_, err := Version{Status: s}.Update(edit, now)
			if (err == nil) != (s == Draft) {
				t.Errorf("%s of a version that is %s: %v", what, s, err)
			}
		}
	}
	for _, s := range []Status{Draft, Published, Deprecated} {
		if next, err := (Version{Status: s}).Update(VersionPatch{Description: &description}, now); err != nil || next.Description != "d" {
			t.Errorf("description of a version that is %s: %v", s, err)
		}
	}
}

func TestADraftIsEditedAndPublishedAtOnce(t *testing.T) {
	next, err := Version{Status: Draft, Attributes: map[string]string{"x": "y"}}.
		Update(VersionPatch{Attributes: map[string]string{"a": "b"}, Action: Publish}, now)
	if err != nil || next.Status != Published || !cmp.Equal(next.Attributes, map[string]string{"a": "b"}) {
		t.Errorf("it is %+v, %v", next, err)
	}
}

func TestWhatAVersionMayHave(t *testing.T) {
	for _, c := range []struct {
		name    string
		version Version
		fits    bool
	}{
		{"nothing", Version{}, true},
		{"3 KiB of attributes", Version{Attributes: map[string]string{"k": strings.Repeat("v", MaxAttributes-1)}}, true},
		{"more", Version{Attributes: map[string]string{"k": strings.Repeat("v", MaxAttributes)}}, false},
		{"an artifact", Version{Artifact: Artifact{Bucket: "b", Key: "k", Version: "v"}}, true},
		{"a bucket alone", Version{Artifact: Artifact{Bucket: "b"}}, false},
		{"a key alone", Version{Artifact: Artifact{Key: "k"}}, false},
		{"a version of nothing", Version{Artifact: Artifact{Version: "v"}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.version.Check(); (err == nil) != c.fits {
				t.Errorf("it is %v", err)
			}
		})
	}
}

// A version may have no artifact, but one that is given is never taken as none.
func TestAnArtifactThatIsGivenNamesAnObject(t *testing.T) {
	was := Version{Status: Draft, Artifact: Artifact{Bucket: "b", Key: "k"}}
	for _, c := range []struct {
		name     string
		artifact Artifact
		fits     bool
	}{
		{"an object", Artifact{Bucket: "b", Key: "other"}, true},
		{"a version of one", Artifact{Bucket: "b", Key: "k", Version: "v"}, true},
		{"nothing", Artifact{}, false},
		{"a bucket alone", Artifact{Bucket: "b"}, false},
		{"a key alone", Artifact{Key: "k"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			next, err := was.Update(VersionPatch{Artifact: &c.artifact}, now)
			switch {
			case c.fits && (err != nil || next.Artifact != c.artifact):
				t.Errorf("it is %+v, %v", next.Artifact, err)
			case !c.fits && (!fault.Is(err, fault.InvalidRequest) || next.Artifact != was.Artifact):
				t.Errorf("it is %+v, %v", next.Artifact, err)
			}
		})
	}
}

func TestTheDefaultOfAPackage(t *testing.T) {
	p := Package{Default: "1"}
	for _, c := range []struct {
		name  string
		patch Patch
		want  string
	}{
		{"nothing", Patch{}, "1"}, {"another", Patch{Default: "2"}, "2"}, {"none", Patch{Unset: true}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if next, err := p.Update(c.patch, now); err != nil || next.Default != c.want {
				t.Errorf("it is %q, %v", next.Default, err)
			}
		})
	}
	if _, err := p.Update(Patch{Default: "2", Unset: true}, now); !fault.Is(err, fault.InvalidRequest) {
		t.Errorf("both: %v", err)
	}
	for _, s := range []Status{Draft, Published, Deprecated} {
		if err := (Version{Status: s}).MayDeploy(); (err == nil) != (s != Draft) {
			t.Errorf("a version that is %s: %v", s, err)
		}
	}
}
