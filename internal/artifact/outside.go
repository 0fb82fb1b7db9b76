package artifact

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/drover-iot/drover/internal/clock"
)

// Outside reads from a store that is not the node's own.
type Outside struct {
	signer *Signer
	client *http.Client
	turns  chan struct{}
}

// What reading a document may take.
const (
	mostReads  = 8 // at once
	readWithin = 10 * time.Second
)

// NewOutside makes a reader by the signer's key.
func NewOutside(s *Signer) *Outside {
	return &Outside{
		signer: s, turns: make(chan struct{}, mostReads),
		client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// Read is an object of at most so many bytes. The error is a *Refusal, unless
// ctx ended.
func (o *Outside) Read(ctx context.Context, l Location, most int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	select {
	case o.turns <- struct{}{}:
		defer func() { <-o.turns }()
	case <-ctx.Done():
		return nil, Refuse(SlowDown, "Too many documents are read at once.")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, o.signer.URL(l), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("X-Amz-Content-Sha256", emptyHash)
	if err := o.signer.signer.SignHTTP(ctx, o.signer.credentials, r, emptyHash, service, o.signer.at.Region, clock.Wall()); err != nil {
		return nil, err
	}
	resp, err := o.client.Do(r)
	if err != nil {
		return nil, Refuse(Unavailable, "%s cannot be reached.", o.signer.at.URL)
	}
	defer resp.Body.Close()
	return bodyOf(resp, most)
}

// bodyOf is the body of a 200, or what another answer says.
func bodyOf(resp *http.Response, most int64) ([]byte, error) {
	if resp.StatusCode != http.StatusOK {
		return nil, refusalOf(resp)
	}
	if resp.ContentLength > most {
		return nil, tooLarge(most)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	switch {
	case err != nil:
		return nil, Refuse(Unavailable, "The answer of the store broke off.")
	case int64(len(body)) > most:
		return nil, tooLarge(most)
	}
	return body, nil
}

func tooLarge(most int64) error {
	return Refuse(EntityTooLarge, "The object has more than %d bytes.", most)
}

// refusalOf is what an answer of S3 that is no success says.
func refusalOf(resp *http.Response) error {
	said := struct{ Code, Message string }{}
	if xml.NewDecoder(io.LimitReader(resp.Body, 8<<10)).Decode(&said) != nil || said.Code == "" {
		return Refuse(Unavailable, "The store answered %s.", fmt.Sprint(resp.StatusCode))
	}
	return Refuse(Code(clip(said.Code)), "%s", clip(said.Message))
}
