package engine

import (
	"cmp"
	"context"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/job/managed"
	"github.com/drover-iot/drover/internal/store"
)

// CreateTemplate is what an operator asks for. What it leaves open is that of
// the job, if it names one.
type CreateTemplate struct {
	Name     string
	Job      string // jobId, or empty
	Settings job.Settings
	Document []byte
	Tags     []fleet.Tag
}

// CreateTemplate stores a job template.
// spec: api-operations.md#createjobtemplate
//
// Errors: InvalidRequest, NotFound (the job, a package, a version), AlreadyExists, LimitExceeded.
func (e *Engine) CreateTemplate(ctx context.Context, c CreateTemplate) (job.Template, error) {
	made, err := e.templateOf(ctx, c)
	if err != nil {
		return made, err
	}
	_, filled, err := e.brought(ctx, made.Settings.Packages, made.Document)
	if err != nil {
		return made, err
	}
	if err := checkDocument(filled, len(c.Document) > 0); err != nil {
		return made, err
	}
	err = e.write(ctx, func(o *operation) error {
		made, err = job.NewTemplate(made, o.now)
		if err != nil {
			return err
		}
		if err := oneMore("job templates", o.quotas.Templates, o.tx.CountTemplates); err != nil {
			return err
		}
		if err := o.tx.InsertTemplate(made); err != nil {
			return err
		}
		return o.tag(templateResource(made), c.Tags)
	})
	return made, err
}

// templateOf is the template that is asked for, filled from its job.
func (e *Engine) templateOf(ctx context.Context, c CreateTemplate) (job.Template, error) {
	t := job.Template{Name: c.Name, Settings: c.Settings}
	var err error
	if t.Document, err = e.sourced(ctx, c.Settings.Source, c.Document); err != nil {
		return t, err
	}
	if c.Job == "" {
		return t, needsDocument(t.Document, "a job template needs one of its own, 'documentSource' or 'jobArn'")
	}
	j, err := e.store.Job(ctx, c.Job)
	if err != nil {
		return t, err
	}
	given, err := e.givenDocument(ctx, j)
	if err != nil {
		return t, err
	}
	from := j.Template(given)
	t.Settings = t.Settings.OrElse(from.Settings)
	if len(t.Document) == 0 {
		t.Document = from.Document
	}
	return t, nil
}

func needsDocument(document []byte, why string) error {
	if len(document) > 0 {
		return nil
	}
	return fault.New(fault.InvalidRequest, "Value null at 'document' is not allowed: %s", why)
}

// Template is a job template by name.
func (e *Engine) Template(ctx context.Context, name string) (job.Template, error) {
	return e.store.Template(ctx, name)
}

// Templates lists job templates by name, without their documents.
func (e *Engine) Templates(ctx context.Context, p store.Page) ([]job.Template, store.Cursor, error) {
	return e.store.Templates(ctx, p)
}

// DeleteTemplate deletes a job template; jobs that were made from it stay.
//
// Errors: NotFound.
func (e *Engine) DeleteTemplate(ctx context.Context, name string) error {
	return e.write(ctx, func(o *operation) error { return o.tx.DeleteTemplate(name) })
}

// ManagedTemplate is a template that comes with the server; version "" is the
// newest.
func (e *Engine) ManagedTemplate(name, version string) (managed.Template, error) {
	return e.managed.Find(name, version)
}

// ManagedTemplates lists the templates that come with the server, by name and
// version; name restricts them to one.
func (e *Engine) ManagedTemplates(name string, p store.Page) (page []managed.Template, next store.Cursor) {
	for _, t := range e.managed.Named(name) {
		switch {
		case t.ID() <= string(p.After):
		case len(page) == p.Limit:
			return page, store.Cursor(page[len(page)-1].ID())
		default:
			page = append(page, t)
		}
	}
	return page, ""
}

// based fills what an operator leaves open of a job from the template that it
// names. spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func (e *Engine) based(ctx context.Context, c CreateJob) (CreateJob, error) {
	from := c.Settings.Origin
	if err := from.Check(len(c.Document) > 0); err != nil {
		return c, err
	}
	switch {
	case from.Template == "":
		return c, needsDocument(c.Document, "a job needs one of its own, 'documentSource' or 'jobTemplateArn'")
	case from.Managed():
		return e.basedOnManaged(c)
	}
	t, err := e.store.Template(ctx, from.Template)
	if err != nil {
		return c, err
	}
	c.Settings = c.Settings.OrElse(t.Settings)
	if len(c.Document) == 0 {
		c.Document = t.Document
	}
	return c, nil
}

func (e *Engine) basedOnManaged(c CreateJob) (CreateJob, error) {
	from := c.Settings.Origin
	t, err := e.managed.Find(from.Template, from.Version)
	if err != nil {
		return c, err
	}
	c.Settings.Description = cmp.Or(c.Settings.Description, t.Description)
	if len(c.Document) == 0 {
		c.Document, err = t.Fill(from.Parameters)
	}
	return c, err
}
