package artifact

import (
	"context"
	"time"
)

// Documents are job documents in a store, and what is signed of it in them.
type Documents struct {
	*Signer
	// From reads a whole object, of at most so many bytes.
	From interface {
		Read(ctx context.Context, l Location, most int64) ([]byte, error)
	}
	Most  int64 // bytes of a document
	Clock func() time.Time
}

// Document reads an object by its URL. The error is a *Refusal if there is no
// such document.
func (d *Documents) Document(ctx context.Context, url string) ([]byte, error) {
	l, err := locate(url, d.Base())
	if err != nil {
		return nil, err
	}
	if l.Key == "" {
		return nil, Refuse(InvalidURI, "'%s' has no key", clip(url))
	}
	return d.From.Read(ctx, l, d.Most)
}

// Now is the time by which URLs are signed.
func (d *Documents) Now() time.Time { return d.Clock() }
