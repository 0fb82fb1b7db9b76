package job

import (
	"slices"
	"time"

	"github.com/drover-iot/drover/internal/fault"
)

// Presigned is presignedUrlConfig. spec: api-shapes.md#presignedurlconfig
type Presigned struct {
	RoleARN   string `json:"roleArn,omitempty"`
	ExpiresIn int    `json:"expiresIn,omitempty"` // seconds that a URL lives; 0 is DefaultExpiry
}

// URLs is what a job knows of the presigned URLs in its document.
type URLs struct {
	// Needed says that the document has placeholders of such URLs.
	Needed bool `json:"needed,omitempty"`
	// Before is how long URLs lived until when, from the oldest on: a URL
	// that a device was given is not changed by UpdateJob.
	Before []Life `json:"before,omitempty"`
}

// Life is how long URLs lived that were made up to Until.
type Life struct {
	Seconds int       `json:"seconds"`
	Until   time.Time `json:"until"` // zero: the present one
}

// DefaultExpiry is how many seconds a URL lives if nobody says.
// spec: job-lifecycle.md#11-limits-and-quotas
const DefaultExpiry = 3600

// mostLives bounds Before. An execution that was queued earlier than all of them
// may see its URL change once too often.
const mostLives = 16

// Signing is what the URLs in a job's document are signed by.
type Signing struct {
	URLs
	Presigned
}

// Signing is what the URLs in the document are signed by.
func (s Settings) Signing() Signing { return Signing{s.URLs, s.Presigned} }

// Signed is when the URLs were signed that an execution, queued at a time, is
// given now, and how long they live. They are the same while half of their life
// is left: a device that is told its document twice must see no other. What
// UpdateJob changed counts for URLs that are made from then on.
// spec: device-api.md#81-placeholders
func (s Signing) Signed(queued, now time.Time) (at time.Time, life time.Duration) {
	lives := append(slices.Clip(s.Before), Life{Seconds: s.seconds()})
	from := queued
	for i := inForce(lives, queued); ; {
		life = time.Duration(lives[i].Seconds) * time.Second
		until := lives[i].Until
		if until.IsZero() || !now.After(until) {
			return madeAt(from, now, life/2), life
		}
		last := madeAt(from, until, life/2)
		end := last.Add(life / 2)
		if now.Before(end) {
			return last, life
		}
		from, i = end, max(i+1, inForce(lives, end))
	}
}

// inForce is which of the lives a URL has that is made at a time.
func inForce(lives []Life, at time.Time) int {
	return slices.IndexFunc(lives, func(l Life) bool { return l.Until.IsZero() || !at.After(l.Until) })
}

// madeAt is when the URL was made that is given at now, if the first was made
// at from and each is given for so long.
func madeAt(from, now time.Time, each time.Duration) time.Time {
	into := now.Sub(from) % each
	if into < 0 {
		into += each
	}
	return now.Add(-into)
}

func (p Presigned) seconds() int {
	if p.ExpiresIn == 0 {
		return DefaultExpiry
	}
	return p.ExpiresIn
}

// since remembers how long URLs lived until now, if that has changed.
func (u URLs) since(old, chosen Presigned, now time.Time) URLs {
	if u.Needed && chosen.seconds() != old.seconds() {
		u.Before = append(slices.Clip(u.Before), Life{old.seconds(), now})
		u.Before = u.Before[max(len(u.Before)-mostLives, 0):]
	}
	return u
}

// checkPresigned: a document with URLs to sign needs a role.
// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func (s Settings) checkPresigned() error {
	if s.URLs.Needed && s.Presigned.RoleARN == "" {
		return fault.New(fault.InvalidRequest, "Value null at 'presignedUrlConfig.roleArn' is not allowed: the document has placeholders of presigned URLs")
	}
	return nil
}
