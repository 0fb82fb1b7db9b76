package sqlstore

import (
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/mqtt"
)

func TestOnlySoMuchIsRemembered(t *testing.T) {
	const large = 64 << 10
	text := strings.Repeat("x", large)
	for name, m := range map[string]mqtt.Message{
		"of payloads":         {Payload: []byte(text)},
		"of topics":           {Topic: text},
		"of user properties":  {Props: &mqtt.Properties{User: []mqtt.UserProperty{{Name: "n", Value: text}}}},
		"of many properties":  {Props: &mqtt.Properties{User: make([]mqtt.UserProperty, large/64)}},
		"of correlation data": {Props: &mqtt.Properties{Correlation: []byte(text)}},
		"of response topics":  {Props: &mqtt.Properties{ResponseTopic: text}},
		"of a content type":   {Props: &mqtt.Properties{ContentType: text}},
	} {
		t.Run(name, func(t *testing.T) {
			var r recent
			for id := range int64(1000) {
				r.keep(id, m)
			}
			if n := len(r.messages); n == 0 || n > recentBytes/large || n != len(r.order) {
				t.Errorf("%d messages are remembered, in an order of %d", n, len(r.order))
			}
			if _, ok := r.all([]position{{seq: 1, message: 999}}); !ok {
				t.Error("the last message is forgotten")
			}
			if _, ok := r.all([]position{{seq: 1, message: 999}, {seq: 2, message: 1}}); ok {
				t.Error("the first message is remembered")
			}
			r.forget()
			if r.newer(0) || r.bytes != 0 {
				t.Error("something is remembered that was to be forgotten")
			}
		})
	}
}
