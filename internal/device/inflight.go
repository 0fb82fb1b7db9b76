package device

import (
	"sync"

	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/fault"
)

// inFlight is how many requests for shadows each connection has under way,
// where that has a quota.
type inFlight struct {
	most int // 0: any number, and nothing is counted

	mu   sync.Mutex // guards open
	open map[broker.Requester]int
}

func newInFlight(most int) *inFlight {
	return &inFlight{most: most, open: map[broker.Requester]int{}}
}

// counts tells whether requests of from are counted: over HTTPS a connection has
// one at a time anyhow.
func (f *inFlight) counts(from broker.Requester) bool {
	return f.most > 0 && from != broker.Requester{}
}

// take counts one more request, which is to be ended. One too many is Throttled.
// spec: device-api.md#13-device-shadows
func (f *inFlight) take(from broker.Requester) (end func(), err error) {
	if !f.counts(from) {
		return func() {}, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[from] >= f.most {
		return func() {}, fault.New(fault.Throttled, "Too many requests")
	}
	f.open[from]++
	return func() { f.end(from) }, nil
}

func (f *inFlight) end(from broker.Requester) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[from]--; f.open[from] == 0 {
		delete(f.open, from)
	}
}
