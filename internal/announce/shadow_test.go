package announce

import (
	"encoding/json"
	"testing"

	"github.com/drover-iot/drover/internal/fleet"
	"github.com/drover-iot/drover/internal/fleet/shadow"
	"github.com/drover-iot/drover/internal/store"
)

// spec: device-api.md#13-device-shadows
func TestAShadowThatTheServerChangedIsSaidAsOneThatADeviceChanged(t *testing.T) {
	section := func(version string) shadow.Section {
		return shadow.Section{
			State: map[string]any{"agent": map[string]any{"version": version}},
			Times: map[string]any{"agent": map[string]any{"version": at.Unix()}},
		}
	}
	before := shadow.Shadow{Version: 1, Desired: section("2.0"), UpdatedAt: made}
	after := shadow.Shadow{Version: 2, Desired: section("2.0"), Reported: section("1.0"), UpdatedAt: at}
	const desired = `"state":{"desired":{"agent":{"version":"2.0"}}`
	const desiredTimes = `"metadata":{"desired":{"agent":{"version":{"timestamp":1770001000}}}`
	for _, c := range []struct {
		happened store.Happening
		before   shadow.Shadow
		payload  string
	}{
		{store.HasDelta, shadow.Shadow{}, `{"state":{"agent":{"version":"2.0"}},"metadata":{"agent":{"version":{"timestamp":1770001000}}},"version":2,"timestamp":1770001000}`},
		{
			store.HasDocuments, before, `{"previous":{` + desired + `},` + desiredTimes + `},"version":1},"current":{` + desired + `,"reported":{"agent":{"version":"1.0"}}},` +
				desiredTimes + `,"reported":{"agent":{"version":{"timestamp":1770001000}}}},"version":2},"timestamp":1770001000}`,
		},
	} {
		t.Run(string(c.happened), func(t *testing.T) {
			k := &kept{}
			told := store.Event{
				Kind: store.EventShadow, Happened: c.happened, Thing: &fleet.Thing{Name: "press-07"},
				Shadow: &store.ShadowEvent{Name: "$package", Before: c.before, After: after},
			}
			text, err := json.Marshal(told)
			if err != nil {
				t.Fatal(err)
			}
			var read store.Event // as the store keeps it
			if err := json.Unmarshal(text, &read); err != nil {
				t.Fatal(err)
			}
			read.Kind, read.Seq, read.At = told.Kind, 7, at
			if err := New(k, scope).Announce(t.Context(), []store.Event{read}); err != nil {
				t.Fatal(err)
			}
			m := k.list[0]
			if want := "$aws/things/press-07/shadow/name/$package/update/" + string(c.happened); m.Topic != want || m.QoS != 1 || m.Seq != 7 {
				t.Errorf("said on %s at QoS %d, number %d; want %s", m.Topic, m.QoS, m.Seq, want)
			}
			if string(m.Payload) != c.payload {
				t.Errorf("said\n\t%s\nwant\n\t%s", m.Payload, c.payload)
			}
		})
	}
}
