package broker

import "sync/atomic"

// Cause is why a connection ended, in the words of the lifecycle events.
// spec: device-api.md#113-presence-and-subscription-events-always-on
type Cause byte

// The causes.
const (
	notEnded Cause = iota
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
	// NoConnect: no CONNECT in time, or refused.
	NoConnect
	causes
)

func (c Cause) String() string {
	return [...]string{
		"NONE", "CLIENT_INITIATED_DISCONNECT", "CLIENT_ERROR", "CONNECTION_LOST", "DUPLICATE_CLIENTID",
		"MQTT_KEEP_ALIVE_TIMEOUT", "SERVER_INITIATED_DISCONNECT", "SERVER_ERROR", "SLOW_READER", "NO_CONNECT",
	}[c]
}

// Stats are counts since the start, and how many there are now.
type Stats struct {
	Connections  int64 // now
	Sessions     int64 // now, connected or not
	Accepted     int64 // connections
	PacketsIn    int64
	PacketsOut   int64
	BytesIn      int64 // of MQTT, without TCP, TLS and WebSocket
	BytesOut     int64
	Dropped      int64           // messages that a client missed: its queue was full, or they expired or were too large
	Panics       int64           // packets over which the codec panicked; only the first is logged
	Faults       int64           // packets and steps over which we or a door panicked; their connections were ended
	Disconnected map[Cause]int64 // ended connections by cause
}

type counters struct {
	connections, accepted atomic.Int64
	packetsIn, packetsOut atomic.Int64
	bytesIn, bytesOut     atomic.Int64
	dropped               atomic.Int64
	panics, faults        atomic.Int64
	ended                 [causes]atomic.Int64
}

// Stats reads the counters.
func (b *Broker) Stats() Stats {
	b.mu.Lock()
	sessions := len(b.sessions)
	b.mu.Unlock()
	s := Stats{
		Connections: b.stats.connections.Load(), Sessions: int64(sessions), Accepted: b.stats.accepted.Load(),
		PacketsIn: b.stats.packetsIn.Load(), PacketsOut: b.stats.packetsOut.Load(),
		BytesIn: b.stats.bytesIn.Load(), BytesOut: b.stats.bytesOut.Load(),
		Dropped: b.stats.dropped.Load(), Panics: b.stats.panics.Load(), Faults: b.stats.faults.Load(), Disconnected: map[Cause]int64{},
	}
	for cause := range b.stats.ended {
		if n := b.stats.ended[cause].Load(); n > 0 {
			s.Disconnected[Cause(cause)] = n
		}
	}
	return s
}
