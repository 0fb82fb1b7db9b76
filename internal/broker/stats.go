package broker

import "sync/atomic"

// Cause is why a connection ended, in the words of the lifecycle events.
// spec: device-api.md#113-presence-and-subscription-events-always-on
type Cause byte

// The causes.
const (
	noCause Cause = iota
	// ClientInitiated: DISCONNECT, or a WebSocket Close frame.
	ClientInitiated
	// ClientError: a violation.
	ClientError
	// ConnectionLost: the socket ended without a word.
	ConnectionLost
	// Duplicate: the same client id connected again.
	Duplicate
	// KeepAliveTimeout: silent for too long.
	KeepAliveTimeout
	// ServerInitiated: shutdown.
	ServerInitiated
	// ServerError: the store failed, or a fault of ours.
	ServerError
	// SlowReader: it did not read what was sent to it.
	SlowReader
	// Throttled: the node held too much, and most of it for this one.
	Throttled
	// NoConnect: no CONNECT in time, or refused.
	NoConnect
)

func (c Cause) String() string {
	return [...]string{
		"NONE", "CLIENT_INITIATED_DISCONNECT", "CLIENT_ERROR", "CONNECTION_LOST", "DUPLICATE_CLIENTID",
		"MQTT_KEEP_ALIVE_TIMEOUT", "SERVER_INITIATED_DISCONNECT", "SERVER_ERROR", "SLOW_READER", "THROTTLED", "NO_CONNECT",
	}[c]
}

// Stats are counts since the start, and how many there are now.
type Stats struct {
	Connections int64 // now
	Sessions    int64 // now, connected or not
	HeldBytes   int64 // now, of what clients make the node hold; see Limits.Held
	Accepted    int64 // connections
	PacketsIn   int64
	PacketsOut  int64
	BytesIn     int64 // of MQTT, without TCP, TLS and WebSocket
	BytesOut    int64
	Panics      int64 // packets over which the codec panicked; only the first is logged
	Faults      int64 // packets and steps over which we or a door panicked; their connections were ended

	Ended []Ended // connections, by every reason there is
	// The rest is by words of fixed sets, each of which is there.
	Dropped map[string]int64 // messages that a client missed: its queue in memory was full, they expired or were too large
	Refused map[string]int64 // what was refused of a connection that went on, by what is wrong with it
	Paused  map[string]int64 // how often a connection was not read for a while, by the bound that was reached
}

// Ended is how many connections have ended for a reason.
type Ended struct {
	Why Why
	N   int64
}

// counters are what Stats reads.
type counters struct {
	connections, accepted atomic.Int64
	packetsIn, packetsOut atomic.Int64
	bytesIn, bytesOut     atomic.Int64
	panics, faults        atomic.Int64
	ended                 [whys]atomic.Int64

	queueFull, expired, tooLarge                               atomic.Int64 // messages dropped
	topicRefused, filterRefused, sizeRefused, overdraw         atomic.Int64 // refused
	allFilters, paceRefused                                    atomic.Int64
	inFlightPaused, bytesPaused, pressedPaused, outboundPaused atomic.Int64 // reading
}

// Stats reads the counters.
func (b *Broker) Stats() Stats {
	b.mu.Lock()
	sessions := len(b.sessions)
	b.mu.Unlock()
	c := &b.stats
	return Stats{
		Connections: c.connections.Load(), Sessions: int64(sessions), HeldBytes: b.held.total.Load(), Accepted: c.accepted.Load(),
		PacketsIn: c.packetsIn.Load(), PacketsOut: c.packetsOut.Load(),
		BytesIn: c.bytesIn.Load(), BytesOut: c.bytesOut.Load(),
		Panics: c.panics.Load(), Faults: c.faults.Load(),
		Ended: c.endings(),
		Dropped: map[string]int64{
			"queue_full": c.queueFull.Load(), "expired": c.expired.Load(), "too_large": c.tooLarge.Load(),
		},
		Refused: map[string]int64{
			"topic": c.topicRefused.Load(), "filter": c.filterRefused.Load(),
			"filters_in_subscribe": c.sizeRefused.Load(), "filters_of_session": c.overdraw.Load(), "filters_of_node": c.allFilters.Load(),
			"publish_rate": c.paceRefused.Load(),
		},
		Paused: map[string]int64{
			"in_flight": c.inFlightPaused.Load(), "request_bytes": c.bytesPaused.Load(),
			"node_bytes": c.pressedPaused.Load(), "outbound": c.outboundPaused.Load(),
		},
	}
}

func (c *counters) endings() []Ended {
	var list []Ended
	for w := notEnded + 1; w < whys; w++ {
		list = append(list, Ended{w, c.ended[w].Load()})
	}
	return list
}
