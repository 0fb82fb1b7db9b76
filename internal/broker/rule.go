package broker

import (
	"strings"

	"github.com/drover-iot/drover/internal/mqtt"
)

// Verdict is what happens to a message that a client publishes.
type Verdict byte

// The verdicts. The zero value is what no rule allows.
const (
	// Violation: the client may not publish there.
	Violation Verdict = iota
	// Request: it goes to Requests and to nobody else.
	Request
	// Swallow: it is acknowledged and dropped.
	Swallow
	// Route: it is an ordinary message.
	Route
)

// Rule says what happens to messages on the topics of a pattern. In a pattern,
// [mqtt.Hole] stands for any one level, also an empty one, which whoever is
// asked refuses by name; with a slash at its end it means all that is below.
type Rule struct {
	Pattern string
	Verdict Verdict
}

func (r Rule) covers(topic string) bool {
	pattern := r.Pattern
	for {
		want, patternRest, patternMore := strings.Cut(pattern, "/")
		have, topicRest, topicMore := strings.Cut(topic, "/")
		if want != have && want != mqtt.Hole {
			return false
		}
		if patternMore && patternRest == "" {
			return topicMore
		}
		if !patternMore || !topicMore {
			return patternMore == topicMore
		}
		pattern, topic = patternRest, topicRest
	}
}

// Verdict is what a client's message to topic comes to, for doors that publish
// on behalf of clients.
func (b *Broker) Verdict(topic string) Verdict {
	if !mqtt.Reserved(topic) {
		return Route
	}
	for _, r := range b.cfg.Reserved {
		if r.covers(topic) {
			return r.Verdict
		}
	}
	return Violation
}
