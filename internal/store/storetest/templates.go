package storetest

import (
	"context"
	"testing"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/job"
	"github.com/drover-iot/drover/internal/store"
)

// Templates holds a store to job templates.
func Templates(t *testing.T, fresh Fresh) {
	for _, c := range []struct {
		name string
		test func(*house)
	}{
		{"a template is found as it was inserted, also after a restart", foundTemplate},
		{"a template's name is taken once", takenTemplate},
		{"templates are counted", countedTemplates},
		{"a deleted template's name is free, and its tags are gone", deletedTemplate},
		{"templates are listed by name, without their documents", listedTemplates},
		{"a template that is not there is named", absentTemplate},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newHouse(t, fresh)) })
	}
}

var fullTemplate = job.Template{
	Name: "reboot_-7", CreatedAt: at(7), Document: []byte(`{"op":"<é>","n":1.10}`),
	Settings: job.Settings{
		Description: "Ö<&>\"", Rollout: job.RolloutConfig{MaximumPerMinute: 7},
		Schedule: job.Schedule{Windows: []job.Window{{StartTime: "cron(0 2 * * ? *)", Minutes: 60}}},
	},
}

// template inserts a template.
func (h *house) template(t job.Template) {
	h.Helper()
	h.write(func(tx store.Tx) error { return tx.InsertTemplate(t) })
}

func countedTemplates(h *house) {
	for want, name := range []string{"a", "b", "c"} {
		h.write(func(tx store.Tx) error {
			n, err := tx.CountTemplates()
			h.same(n, want)
			return err
		})
		h.template(job.Template{Name: name, CreatedAt: at(1), Document: []byte("0")})
	}
}

func foundTemplate(h *house) {
	bare := job.Template{Name: "bare", CreatedAt: at(8), Document: []byte("0")}
	for _, t := range []job.Template{fullTemplate, bare} {
		h.template(t)
	}
	h.must(h.Store.Close())
	h.reopen()
	for _, t := range []job.Template{fullTemplate, bare} {
		read, err := h.Template(context.Background(), t.Name)
		h.must(err)
		h.same(read, t)
		h.write(func(tx store.Tx) error {
			inside, err := tx.Template(t.Name)
			h.same(inside, t)
			return err
		})
	}
}

func takenTemplate(h *house) {
	h.template(fullTemplate)
	h.refused(h.Write(context.Background(), func(tx store.Tx) error {
		return tx.InsertTemplate(job.Template{Name: fullTemplate.Name, CreatedAt: at(9)})
	}), fault.AlreadyExists)
	read, err := h.Template(context.Background(), fullTemplate.Name)
	h.must(err)
	h.same(read, fullTemplate)
}

func deletedTemplate(h *house) {
	h.template(fullTemplate)
	r := store.Resource{Kind: store.KindTemplate, ID: fullTemplate.Name}
	h.write(func(tx store.Tx) error { return tx.PutTag(r, fleet.Tag{Key: "k", Value: "v"}) })
	h.write(func(tx store.Tx) error { return tx.DeleteTemplate(fullTemplate.Name) })
	_, err := h.Template(context.Background(), fullTemplate.Name)
	h.refused(err, fault.NotFound)
	h.template(fullTemplate)
	h.write(func(tx store.Tx) error {
		list, err := tx.Tags(r)
		h.same(list, []fleet.Tag(nil))
		return err
	})
}

func listedTemplates(h *house) {
	var want []string
	for _, name := range []string{"Z", "_", "a", "a-1", "b"} {
		want = append(want, name)
		t := fullTemplate
		t.Name = name
		h.template(t)
	}
	h.same(namesOf(h, func(t job.Template) string { return t.Name }, func(p store.Page) ([]job.Template, store.Cursor, error) {
		return h.Templates(context.Background(), p)
	}), want)
	page, _, err := h.Templates(context.Background(), store.Page{Limit: 1})
	h.must(err)
	listed := fullTemplate
	listed.Name, listed.Document = "Z", nil
	h.same(page, []job.Template{listed})
}

func absentTemplate(h *house) {
	_, err := h.Template(context.Background(), "x")
	h.refused(err, fault.NotFound)
	h.refused(h.Write(context.Background(), func(tx store.Tx) error { return tx.DeleteTemplate("x") }), fault.NotFound)
	h.write(func(tx store.Tx) error {
		_, err := tx.Template("x")
		h.refused(err, fault.NotFound)
		return nil
	})
}
