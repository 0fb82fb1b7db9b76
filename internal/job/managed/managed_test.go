package managed

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/job"
)

func TestTheTemplatesThatComeWithTheServer(t *testing.T) {
	var ids []string
	for _, m := range Builtin() {
		ids = append(ids, m.ID())
	}
	want := []string{
		"AWS-Download-File:1.0", "AWS-Install-Application:1.0", "AWS-Reboot:1.0", "AWS-Remove-Application:1.0",
		"AWS-Restart-Application:1.0", "AWS-Run-Command:1.0", "AWS-Start-Application:1.0", "AWS-Stop-Application:1.0",
	}
	if !slices.Equal(ids, want) {
		t.Errorf("they are %q, want %q", ids, want)
	}
}

// Every parameter has a place, every place a parameter, and an example is an
// example.
func TestATemplateFitsItsParameters(t *testing.T) {
	for _, m := range Builtin() {
		t.Run(m.Name, func(t *testing.T) {
			if !json.Valid(m.Document) || m.Description == "" || !slices.Equal(m.Environments, []string{"LINUX"}) {
				t.Errorf("it is %+v", m)
			}
			examples := map[string]string{}
			for _, p := range m.Parameters {
				if strings.Count(string(m.Document), job.Placeholder{Kind: job.OfParameter, Rest: p.Key}.String()) != 1 || p.Description == "" || !p.fits(p.Example) {
					t.Errorf("parameter %+v does not fit", p)
				}
				examples[p.Key] = p.Example
			}
			if n := strings.Count(string(m.Document), "${"); n != len(m.Parameters) {
				t.Errorf("%d places for %d parameters", n, len(m.Parameters))
			}
			doc, err := m.Fill(examples)
			if err != nil || !json.Valid(doc) || strings.Contains(string(doc), "${") {
				t.Errorf("with its examples it is %s, %v", doc, err)
			}
		})
	}
}

func find(t testing.TB, name string) Template {
	t.Helper()
	m, err := Builtin().Find(name, "")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The step form that the AWS IoT Device Client executes.
func TestDocumentsThatAreFilled(t *testing.T) {
	for _, c := range []struct {
		name, template string
		values         map[string]string
		want           string
	}{
		{
			"optional ones that are not given are empty", "AWS-Reboot", nil,
			`{"version":"1.0","steps":[{"action":{"name":"Reboot","type":"runHandler","input":{"handler":"reboot.sh","path":""},"runAsUser":""}}]}`,
		},
		{
			"all are given", "AWS-Download-File",
			map[string]string{"downloadUrl": "https://files.example.net/1?a=1&b=2", "filePath": "/opt/f", "runAsUser": "root", "pathToHandler": "/h"},
			`{"version":"1.0","steps":[{"action":{"name":"Download-File","type":"runHandler","input":{"handler":"download-file.sh",` +
				`"args":["https://files.example.net/1?a=1&b=2","/opt/f"],"path":"/h"},"runAsUser":"root"}}]}`,
		},
		{
			"a value is text, whatever it looks like", "AWS-Run-Command",
			map[string]string{"command": `sh,-c,echo "$HOME" \\ <é>`},
			`{"version":"1.0","steps":[{"action":{"name":"Run-Command","type":"runCommand","input":{"command":"sh,-c,echo \"$HOME\" \\\\ <é>"},"runAsUser":""}}]}`,
		},
		{
			"a value may have placeholders that are resolved later", "AWS-Run-Command",
			map[string]string{"command": "${aws:iot:package::version::attributes:c} ${aws:iot:s3-presigned-url:u}"},
			`{"version":"1.0","steps":[{"action":{"name":"Run-Command","type":"runCommand","input":{"command":"${aws:iot:package::version::attributes:c} ${aws:iot:s3-presigned-url:u}"},"runAsUser":""}}]}`,
		},
		{
			"an application", "AWS-Install-Application",
			map[string]string{"packages": "wget curl"},
			`{"version":"1.0","steps":[{"action":{"name":"Install-Application","type":"runHandler","input":{"handler":"install-packages.sh",` +
				`"args":["wget curl"],"path":""},"runAsUser":""}}]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if doc, err := find(t, c.template).Fill(c.values); err != nil || string(doc) != c.want {
				t.Errorf("got %s, %v\nwant %s", doc, err, c.want)
			}
		})
	}
}

func TestHandlersAreThoseOfTheDeviceClient(t *testing.T) {
	handlers := map[string]string{}
	for _, m := range Builtin() {
		if part := regexp.MustCompile(`"handler":"([^"]+)"`).FindSubmatch(m.Document); part != nil {
			handlers[m.Name] = string(part[1])
		}
	}
	want := map[string]string{
		"AWS-Reboot": "reboot.sh", "AWS-Download-File": "download-file.sh",
		"AWS-Install-Application": "install-packages.sh", "AWS-Remove-Application": "remove-packages.sh",
		"AWS-Start-Application": "start-services.sh", "AWS-Stop-Application": "stop-services.sh", "AWS-Restart-Application": "restart-services.sh",
	}
	if !maps.Equal(handlers, want) {
		t.Errorf("they are %v, want %v", handlers, want)
	}
}

// spec: job-lifecycle.md#81-validation-in-this-order-order-is-a-decision
func TestValuesThatAreRefused(t *testing.T) {
	long := strings.Repeat("ü", 4096)
	for _, c := range []struct {
		name   string
		values map[string]string
		want   string
	}{
		{"good ones", map[string]string{"downloadUrl": "u", "filePath": "f"}, ""},
		{"the longest path", map[string]string{"downloadUrl": "u", "filePath": "f", "pathToHandler": long}, ""},
		{"one that is needed is missing", map[string]string{"downloadUrl": "u"}, "Value null at 'documentParameters.filePath' is not allowed: job template AWS-Download-File:1.0 needs it"},
		{"none", nil, "Value null at 'documentParameters.downloadUrl'"},
		{"one that nobody knows", map[string]string{"downloadUrl": "u", "filePath": "f", "path": "/"}, "'documentParameters.path' is not allowed"},
		{"a key in other letters", map[string]string{"downloadURL": "u", "filePath": "f"}, "'documentParameters.downloadURL'"},
		{"a user of 257 characters", map[string]string{"downloadUrl": "u", "filePath": "f", "runAsUser": long[:514]}, "must match (.){0,256}"},
		{"a path of 4,097 characters", map[string]string{"downloadUrl": "u", "filePath": "f", "pathToHandler": long + "x"}, "must match (.){0,4096}"},
		{"two lines", map[string]string{"downloadUrl": "u\n", "filePath": "f"}, `Value "u\n" at 'documentParameters.downloadUrl'`},
		{"a placeholder of a parameter", map[string]string{"downloadUrl": "u", "filePath": "${aws:iot:parameter:runAsUser}"}, "Value at 'documentParameters.filePath' is not allowed: placeholder ${aws:iot:parameter:...}"},
		{"a placeholder that does not end", map[string]string{"downloadUrl": "${aws:iot:x", "filePath": "f"}, "Value at 'documentParameters.downloadUrl' is not allowed: a placeholder in it is not terminated"},
		{"a placeholder within another", map[string]string{"downloadUrl": "${aws:iot:x:${aws:iot:package::version::attributes:c}}", "filePath": "f"}, "Value at 'documentParameters.downloadUrl' is not allowed: placeholder ${aws:iot:package:...}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := find(t, "AWS-Download-File").Fill(c.values)
			if c.want == "" && err != nil || c.want != "" && (!fault.Is(err, fault.InvalidRequest) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("answered %v, want %q", err, c.want)
			}
		})
	}
}

func TestWhatMatchesAPattern(t *testing.T) {
	for _, c := range []struct {
		regex, value string
		want         bool
	}{
		{"(.*?)", "", true},
		{"(.*?)", "a b", true},
		{"(.*?)", "a\nb", false},
		{"[a-c]+", "abc", true},
		{"[a-c]+", "abcd", false},
		{"a|b", "b", true},
		{"a|b", "ab", false},
		{"(.){2,3}", "é", false},
		{"(.){2,3}", "éé", true},
		{"(.){2,3}", "éééé", false},
		{"(.){0,4096}", strings.Repeat("x", 4096), true},
		{"(.){0,4096}", strings.Repeat("x", 4097), false},
	} {
		fits, err := matcher(c.regex)
		if err != nil || fits(c.value) != c.want {
			t.Errorf("%q matches %.10q…: %v, %v", c.regex, c.value, !c.want, err)
		}
	}
	if _, err := matcher("("); err == nil {
		t.Error("a pattern that is none is taken")
	}
}

// read is refused what Builtin would panic at.
func TestFilesThatAreNoTemplate(t *testing.T) {
	for _, text := range []string{``, `[]`, `{"document":{}`, `{"document":{},"documentParameters":[{"key":"k","regex":"("}]}`, `{}`} {
		if m, err := read([]byte(text)); err == nil {
			t.Errorf("%s is read as %+v", text, m)
		}
	}
}

// A device reads the very value that the operator gave.
func TestAnyValueArrivesAsItIs(t *testing.T) {
	m := find(t, "AWS-Run-Command")
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[^\n]*`).Draw(t, "value")
		wantArrived(t, m, value)
	})
}

func FuzzFill(f *testing.F) {
	for _, value := range []string{`"`, `\`, "${aws:iot:parameter:runAsUser}", "\u2028<&>", "\x00", "\xff", "}]}"} {
		f.Add(value)
	}
	m := find(f, "AWS-Run-Command")
	f.Fuzz(func(t *testing.T, value string) { wantArrived(t, m, value) })
}

// wantArrived: a value is refused, or it is what the filled document says.
func wantArrived(t interface{ Fatalf(string, ...any) }, m Template, value string) {
	doc, err := m.Fill(map[string]string{"command": value})
	if err != nil {
		if fault.Is(err, fault.InvalidRequest) && strings.Contains(err.Error(), "'documentParameters.command'") &&
			(strings.Contains(value, "\n") || strings.Contains(value, "${aws:iot:")) {
			return
		}
		t.Fatalf("%q is refused: %v", value, err)
	}
	var read struct {
		Steps []struct {
			Action struct{ Input struct{ Command string } }
		}
	}
	if err := json.Unmarshal(doc, &read); err != nil || len(read.Steps) != 1 || read.Steps[0].Action.Input.Command != string([]rune(value)) {
		t.Fatalf("%q arrives as %s, %v", value, doc, err)
	}
}

func TestATemplateIsFoundByNameAndVersion(t *testing.T) {
	s := Set{{Name: "a", Version: "1.0"}, {Name: "a", Version: "1.1"}, {Name: "b", Version: "1.0"}}
	for _, c := range []struct{ name, version, want string }{
		{"a", "", "a:1.1"},
		{"a", "1.0", "a:1.0"},
		{"b", "", "b:1.0"},
		{"b", "1.1", ""},
		{"c", "", ""},
		{"", "", ""},
	} {
		m, err := s.Find(c.name, c.version)
		if found := err == nil; found != (c.want != "") || found && m.ID() != c.want || !found && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s in version %q: %s, %v", c.name, c.version, m.ID(), err)
		}
	}
	if n := len(s.Named("a")); n != 2 || len(s.Named("")) != 3 || len(s.Named("c")) != 0 {
		t.Errorf("%d are named a", n)
	}
}
