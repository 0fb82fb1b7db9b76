package control_test

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/drovertest"
)

func TestMain(m *testing.M) { drovertest.Main(m) }

var update = flag.Bool("update", false, "write the answers of the wire files into them")

func TestWire(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no wire files: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			drovertest.Scenario{Path: path, Door: drovertest.MQTT5, Update: *update}.Run(t)
		})
	}
}
