package device

import "testing"

// FuzzShadowTopics: a topic that asks for something is the one that is made of
// its parts; no topic asks for a shadow and of Jobs.
func FuzzShadowTopics(f *testing.F) {
	for _, seed := range []string{
		"$aws/things/T/shadow/get", "$aws/things/T/shadow/name/N/update", "$aws/things/T/shadow/name//delete", "$aws/things//shadow/get",
		"$aws/things/T/shadow/name/get", "$aws/things/T/jobs/get", "$aws/things/shadow/get", "x", "$aws/things/T/shadow/get/accepted",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, topic string) {
		s, ok := parseShadow(topic)
		if !ok {
			return
		}
		if _, too := parse(topic); too {
			t.Fatalf("%q is of Jobs as well", topic)
		}
		path := things + s.thing + shadowLevel
		if s.named {
			path += nameLevel + s.name + "/"
		}
		if path+s.verb != topic {
			t.Fatalf("%q is taken for %s of %q", topic, s.verb, path)
		}
	})
}
