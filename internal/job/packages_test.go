package job

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fault"
)

func brings(list ...Destination) (brought []Contents) {
	for _, d := range list {
		brought = append(brought, Contents{
			Destination: d, Attributes: map[string]string{"url": "http://f/" + d.Version, "q": `a"b&`}, Artifact: "${aws:iot:s3-presigned-url-v2:u}",
		})
	}
	return brought
}

func TestADocumentSaysWhatIsOfAPackage(t *testing.T) {
	agent, core := Destination{Package: "agent", Version: "1.0"}, Destination{Package: "core.x", Version: "2", Default: true}
	gone := Destination{Package: "gone"}
	for _, c := range []struct {
		name, doc string
		brought   []Contents
		want      string // "": refused
	}{
		{"no placeholder", `{"a":"b"}`, nil, `{"a":"b"}`},
		{"an attribute", `{"u":"<${aws:iot:package:agent:version:1.0:attributes:url}>"}`, brings(agent, core), `{"u":"<http://f/1.0>"}`},
		{"an attribute with a quote", `["${aws:iot:package:agent:version:1.0:attributes:q}"]`, brings(agent), `["a\"b&"]`},
		{"of the default version", `["${aws:iot:package:core.x:version:$default:attributes:url}"]`, brings(agent, core), `["http://f/2"]`},
		{"of the only one", `["${aws:iot:package::version::attributes:url}"]`, brings(agent), `["http://f/1.0"]`},
		{"of the only one of two", `["${aws:iot:package::version::attributes:url}"]`, brings(agent, core), ""},
		{"all attributes", `{"x": "${aws:iot:package::version::attributes}", "y":1}`, brings(agent), `{"x": {"q":"a\"b&","url":"http://f/1.0"}, "y":1}`},
		{"all attributes within text", `["x${aws:iot:package::version::attributes}"]`, brings(agent), ""},
		{"no attributes", `["${aws:iot:package::version::attributes}"]`, []Contents{{Destination: agent}}, `[{}]`},
		{
			"an artifact", `["${aws:iot:package:agent:version:1.0:artifact-location:s3-presigned-url}"]`, brings(agent),
			`["${aws:iot:s3-presigned-url-v2:u}"]`,
		},
		{"the short form of it", `["${aws:iot:package::version::artifact:s3-presigned-url}"]`, brings(agent), `["${aws:iot:s3-presigned-url-v2:u}"]`},
		{"no artifact", `["${aws:iot:package::version::artifact:s3-presigned-url}"]`, []Contents{{Destination: agent}}, ""},
		{"another version", `["${aws:iot:package:agent:version:1.1:attributes:url}"]`, brings(agent), ""},
		{"another package", `["${aws:iot:package:other:version:1.0:attributes:url}"]`, brings(agent), ""},
		{"a package that is taken away", `["${aws:iot:package:gone:version:$null:attributes:url}"]`, brings(gone), ""},
		{"the only one, which is taken away", `["${aws:iot:package::version::attributes:url}"]`, brings(gone), ""},
		{"an attribute that is not there", `["${aws:iot:package::version::attributes:none}"]`, brings(agent), ""},
		{"a name alone", `["${aws:iot:package:agent:version::attributes:url}"]`, brings(agent), ""},
		{"nothing that is asked for", `["${aws:iot:package:agent:version:1.0}"]`, brings(agent), ""},
		{"something unknown", `["${aws:iot:package:agent:version:1.0:size}"]`, brings(agent), ""},
		{"no job has any", `["${aws:iot:package:agent:version:1.0:attributes:url}"]`, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := FillPackages([]byte(c.doc), c.brought)
			switch {
			case c.want == "" && !fault.Is(err, fault.InvalidRequest):
				t.Errorf("it is %s, %v", got, err)
			case c.want != "" && (err != nil || string(got) != c.want):
				t.Errorf("it is %s, %v; want %s", got, err, c.want)
			}
			if is := strings.Contains(c.doc, "package"); HasPackages([]byte(c.doc)) != is {
				t.Errorf("it has some: %v", !is)
			}
		})
	}
}

func TestAFilledDocumentIsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		doc, _ := json.Marshal(map[string]string{
			"a": "x${aws:iot:package::version::attributes:k}y", "b": "${aws:iot:package::version::attributes}", "c": rapid.String().Draw(t, "other"),
		})
		got, err := FillPackages(doc, []Contents{{Destination: Destination{Package: "p", Version: "1"}, Attributes: map[string]string{"k": value}}})
		if err != nil {
			return // the other text has a placeholder of its own
		}
		var read struct {
			A string
			B map[string]string
		}
		want := strings.ToValidUTF8(value, "\uFFFD")
		if err := json.Unmarshal(got, &read); err != nil || read.B["k"] != want || read.A != "x"+want+"y" {
			t.Fatalf("%s: %+v, %v", got, read, err)
		}
	})
}

func TestDestinationsOfOneJob(t *testing.T) {
	many := make([]Destination, MaxDestinations+1)
	for i := range many {
		many[i].Package = strings.Repeat("p", i+1)
	}
	for _, c := range []struct {
		name string
		list []Destination
		fits bool
	}{
		{"none", nil, true},
		{"as many as there may be", many[1:], true},
		{"one more", many, false},
		{"a package twice", []Destination{{Package: "p", Version: "1"}, {Package: "p"}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := CheckDestinations(c.list); (err == nil) != c.fits {
				t.Errorf("it is %v", err)
			}
		})
	}
}
