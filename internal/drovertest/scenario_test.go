package drovertest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the answers of the scenarios into their files")

func TestScenarios(t *testing.T) {
	for name, path := range scenarios(t, "testdata/scenarios/*.txt") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Scenario{Path: path, Door: MQTT5, Update: *update}.Run(t)
		})
	}
}

func TestCasesFromTheField(t *testing.T) {
	for name, path := range scenarios(t, "testdata/scenarios/cases/*.txt") {
		for _, door := range []Door{MQTT5, MQTT311} {
			t.Run(name+"/"+string(door), func(t *testing.T) {
				t.Parallel()
				Scenario{Path: path, Door: door, Update: *update && door == MQTT5}.Run(t)
			})
		}
	}
}

func scenarios(t *testing.T, pattern string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios in %s: %v", pattern, err)
	}
	named := map[string]string{}
	for _, path := range paths {
		named[strings.TrimSuffix(filepath.Base(path), ".txt")] = path
	}
	return named
}

func TestAScenarioIsTakenApartAndPutTogether(t *testing.T) {
	for name, path := range scenarios(t, "testdata/scenarios/*.txt") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		blocks, err := parseScenario(string(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var again strings.Builder
		for _, b := range blocks {
			again.WriteString(b.String())
		}
		if diff := cmp.Diff(string(text), again.String()); diff != "" {
			t.Errorf("%s (-file +again)\n%s", name, diff)
		}
	}
}

func TestCommandsAreSplitIntoWordsAndOptions(t *testing.T) {
	rows := []struct {
		line string
		args []string
		opts map[string]string
	}{
		{`advance 1m`, []string{"1m"}, map[string]string{}},
		{`  create-job a  on=x,y rate=5 `, []string{"a"}, map[string]string{"on": "x,y", "rate": "5"}},
		{`update t j FAILED details='{"a b":"1=2"}'`, []string{"t", "j", "FAILED"}, map[string]string{"details": `{"a b":"1=2"}`}},
		{`create-job 'with space' document=`, []string{"with space"}, map[string]string{"document": ""}},
		{`raw '{"a":"b=c"}' ''`, []string{`{"a":"b=c"}`, ""}, map[string]string{}},
	}
	for _, row := range rows {
		c, err := parseCommand(row.line)
		if err != nil {
			t.Errorf("%s: %v", row.line, err)
		}
		if diff := cmp.Diff(row.args, c.args); diff != "" {
			t.Errorf("%s: arguments (-want +got)\n%s", row.line, diff)
		}
		if diff := cmp.Diff(row.opts, c.opts); diff != "" {
			t.Errorf("%s: options (-want +got)\n%s", row.line, diff)
		}
	}
	for _, line := range []string{`a 'b`, `a b=1 b=2`} {
		if c, err := parseCommand(line); err == nil {
			t.Errorf("%s is %+v", line, c)
		}
	}
}
