package awsapi

import (
	"strings"
	"testing"
)

var home = Scope{Partition: "aws", Account: "000000000000", Region: "us-east-1"}

func TestARNs(t *testing.T) {
	for _, c := range []struct {
		name, text string
		kind, id   string
		ours       bool
	}{
		{"a job", "arn:aws:iot:us-east-1:000000000000:job/fw-3", ResourceJob, "fw-3", true},
		{"a thing with colons", "arn:aws:iot:us-east-1:000000000000:thing/a:b:c", ResourceThing, "a:b:c", true},
		{"a group", "arn:aws:iot:us-east-1:000000000000:thinggroup/line-a", ResourceThingGroup, "line-a", true},
		{"a type", "arn:aws:iot:us-east-1:000000000000:thingtype/press", ResourceThingType, "press", true},
		{"slashes in an id", "arn:aws:iot:us-east-1:000000000000:package/p/version/1", "package", "p/version/1", true},
		{"another account", "arn:aws:iot:us-east-1:111111111111:thing/a", ResourceThing, "a", false},
		{"another region", "arn:aws:iot:eu-west-1:000000000000:thing/a", ResourceThing, "a", false},
		{"another partition", "arn:aws-cn:iot:us-east-1:000000000000:thing/a", ResourceThing, "a", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, ok := ParseARN(c.text)
			if !ok || a.Kind != c.kind || a.ID != c.id || home.Holds(a) != c.ours || a.String() != c.text {
				t.Errorf("got %+v, %v, ours %v", a, ok, home.Holds(a))
			}
		})
	}
}

func TestWhatIsNoARN(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"nothing", ""},
		{"a name", "press-07"},
		{"another service", "arn:aws:s3:us-east-1:000000000000:thing/a"},
		{"no id", "arn:aws:iot:us-east-1:000000000000:thing/"},
		{"no kind", "arn:aws:iot:us-east-1:000000000000:/a"},
		{"no slash", "arn:aws:iot:us-east-1:000000000000:thing"},
		{"no account", "arn:aws:iot:us-east-1:thing/a"},
		{"another scheme", "urn:aws:iot:us-east-1:000000000000:thing/a"},
		{"a partition that is none", "arn:x:iot:us-east-1:000000000000:thing/a"},
		{"too long", "arn:aws:iot:us-east-1:000000000000:thing/" + strings.Repeat("a", 2048)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a, ok := ParseARN(c.text); ok {
				t.Errorf("got %+v", a)
			}
		})
	}
}

func FuzzARN(f *testing.F) {
	f.Add("arn:aws:iot:us-east-1:000000000000:thing/a:b/c")
	f.Add("arn:aws:iot:::/x")
	f.Fuzz(func(t *testing.T, text string) {
		if a, ok := ParseARN(text); ok && a.String() != text {
			t.Fatalf("%q became %q", text, a)
		}
	})
}
