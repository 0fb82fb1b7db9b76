package sqlstore

import (
	"context"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Template implements store.Templates.
func (t *tx) Template(name string) (job.Template, error) { return templateNamed(t, name) }

// Template implements store.TemplateReader.
func (s *Store) Template(ctx context.Context, name string) (job.Template, error) {
	return templateNamed(s.reads(ctx), name)
}

func templateNamed(q querier, name string) (job.Template, error) {
	t, ok, err := one(q, scanTemplate, "template", name)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "Job template %s does not exist", name)
	}
	return t, err
}

// scanTemplate reads name, settings, created_at, body.
func scanTemplate(r row) (t job.Template, err error) {
	err = r.Scan(&t.Name, structure{&t.Settings}, instant{&t.CreatedAt}, &t.Document)
	return t, err
}

// scanListedTemplate reads name, settings, created_at.
func scanListedTemplate(r row) (t job.Template, err error) {
	err = r.Scan(&t.Name, structure{&t.Settings}, instant{&t.CreatedAt})
	return t, err
}

// InsertTemplate implements store.Templates.
func (t *tx) InsertTemplate(m job.Template) error {
	inserted, err := t.exec("insert_template", m.Name, written(m.Settings), m.CreatedAt.UnixMilli(), append([]byte{}, m.Document...))
	if err == nil && inserted == 0 {
		err = fault.New(fault.AlreadyExists, "Job template %s exists already", m.Name)
	}
	return err
}

// CountTemplates implements store.Templates.
func (t *tx) CountTemplates() (int, error) { return t.count("count_templates") }

// DeleteTemplate implements store.Templates.
func (t *tx) DeleteTemplate(name string) error {
	if err := t.change("Job template", "delete_template", name); err != nil {
		return err
	}
	_, err := t.exec("delete_tags", store.KindTemplate, name)
	return err
}

// Templates implements store.TemplateReader.
func (s *Store) Templates(ctx context.Context, p store.Page) ([]job.Template, store.Cursor, error) {
	l := list[job.Template, string]{
		name: "templates",
		key:  func(t job.Template) string { return t.Name },
		read: func(after string, n int) ([]job.Template, error) {
			return all(s.reads(ctx), scanListedTemplate, "templates", after, n)
		},
	}
	return l.page(p)
}
