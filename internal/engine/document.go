package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/drover-iot/drover/internal/store"
)

// Document is a job document in both spellings that devices get.
type Document struct {
	Text    []byte // as the operator gave it
	Compact []byte // the same JSON value without white space
}

// documents caches job documents by job: they never change.
type documents struct {
	reader store.Reader
	mu     sync.Mutex // guards byJob and size
	byJob  map[int64]Document
	size   int // bytes held
}

// maxDocuments bounds the cache in bytes.
const maxDocuments = 64 << 20

func newDocuments(r store.Reader) *documents {
	return &documents{reader: r, byJob: map[int64]Document{}}
}

func (d *documents) of(ctx context.Context, jobID int64) (Document, error) {
	d.mu.Lock()
	doc, ok := d.byJob[jobID]
	d.mu.Unlock()
	if ok {
		return doc, nil
	}
	text, err := d.reader.Document(ctx, jobID)
	if err != nil {
		return doc, fmt.Errorf("read job document: %w", err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return doc, fmt.Errorf("compact job document: %w", err)
	}
	doc = Document{Text: text, Compact: compact.Bytes()}
	d.keep(jobID, doc)
	return doc, nil
}

func (d *documents) keep(jobID int64, doc Document) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, there := d.byJob[jobID]; there {
		return
	}
	for id, old := range d.byJob { // any will do: the live few come back at once
		if d.size < maxDocuments {
			break
		}
		delete(d.byJob, id)
		d.size -= old.bytes()
	}
	d.byJob[jobID] = doc
	d.size += doc.bytes()
}

func (d Document) bytes() int { return len(d.Text) + len(d.Compact) }
