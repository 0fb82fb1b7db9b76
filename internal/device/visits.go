package device

import (
	"sync"
	"time"
)

// visits counts the connections of each client, from 0 on, for as long as it is
// remembered: an hour at least after it was last seen, unless too many others
// have come. spec: device-api.md#113-presence-and-subscription-events-always-on
type visits struct {
	mu         sync.Mutex // guards what follows
	young, old map[string]int64
	turned     time.Time // when young began
}

const (
	visitsKept = time.Hour
	mostVisits = 64 << 10 // clients in each map
)

func newVisits() *visits { return &visits{young: map[string]int64{}} }

// next is the number of a client's connection that begins now.
func (v *visits) next(client string, now time.Time) int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.turn(now)
	number, known := v.young[client]
	if !known {
		number, known = v.old[client]
	}
	if known {
		number++
	}
	v.young[client] = number
	return number
}

// ended keeps the number of a connection that ends now.
func (v *visits) ended(client string, number int64, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.turn(now)
	v.young[client] = number
}

// turn forgets the old ones when the young ones are old, or too many. It is
// called under v.mu.
func (v *visits) turn(now time.Time) {
	if now.Sub(v.turned) < visitsKept && len(v.young) < mostVisits {
		return
	}
	v.old = v.young
	if now.Sub(v.turned) >= 2*visitsKept { // nobody came in the last hour
		v.old = nil
	}
	v.young, v.turned = map[string]int64{}, now
}
