// Package managed is the job templates that come with the server: documents of
// frequent remote actions, in the step form that the AWS IoT Device Client
// executes, with parameters that are filled in when a job is made. They are
// data: one file of the folder templates each.
//
// Begin with [Builtin]. A Set never changes. The package knows nothing of jobs;
// what is filled in is checked as a document by whoever makes the job.
package managed

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/drover-iot/drover/internal/fault"
)

// Template is a managed job template.
// spec: api-operations.md#describemanagedjobtemplate
type Template struct {
	Name         string          `json:"templateName"`
	Version      string          `json:"templateVersion"` // "1.0"
	Description  string          `json:"description"`
	Environments []string        `json:"environments"`
	Parameters   []Parameter     `json:"documentParameters"`
	Document     json.RawMessage `json:"document"` // compact, with placeholders
}

// ID is the name and the version, as an ARN has them.
func (t Template) ID() string { return t.Name + ":" + t.Version }

// Set is managed templates, by name and version.
type Set []Template

//go:embed templates/*.json
var files embed.FS

// Builtin is the templates that this server has. It panics if a file is not
// good, which a test would have said.
func Builtin() Set {
	entries, err := files.ReadDir("templates")
	if err != nil {
		panic(err)
	}
	var s Set
	for _, e := range entries {
		text, err := files.ReadFile("templates/" + e.Name())
		if err != nil {
			panic(err)
		}
		t, err := read(text)
		if err != nil {
			panic(fmt.Sprintf("managed template %s: %v", e.Name(), err))
		}
		s = append(s, t)
	}
	slices.SortFunc(s, func(a, b Template) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return s
}

// Find is the template of a name and a version; "" is the newest version.
//
// Errors: NotFound.
func (s Set) Find(name, version string) (Template, error) {
	for _, t := range slices.Backward(s) {
		if t.Name == name && (version == "" || t.Version == version) {
			return t, nil
		}
	}
	if version != "" {
		name += ":" + version
	}
	return Template{}, fault.New(fault.NotFound, "Managed job template %s does not exist", name)
}

// Named is the templates of a name, all if it is "".
func (s Set) Named(name string) Set {
	return slices.DeleteFunc(slices.Clone(s), func(t Template) bool { return name != "" && t.Name != name })
}
