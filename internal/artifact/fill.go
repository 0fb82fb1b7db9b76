package artifact

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/drover-iot/drover/internal/job"
)

// Recipient is the execution whose device gets a document, and when the URLs in
// it were signed for how long.
type Recipient struct {
	Thing, Job string
	Number     int64
	Signed     time.Time
	Life       time.Duration
}

// Fill resolves the placeholders of a valid document that stand for presigned
// URLs. The same recipient gets the same bytes. The error is a *Refusal if a
// placeholder names no object.
// spec: device-api.md#81-placeholders
func (s *Signer) Fill(doc []byte, r Recipient) ([]byte, error) {
	nth := 0
	return job.Fill(doc, func(p job.Placeholder) (job.Value, error) {
		if !p.Presigned() {
			return job.Value{}, nil
		}
		nth++
		method, l, err := s.meant(p, r, nth)
		if err != nil {
			return job.Value{}, err
		}
		signed, err := s.Presign(method, l, r.Signed, r.Life)
		return job.Text(signed), err
	})
}

// Placeholder stands for the URL by which a device gets the object. It may be of
// any host: what counts is bucket and key.
func (l Location) Placeholder() job.Placeholder {
	return job.Placeholder{Kind: job.PresignedGetV2, Rest: url.QueryEscape(l.below("https://s3.amazonaws.com"))}
}

// meant is what the n-th placeholder of a document stands for.
func (s *Signer) meant(p job.Placeholder, r Recipient, n int) (method string, l Location, err error) {
	text := p.Rest
	if p.Kind == job.PresignedGetV2 {
		if text, err = url.PathUnescape(text); err != nil {
			return "", l, Refuse(InvalidURI, "'%s' is not percent-encoded", clip(p.Rest))
		}
	}
	if p.Kind == job.PresignedPut {
		l, err = s.upload(text, r, n)
		return http.MethodPut, l, err
	}
	l, err = locate(text, s.at.URL)
	switch {
	case err != nil:
	case l.Key == "":
		err = Refuse(InvalidURI, "'%s' has no key", clip(text))
	case l.Version != "" && p.Kind != job.PresignedGetV2:
		err = Refuse(InvalidURI, "'%s' has a versionId, which only ${aws:iot:%s:...} may have", clip(text), job.PresignedGetV2)
	}
	return http.MethodGet, l, err
}

// What the key of an upload may hold.
var variables = [...]string{"${thingName}", "${jobId}", "${executionNumber}"}

// upload is where a device leaves an object: the variables in the key are those
// of its execution. If there is no key, one is made of them.
func (s *Signer) upload(text string, r Recipient, n int) (Location, error) {
	for _, name := range variables {
		if strings.Count(text, name) > 2 {
			return Location{}, Refuse(InvalidURI, "'%s' has %s more than twice", clip(text), name)
		}
		// A bucket has no such character, so a variable in it is refused.
		text = strings.ReplaceAll(text, name, "%24%7B"+name[2:len(name)-1]+"%7D")
	}
	l, err := locate(text, s.at.URL)
	switch {
	case err != nil:
		return l, err
	case l.Version != "":
		return l, Refuse(InvalidURI, "'%s' has a versionId, and is to be written", clip(text))
	case l.Key == "":
		l.Key = strings.Join([]string{r.Job, r.Thing, strconv.FormatInt(r.Number, 10), strconv.Itoa(n)}, "/")
		return l, nil
	}
	l.Key = strings.NewReplacer(variables[0], r.Thing, variables[1], r.Job, variables[2], strconv.FormatInt(r.Number, 10)).Replace(l.Key)
	return l, CheckKey(l.Key)
}
