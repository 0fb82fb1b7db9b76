package device

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/engine"
)

// documents caches job documents, ready to be sent, by job: they never change.
type documents struct {
	engine *engine.Engine
	mu     sync.Mutex // guards byJob and size
	byJob  map[int64]*jobsdata.Document
	size   int // bytes of text held
}

// maxDocuments bounds the text that is kept, in bytes.
const maxDocuments = 32 << 20

func newDocuments(e *engine.Engine) *documents {
	return &documents{engine: e, byJob: map[int64]*jobsdata.Document{}}
}

// has tells whether a document is at hand.
func (d *documents) has(jobID int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.byJob[jobID] != nil
}

// of reads a document, unless it is at hand.
func (d *documents) of(ctx context.Context, jobID int64) (*jobsdata.Document, error) {
	d.mu.Lock()
	doc := d.byJob[jobID]
	d.mu.Unlock()
	if doc != nil {
		return doc, nil
	}
	text, err := d.engine.Document(ctx, jobID)
	if err != nil {
		return nil, fmt.Errorf("read job document: %w", err)
	}
	doc, err = jobsdata.NewDocument(string(text))
	if err != nil {
		return nil, err
	}
	d.keep(jobID, doc)
	return doc, nil
}

// errUnresolved is why a document could not be made for its device.
var errUnresolved = errors.New("resolve the placeholders")

// document is the document of an execution as its device gets it.
func (d *Door) document(ctx context.Context, thing string, x engine.Described) (*jobsdata.Document, error) {
	doc, err := d.documents.of(ctx, x.JobID)
	if err != nil || !x.Signing.Needed {
		return doc, err
	}
	filled, err := d.engine.Filled([]byte(doc.Text()), thing, x)
	if err != nil {
		return nil, fmt.Errorf("%w of job %s: %w", errUnresolved, x.Job, err)
	}
	return jobsdata.NewDocument(string(filled))
}

func (d *documents) keep(jobID int64, doc *jobsdata.Document) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byJob[jobID] != nil {
		return
	}
	for id, old := range d.byJob { // any will do: the live few come back at once
		if d.size < maxDocuments {
			break
		}
		delete(d.byJob, id)
		d.size -= len(old.Text())
	}
	d.byJob[jobID] = doc
	d.size += len(doc.Text())
}
