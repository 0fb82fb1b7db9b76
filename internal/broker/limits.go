package broker

import (
	"cmp"
	"math"
	"time"

	"github.com/drover-iot/drover/internal/mqtt"
)

// Limits bound what a client may do. A zero field means its default.
// spec: device-api.md#9-broker
type Limits struct {
	ConnectTimeout time.Duration // from accept to CONNECT; 5 s
	WriteTimeout   time.Duration // for a peer to read anything of what waits; 10 s
	Outbound       int           // bytes that may wait for a peer to read; 1 MiB

	MinKeepAlive     time.Duration // what less is raised to; 30 s
	MaxKeepAlive     time.Duration // what more, and 0, is lowered to; 1200 s
	SessionExpiry    time.Duration // of a 3.1.1 session; 1 h
	MaxSessionExpiry time.Duration // 7 days
	MaxMessageExpiry time.Duration // 604800 s

	Packet          int              // bytes of a packet; 149504
	Payload         int              // bytes of a payload; 131072
	MinClientPacket int              // least Maximum Packet Size of an MQTT 5 client; 512
	ClientID        int              // bytes of a client id; 128
	Topic           mqtt.TopicLimits // mqtt.TopicBytes, mqtt.TopicSlashes

	Wishes       int // filters in one SUBSCRIBE; 8
	Filters      int // subscriptions of a session; 50
	InFlight     int // unacknowledged QoS 1 messages each way, and steps of a connection; 100
	RequestBytes int // packet bytes of a connection's steps; 256 KiB
	Aliases      int // topic aliases of a publisher; 8
	Queue        int // messages that wait in memory for a connected client; 1000
	Connections  int // at once; as many as there come
	Sessions     int // connected or kept; 1,000,000
	AllFilters   int // subscriptions of all sessions together that are of no form; 500,000
	AllLevels    int // of these, in a tree that has what they begin with in common once; 2,000,000
	Connects     int // CONNECTs in a second, of all clients together; any number
	Publishes    int // PUBLISHes in a second, of a connection; any number
	Held         int // bytes that all connections together may make the node hold; 256 MiB
}

func (l Limits) withDefaults() Limits {
	const day = 24 * time.Hour
	return Limits{
		ConnectTimeout:   cmp.Or(l.ConnectTimeout, 5*time.Second),
		WriteTimeout:     cmp.Or(l.WriteTimeout, 10*time.Second),
		Outbound:         cmp.Or(l.Outbound, 1<<20),
		MinKeepAlive:     cmp.Or(l.MinKeepAlive, 30*time.Second),
		MaxKeepAlive:     cmp.Or(l.MaxKeepAlive, 1200*time.Second),
		SessionExpiry:    cmp.Or(l.SessionExpiry, time.Hour),
		MaxSessionExpiry: cmp.Or(l.MaxSessionExpiry, 7*day),
		MaxMessageExpiry: cmp.Or(l.MaxMessageExpiry, 7*day),
		Packet:           cmp.Or(l.Packet, 149504),
		Payload:          cmp.Or(l.Payload, 131072),
		MinClientPacket:  cmp.Or(l.MinClientPacket, 512),
		ClientID:         cmp.Or(l.ClientID, 128),
		Topic:            mqtt.TopicLimits{Bytes: cmp.Or(l.Topic.Bytes, mqtt.TopicBytes), Slashes: cmp.Or(l.Topic.Slashes, mqtt.TopicSlashes)},
		Wishes:           cmp.Or(l.Wishes, 8),
		Filters:          cmp.Or(l.Filters, 50),
		InFlight:         cmp.Or(l.InFlight, 100),
		RequestBytes:     cmp.Or(l.RequestBytes, 256<<10),
		Aliases:          cmp.Or(l.Aliases, 8),
		Queue:            cmp.Or(l.Queue, 1000),
		Connections:      cmp.Or(l.Connections, math.MaxInt),
		Sessions:         cmp.Or(l.Sessions, 1_000_000),
		AllFilters:       cmp.Or(l.AllFilters, 500_000),
		AllLevels:        cmp.Or(l.AllLevels, 2_000_000),
		Connects:         l.Connects,
		Publishes:        l.Publishes,
		Held:             cmp.Or(l.Held, 256<<20),
	}
}

// keepAlive is the value in force for what a client asked, and how long it may
// be silent.
// spec: device-api.md#94-keep-alive
func (l Limits) keepAlive(version byte, asked time.Duration) (used, grace time.Duration) {
	used = min(max(asked, l.MinKeepAlive), l.MaxKeepAlive)
	if asked == 0 {
		used = l.MaxKeepAlive
	}
	grace = used * 3 / 2
	if version == mqtt.V311 && (asked == 0 || asked > l.MaxKeepAlive) {
		grace = max(grace, asked*3/2) // it cannot be told that its value is not used
	}
	return used, grace
}

// sessionExpiry is how long the session of p outlives its connection.
// spec: device-api.md#95-sessions
func (l Limits) sessionExpiry(p *mqtt.Connect) time.Duration {
	switch {
	case p.Version == mqtt.V5:
		return min(time.Duration(p.SessionExpiry)*time.Second, l.MaxSessionExpiry)
	case p.Clean:
		return 0
	default:
		return l.SessionExpiry
	}
}
