package broker

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/mqtt"
)

// TestTheIndexFindsWhatAScanFinds subscribes and unsubscribes at random; each
// topic then reaches the sessions, at the QoS, that going through all
// subscriptions gives.
func TestTheIndexFindsWhatAScanFinds(t *testing.T) {
	forms, err := mqtt.NewForms([]string{"$aws/things/{}/jobs/notify", "$aws/things/{}/jobs/#"})
	if err != nil {
		t.Fatal(err)
	}
	filters := rapid.OneOf(
		rapid.SampledFrom([]string{"$aws/things/T/jobs/notify", "$aws/things/U/jobs/notify", "$aws/things/T/jobs/#", "$aws/#", "$aws/+/T/#"}),
		rapid.Custom(func(t *rapid.T) string {
			levels := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "+", ""}), 1, 4).Draw(t, "levels")
			return strings.Join(levels, "/") + rapid.SampledFrom([]string{"", "/#"}).Draw(t, "tail")
		}),
	)
	topics := rapid.OneOf(
		rapid.SampledFrom([]string{"$aws/things/T/jobs/notify", "$aws/things/T/jobs/x/y", "$aws/x"}),
		rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", ""}), 1, 4).Draw(t, "levels"), "/")
		}),
	)
	rapid.Check(t, func(t *rapid.T) {
		x := newIndex(forms)
		sessions := make([]*session, 20)
		model := make([]map[string]byte, len(sessions))
		for i := range sessions {
			sessions[i], model[i] = newSession("", mqtt.V5, 0), map[string]byte{}
		}
		which := rapid.IntRange(0, len(sessions)-1)
		t.Repeat(map[string]func(*rapid.T){
			"subscribe": func(t *rapid.T) {
				i, f := which.Draw(t, "session"), filters.Draw(t, "filter")
				model[i][f] = byte(rapid.IntRange(0, 1).Draw(t, "qos"))
				x.add(sessions[i], mqtt.Filter{Text: f, QoS: model[i][f]})
			},
			"unsubscribe": func(t *rapid.T) {
				i, f := which.Draw(t, "session"), filters.Draw(t, "filter")
				delete(model[i], f)
				x.remove(sessions[i], f)
			},
			"drop": func(t *rapid.T) {
				i := which.Draw(t, "session")
				clear(model[i])
				x.drop(sessions[i])
			},
			"match": func(t *rapid.T) {
				topic := topics.Draw(t, "topic")
				got := map[*session]byte{}
				for _, r := range x.match(topic, nil) {
					got[r.session] = r.qos
				}
				for i, s := range sessions {
					qos, subscribed := got[s]
					want, is := scan(model[i], topic)
					if subscribed != is || qos != want {
						t.Fatalf("%q reaches session %d: %v at %d, a scan says %v at %d", topic, i, subscribed, qos, is, want)
					}
				}
			},
		})
		for _, s := range sessions {
			x.drop(s)
		}
		if !x.root.bare() || len(x.holes) > 0 || x.plain.Load() != 0 || x.levels.Load() != 0 {
			t.Fatal("an index without subscriptions keeps something")
		}
	})
}

func scan(subscriptions map[string]byte, topic string) (qos byte, is bool) {
	for filter, granted := range subscriptions {
		if mqtt.Matches(filter, topic) {
			qos, is = max(qos, granted), true
		}
	}
	return qos, is
}
