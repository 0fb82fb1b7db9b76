package crowd

import (
	"fmt"
	"slices"

	"github.com/drover-iot/drover/internal/mqtt"
)

// kind is one way to behave badly.
type kind struct {
	word string
	do   func(*visit) error
}

// kinds are all there are, or those that are only slow.
func kinds(slow bool) []kind {
	if slow {
		return slowKinds()
	}
	return slices.Concat(slowKinds(), rudeKinds())
}

// slowKinds take their time or do not take what they asked for.
func slowKinds() []kind {
	return []kind{
		{"never reads", neverRead},
		{"never acknowledges", neverAcknowledge},
		{"half a packet", halfPacket},
		{"half a CONNECT", halfConnect},
		{"a byte a second of CONNECT", slowConnect},
		{"a byte a second", slowPacket},
		{"thousands of filters", manyFilters},
	}
}

// rudeKinds make a node work, and more of it than who behaves.
func rudeKinds() []kind {
	return []kind{
		{"the same client id", sameID},
		{"a huge will", hugeWill},
		{"retained messages", retain},
		{"large requests, no answer read", largeRequests},
	}
}

// Sizes near the limits of the protocol or of a node.
const (
	largePayload = 100_000
	largeWill    = 60_000
	manyWishes   = 2_000
	someWishes   = 8
)

func neverRead(v *visit) error {
	if err := v.hello(mqtt.Connect{Clean: true}); err != nil {
		return err
	}
	if err := v.send(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: v.crowd.cfg.Busy}}}); err != nil {
		return err
	}
	v.sleep(30)
	return nil
}

func neverAcknowledge(v *visit) error {
	if err := v.hello(mqtt.Connect{}); err != nil {
		return err
	}
	if err := v.send(&mqtt.Subscribe{ID: 1, Filters: []mqtt.Wish{{Filter: v.crowd.cfg.Busy, QoS: 1}}}); err != nil {
		return err
	}
	return v.discard()
}

func halfPacket(v *visit) error {
	if err := v.hello(mqtt.Connect{Clean: true}); err != nil {
		return err
	}
	raw, err := encode(large("half"))
	if err != nil {
		return err
	}
	if err := v.write(raw[:len(raw)/2]); err != nil {
		return err
	}
	return v.discard()
}

func large(topic string) *mqtt.Publish {
	return &mqtt.Publish{Message: mqtt.Message{Topic: topic, Payload: make([]byte, largePayload)}}
}

func halfConnect(v *visit) error {
	raw, err := encode(v.connect(mqtt.Connect{Clean: true}))
	if err != nil {
		return err
	}
	if err := v.write(raw[:len(raw)/2]); err != nil {
		return err
	}
	return v.discard()
}

func slowConnect(v *visit) error {
	raw, err := encode(v.connect(mqtt.Connect{Clean: true}))
	if err != nil {
		return err
	}
	return v.trickle(raw)
}

func slowPacket(v *visit) error {
	if err := v.hello(mqtt.Connect{Clean: true}); err != nil {
		return err
	}
	raw, err := encode(large("slow"))
	if err != nil {
		return err
	}
	return v.trickle(raw)
}

func manyFilters(v *visit) error {
	if err := v.hello(mqtt.Connect{Clean: true}); err != nil {
		return err
	}
	v.discardBeside()
	return v.every(func(i int) error {
		if i%10 == 9 {
			return v.write(v.crowd.wishes)
		}
		s := &mqtt.Subscribe{ID: uint16(1 + i)}
		for j := range someWishes {
			s.Filters = append(s.Filters, mqtt.Wish{Filter: v.name("filter", i*someWishes+j)})
		}
		return v.send(s)
	})
}

// tooManyWishes is a SUBSCRIBE for thousands of filters.
func tooManyWishes() []byte {
	s := &mqtt.Subscribe{ID: 1}
	for j := range manyWishes {
		s.Filters = append(s.Filters, mqtt.Wish{Filter: fmt.Sprintf("filter/of/many/%d", j)})
	}
	raw, err := encode(s)
	if err != nil {
		panic(err) // it is always the same
	}
	return raw
}

// sameID shares its client id with one other.
func sameID(v *visit) error {
	v.number = -1 - v.number/(2*len(v.crowd.kinds))
	if err := v.hello(mqtt.Connect{Clean: true}); err != nil {
		return err
	}
	return v.discard()
}

func hugeWill(v *visit) error {
	w := &mqtt.Will{Message: mqtt.Message{Topic: "will", Payload: make([]byte, largeWill)}}
	if err := v.hello(mqtt.Connect{Clean: true, Will: w}); err != nil {
		return err
	}
	v.sleep(2)
	return nil // without a word: it is sent
}

func retain(v *visit) error {
	if err := v.hello(mqtt.Connect{Clean: true}); err != nil {
		return err
	}
	v.discardBeside()
	return v.every(func(i int) error {
		return v.send(&mqtt.Publish{ID: uint16(1 + i), Message: mqtt.Message{
			Topic: v.name("retained", i%8), Payload: make([]byte, largePayload/16), QoS: 1, Retain: true,
		}})
	})
}

func largeRequests(v *visit) error {
	if err := v.hello(mqtt.Connect{Clean: true}); err != nil {
		return err
	}
	return v.every(func(int) error { return v.send(large("$aws/things/nobody/jobs/get")) })
}
