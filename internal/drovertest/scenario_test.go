package drovertest

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"
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
