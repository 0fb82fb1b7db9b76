package engine

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/artifact"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
)

// Artifacts is the store of files for devices.
type Artifacts interface {
	// Document reads an object by its URL. The error is an *artifact.Refusal
	// if there is none, or if it is larger than a document may be.
	Document(ctx context.Context, url string) ([]byte, error)
	// Fill resolves what a document has of presigned URLs. The error is an
	// *artifact.Refusal if there is no such object.
	Fill(doc []byte, r artifact.Recipient) ([]byte, error)
	// Now is the time by which URLs are signed.
	Now() time.Time
}

// documented is c with its document: from its source if it has one, or that of
// its template. spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func (e *Engine) documented(ctx context.Context, c CreateJob) (CreateJob, error) {
	inline := len(c.Document) > 0 || c.Settings.Source == "" && c.Settings.Origin.Managed()
	sourced, err := e.sourced(ctx, c.Settings.Source, c.Document)
	if err != nil {
		return c, err
	}
	c.Document = sourced
	if c, err = e.based(ctx, c); err != nil {
		return c, err
	}
	if c, err = e.packaged(ctx, c); err != nil {
		return c, err
	}
	if err := checkDocument(c.Document, inline); err != nil {
		return c, err
	}
	c.Settings.URLs.Needed = job.NeedsSigning(c.Document)
	return c, e.fits(c)
}

// checkDocument refuses what cannot be a document once all is filled in that a
// job brings. It is inline if the request had it, or values for it: one from an
// object may be longer, also as that of a template or a job.
func checkDocument(filled []byte, inline bool) error {
	if inline {
		return job.CheckInline(filled)
	}
	return job.CheckDocument(filled)
}

// sourced is a document that is given, or lies at the URL source.
func (e *Engine) sourced(ctx context.Context, source string, document []byte) ([]byte, error) {
	switch {
	case source == "":
		return document, nil
	case len(document) > 0:
		return nil, fault.New(fault.InvalidRequest, "Only one of 'document' and 'documentSource' may be given")
	}
	return e.fetched(ctx, source)
}

// fetched is the document that lies at a URL.
func (e *Engine) fetched(ctx context.Context, source string) ([]byte, error) {
	if e.files == nil {
		return nil, fault.New(fault.InvalidRequest, "Value at 'documentSource' is not allowed: this server has no store of artifacts")
	}
	doc, err := e.files.Document(ctx, source)
	if r := artifact.As(err); r != nil {
		return nil, fault.Wrap(fault.InvalidRequest, err, "Value at 'documentSource' cannot be read: "+r.Error())
	}
	if err == nil && len(doc) == 0 {
		err = job.CheckDocument(doc) // one that is empty is not one that is left open
	}
	return doc, err
}

// fits refuses a document whose placeholders nobody could resolve, or that would
// be too long with them resolved: every answer with it has to fit a packet.
func (e *Engine) fits(c CreateJob) error {
	if !c.Settings.URLs.Needed {
		return nil
	}
	if e.files == nil {
		return fault.New(fault.InvalidRequest, "Value at 'document' is not allowed: this server has no store of artifacts to sign URLs of")
	}
	// No name is written longer in a URL than one of colons.
	longest := artifact.Recipient{Thing: strings.Repeat(":", 128), Job: c.Name, Number: math.MaxInt32, Signed: e.files.Now(), Life: job.DefaultExpiry * time.Second}
	doc, err := e.files.Fill(c.Document, longest)
	if r := artifact.As(err); r != nil {
		return fault.Wrap(fault.InvalidRequest, err, "Value at 'document' has a placeholder that cannot be resolved: "+r.Message)
	}
	if err == nil && len(doc) > job.MaxDocumentBytes {
		return fault.New(fault.InvalidRequest, "Value at 'document' has %d bytes with its placeholders resolved, at most %d are allowed", len(doc), job.MaxDocumentBytes)
	}
	return err
}

// Filled is the document of an execution as its device gets it.
// spec: device-api.md#81-placeholders
func (e *Engine) Filled(doc []byte, thing string, d Described) ([]byte, error) {
	if e.files == nil {
		return nil, fault.New(fault.Internal, "no store of artifacts signs the URLs of job %s", d.Job)
	}
	signed, life := d.Signing.Signed(d.Execution.QueuedAt, e.files.Now())
	return e.files.Fill(doc, artifact.Recipient{Thing: thing, Job: d.Job, Number: d.Execution.Number, Signed: signed, Life: life})
}
