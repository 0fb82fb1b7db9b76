package quota

import "time"

// Bucket holds callers to a rate: it has room for as many calls at once as the
// rate allows in a second, and one becomes free each fraction of a second. The
// zero Bucket is full.
type Bucket struct {
	full time.Time // when it is full again
}

// Take takes one call at now. At a rate of 0 every call is allowed.
func (b Bucket) Take(perSecond int, now time.Time) (left Bucket, ok bool) {
	if perSecond <= 0 {
		return b, true
	}
	full := b.full
	if full.Before(now) {
		full = now
	}
	full = full.Add(time.Second / time.Duration(perSecond))
	if full.Sub(now) > time.Second {
		return b, false
	}
	return Bucket{full: full}, true
}
