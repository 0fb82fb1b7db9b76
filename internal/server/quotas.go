package server

import (
	"sync"
	"time"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/jobsdata"
	"github.com/drover-iot/drover/internal/broker"
	"github.com/drover-iot/drover/internal/clock"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet/query"
	"github.com/drover-iot/drover/internal/quota"
)

// quotas are AWS's, if the node was told to have them. Calls are counted in
// real time, whatever the fleet's clock does: they are about how clients
// behave.
type quotas struct {
	numbers quota.Numbers
	rates   map[quota.Call]quota.Rate
	now     func() time.Time

	mu      sync.Mutex              // guards buckets
	buckets map[string]quota.Bucket // by the name of the rate
}

// quotasOf are the quotas of a node; nil: it has none.
func quotasOf(cfg Config) *quotas {
	if !cfg.AWSLimits {
		return nil
	}
	return &quotas{numbers: quota.OfAWS(), rates: quota.Rates(), now: clock.Wall, buckets: map[string]quota.Bucket{}}
}

// spend takes one call of an operation, or refuses it as Throttled.
// spec: job-lifecycle.md#11-limits-and-quotas
func (q *quotas) spend(service awsapi.Service, operation string) (err error) {
	if q == nil {
		return nil
	}
	r, ok := q.rates[quota.Call{Service: service.String(), Operation: operation}]
	if !ok {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.buckets[r.Name], ok = q.buckets[r.Name].Take(r.PerSecond, q.now()); !ok {
		err = fault.New(fault.Throttled, "Too many requests")
	}
	return err
}

// overHTTP is spend for all services.
func (q *quotas) overHTTP(op awsapi.Operation) error { return q.spend(op.Service, op.Name) }

// overMQTT is spend for devices.
func (q *quotas) overMQTT(operation string) error { return q.spend(awsapi.JobsData, operation) }

// limitDevices is the limits of what devices may send.
func (q *quotas) limitDevices() awsapi.Limits {
	if q == nil {
		return nil
	}
	return awsapi.Limits{jobsdata.DetailPairs: int64(q.numbers.DetailPairs)}
}

// shadows is how many requests for shadows a connection may have in flight.
func (q *quotas) shadows() int {
	if q == nil {
		return 0
	}
	return q.numbers.ShadowsInFlight
}

// limitEngine adds how many there may be of what the engine keeps, and how much a
// query may ask.
func (q *quotas) limitEngine(c engine.Config) engine.Config {
	if q != nil {
		c.Quotas = q.numbers
		c.Searches, c.Groups = query.Limits{Terms: query.SearchTerms}, query.Limits{Terms: query.GroupTerms}
	}
	return c
}

// clock is what calls are counted by; nil: nothing is.
func (q *quotas) clock() func() time.Time {
	if q == nil {
		return nil
	}
	return q.now
}

// limitBroker adds what connections may do to the limits of the broker.
func (q *quotas) limitBroker(l broker.Limits) broker.Limits {
	if q != nil {
		l.Connects, l.Publishes = q.numbers.ConnectsPerSecond, q.numbers.PublishesPerSecond
	}
	return l
}
