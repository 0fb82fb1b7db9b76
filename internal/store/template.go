package store

import (
	"context"

	"github.com/drover-iot/drover/internal/job"
)

// Templates is the job templates within a transaction.
type Templates interface {
	Template(name string) (job.Template, error)
	// InsertTemplate stores a template with its document; the name must be free
	// (AlreadyExists).
	InsertTemplate(job.Template) error
	// DeleteTemplate deletes a template, its document and its tags.
	DeleteTemplate(name string) error
	// CountTemplates is how many templates there are.
	CountTemplates() (int, error)
}

// TemplateReader answers job templates from what is committed.
type TemplateReader interface {
	Template(ctx context.Context, name string) (job.Template, error)
	// Templates lists templates by name, without their documents.
	Templates(ctx context.Context, p Page) ([]job.Template, Cursor, error)
}
