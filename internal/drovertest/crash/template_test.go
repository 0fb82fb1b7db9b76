package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/drover-iot/drover/internal/awsapi/iot"
)

// drafter makes job templates and deletes them.
type drafter struct {
	t      *witness
	rand   *rand.Rand
	drafts [3]fact[string] // descriptions; "": there is no such template
	n      int
}

func (*drafter) name() string { return "drafter" }

func draftID(i int) string { return fmt.Sprint("draft-", i) }

func (d *drafter) work(l *life) error {
	for {
		i := d.rand.IntN(len(d.drafts))
		if err := d.change(l, i); err != nil {
			return err
		}
		d.drafts[i].done()
		l.acknowledged("template")
		l.pause(5)
	}
}

// change makes a template that is not there, or deletes it.
func (d *drafter) change(l *life, i int) error {
	d.n++
	if draft := &d.drafts[i]; draft.is != "" {
		draft.ask("")
		return l.call(iot.DeleteJobTemplate, iot.DeleteJobTemplateRequest{JobTemplateID: draftID(i)}, nil)
	}
	in := iot.CreateJobTemplateRequest{JobTemplateID: draftID(i), Description: fmt.Sprint("draft ", d.n), Document: "{}"}
	d.drafts[i].ask(in.Description)
	return l.call(iot.CreateJobTemplate, in, nil)
}

func (d *drafter) audit(n *node, _ bool) error {
	for i := range d.drafts {
		var shown iot.DescribeJobTemplateAnswer
		err := n.call(iot.DescribeJobTemplate, iot.DescribeJobTemplateRequest{JobTemplateID: draftID(i)}, &shown)
		if r, ok := errors.AsType[*refusal](err); err != nil && !(ok && r.status == http.StatusNotFound) {
			return err
		}
		d.drafts[i].found(d.t, "job template "+draftID(i), shown.Description)
	}
	return nil
}
